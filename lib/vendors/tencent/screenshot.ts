import type { Observed } from '../../callback/callback.ts';
import { field, firstField, number, text } from '../../platform/json.ts';
import { fileUpload, taskUpload } from '../common/observations.ts';
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

  const code = number(field(info, 'code'));
  const status = code === undefined || code === 0 ? 'uploaded' : 'upload_failed';
  const message = text(field(info, 'msg'));
  const task = { kind: 'screenshot', roomId, extra: text(field(info, 'callbackData')) } as const;
  const event = { taskId: roomId, at, task };
  if (name === undefined) {
    return status === 'upload_failed' ? [taskUpload(event, { status, code, message })] : 'missing_file_name';
  }
  return [
    fileUpload(event, name, {
      status,
      code,
      message,
      url: text(field(info, 'pictureURL')),
      userId: text(field(info, 'userID')),
    }),
  ];
}
