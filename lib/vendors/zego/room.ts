import type { Observed } from '../../callback/callback.ts';
import type { RoomObservation } from '../../callback/observation.ts';
import { field, firstField, type JsonObject, text } from '../../platform/json.ts';
import { roomEvent as roomObservation } from '../common/observations.ts';
import { type EventKind, OTHER_EVENT, timeOf, type ZegoEvent } from './event.ts';

/** An event of a room: its name, the facet that it sets, and the fields of its time. */
type RoomEventRow = [event: string, facet: RoomObservation['facet'], timeFields: string[]];

/** The times are in ms but for `create_time`, which is in seconds. */
const ROWS: readonly RoomEventRow[] = [
  ['room_create', 'open', ['room_create_time']],
  ['room_close', 'close', ['room_close_time']],
  ['room_login', 'activity', ['login_time']],
  ['room_logout', 'activity', ['logout_time']],
  ['stream_create', 'activity', ['create_time_ms', 'create_time']],
  ['stream_close', 'activity', ['destroy_timemillis']],
];

/**
 * Rooms, and the users and streams in them.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/room/created and `room/destroyed`,
 * `room/logged-in`, `room/logged-out`, `stream/created`, `stream/destroyed`
 */
export const roomEvents: ReadonlyMap<string, EventKind> = new Map(
  ROWS.map(([event, facet, timeFields]) => [event, roomEvent(facet, timeFields)]),
);

function roomEvent(facet: RoomObservation['facet'], timeFields: readonly string[]): EventKind {
  return {
    ...OTHER_EVENT,
    taskIdOf: () => undefined,
    happenedAt: (body) => firstTime(body, timeFields),
    observe: (event) => observe(event, facet),
  };
}

function observe({ body, at }: ZegoEvent, facet: RoomObservation['facet']): Observed {
  const roomId = OTHER_EVENT.roomIdOf(body);
  if (roomId === undefined) return 'missing_room_id';
  // The same id of the room's life has two names. `session_id` is another one: of the user's stay.
  const sessionId = text(firstField(body, 'room_session_id', 'room_seq'));
  return [roomObservation(roomId, at, facet, { sessionId })];
}

function firstTime(body: JsonObject, names: readonly string[]): number | undefined {
  return names.map((name) => timeOf(field(body, name))).find((time) => time !== undefined);
}
