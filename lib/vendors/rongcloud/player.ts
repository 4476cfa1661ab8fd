import type { Observed } from '../../callback/callback.ts';
import type { TaskFacet } from '../../callback/observation.ts';
import { field, type JsonObject, text } from '../../platform/json.ts';
import { codeOf, taskPhase } from '../common/observations.ts';
import { joinedId, type ServiceCallback, SNAKE_CASE, serviceRecogniser } from './service.ts';

/** What the vendor says of each `code`. */
const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['10000', 'Normal'],
  ['61000', 'Unsupported HTTP request'],
  ['61010', 'Invalid HTTP request header'],
  ['61011', 'Invalid HTTP request body'],
  ['61012', 'Field value validation failed'],
  ['61013', 'Signal server timeout'],
  ['61014', 'Media server timeout'],
  ['61015', 'Abnormal room exit'],
  ['61017', 'RTC publishing succeeded'],
  ['61101', 'Cannot pull the stream'],
  ['61102', 'Error while pulling the stream, reconnecting'],
  ['61103', 'Reconnecting failed three times'],
]);

/** The codes among these that are no failures. */
const SUCCESS_CODES = ['10000', '61017'];

/**
 * Cloud Player: a stream from outside that is played into a room as a user of it. The vendor gives no task id,
 * so the task is the playing user within the room: `room_id` and `user_id`, as in `room_1/player_1`. What is
 * played there again is the same task, started again.
 * https://docs.rongcloud.io/server-rtc-api/cloud-player/callback
 */
export const recognisePlayer = serviceRecogniser({
  kind: 'player',
  names: SNAKE_CASE,
  taskIdOf,
  // Types 4, interrupted and reconnecting, and 5, the state of publishing, are events and nothing more.
  types: new Map([
    [1, (callback) => playing(callback, 'start', 'started')],
    [2, (callback) => playing(callback, 'end', isFailure(callback.body) ? 'failed' : 'ended')],
    [3, (callback) => playing(callback, 'start', 'failed')],
  ]),
  keepsRoomEvents: true,
});

function taskIdOf(body: JsonObject): string | undefined {
  const roomId = text(field(body, 'room_id'));
  const userId = text(field(body, 'user_id'));
  return roomId === undefined || userId === undefined ? undefined : joinedId(roomId, userId);
}

function playing(callback: ServiceCallback, facet: 'start' | 'end', status: TaskFacet['status']): Observed {
  const code = codeOf(field(callback.body, 'code'));
  return [taskPhase(callback, facet, { status, code, message: MESSAGES.get(String(code)) })];
}

/** Whether the code is one of the vendor's failures, such as a third failed reconnection. */
function isFailure(body: JsonObject): boolean {
  const code = String(codeOf(field(body, 'code')));
  return MESSAGES.has(code) && !SUCCESS_CODES.includes(code);
}
