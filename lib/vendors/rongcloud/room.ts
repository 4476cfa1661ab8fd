import type { Parse } from '../../callback/callback.ts';
import type { RoomObservation } from '../../callback/observation.ts';
import { field, number, text } from '../../platform/json.ts';
import { happenedAt, readBody } from './body.ts';

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
export const parseRoom: Parse = (bytes, context) => {
  const body = readBody(bytes, context);
  if (typeof body === 'string') return { ok: false, reason: body };
  const roomId = text(field(body, 'roomId')) ?? text(field(body, 'channelId'));
  if (roomId === undefined) return { ok: false, reason: 'missing_room_id' };

  const event = number(field(body, 'event'));
  const at = happenedAt(body);
  const observation: RoomObservation = {
    entity: 'room',
    roomId,
    facet: FACETS.get(event ?? 0) ?? 'activity',
    rank: 0,
    at: at ?? context.sentAt,
    value: { sessionId: text(field(body, 'sessionId')) },
  };
  return {
    ok: true,
    event: { type: `room ${event ?? 'unknown'}`, at, roomId, identity: body },
    observations: [observation],
  };
};
