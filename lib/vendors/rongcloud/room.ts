import type { RoomObservation } from '../../callback/observation.ts';
import { field, number, text } from '../../platform/json.ts';
import { roomEvent } from '../common/observations.ts';
import type { Recognise } from './service.ts';

/** The values of `event` that open or close a room. Periodic syncs, members and resources are activity. */
const FACETS: ReadonlyMap<number, RoomObservation['facet']> = new Map([
  [2, 'open'],
  [3, 'close'],
]);

/**
 * Room Status Update, versions 1.0 (`channelId`) and 1.1 (`roomId`). Every callback is an event of its room and
 * moves the time of its last event, those of an unknown `event` included; there are no tasks.
 * https://docs.rongcloud.io/server-rtc-api/room/room-status-callback
 * https://docs.rongcloud.cn/v3/views/rtc/call/roomState/RTCRoomState.html
 */
export const recogniseRoom: Recognise = (body) => {
  const roomId = text(field(body, 'roomId')) ?? text(field(body, 'channelId'));
  if (roomId === undefined) return 'missing_room_id';
  const event = number(field(body, 'event'));
  const facet = FACETS.get(event ?? 0) ?? 'activity';
  const sessionId = text(field(body, 'sessionId'));
  return {
    type: `room ${event ?? 'unknown'}`,
    roomId,
    observe: (at) => [roomEvent(roomId, at, facet, { sessionId })],
  };
};
