import type { Observed } from '../../callback/callback.ts';
import { field, firstField, number, text } from '../../platform/json.ts';
import { fileUpload } from '../common/observations.ts';
import { type EventGroup, roomIdOf, type TencentEvent } from './event.ts';

/** `EVENT_TYPE_VIDEO_SCREENSHOT` */
const VIDEO_SCREENSHOT = 601;

/**
 * Group 6, video screenshot: one uploaded picture per callback. There is no task id, so the task is the room;
 * the file is named after the event.
 * https://trtc.io/document/64802
 */
export const screenshotGroup: EventGroup = { kind: 'screenshot', taskIdOf: roomIdOf, observe };

function observe({ type, info, at }: TencentEvent): Observed {
  const roomId = roomIdOf(info);
  // The vendor's table says `eventId`, its sample `eventID`.
  const name = text(firstField(info, 'eventID', 'eventId', 'pictureURL'));
  if (type !== VIDEO_SCREENSHOT) return [];
  if (roomId === undefined) return 'missing_room_id';
  if (name === undefined) return 'missing_file_name';

  const code = number(field(info, 'code'));
  const task = { kind: 'screenshot', roomId, extra: text(field(info, 'callbackData')) } as const;
  return [
    fileUpload({ taskId: roomId, at, task }, name, {
      status: code === undefined || code === 0 ? 'uploaded' : 'upload_failed',
      code,
      message: text(field(info, 'msg')),
      url: text(field(info, 'pictureURL')),
      userId: text(field(info, 'userID')),
    }),
  ];
}
