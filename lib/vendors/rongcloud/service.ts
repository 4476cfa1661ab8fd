import type { Observed, Parse } from '../../callback/callback.ts';
import type { Observation, TaskContext, TaskFacet, TaskKind } from '../../callback/observation.ts';
import { field, type JsonObject, number, text } from '../../platform/json.ts';
import { happenedAt, readBody } from './body.ts';

/** What tells one RongCloud service from another whose callbacks are of tasks. */
export interface Service {
  /** The kind of its tasks. */
  kind: TaskKind;
  names: FieldNames;
  taskIdOf(body: JsonObject): string | undefined;
  /** What each `type` of callback says of tasks and files. Every other type is an event and nothing more. */
  types: ReadonlyMap<number, (callback: ServiceCallback) => Observed>;
  /** Whether a callback that is an event and nothing more is its room's where it names no task. */
  keepsRoomEvents: boolean;
}

/** The names under which a service gives what all services have. */
export interface FieldNames {
  roomId: string;
  sessionId: string;
  userId: string;
}

/** A callback as its type sees it. */
export interface ServiceCallback {
  service: Service;
  body: JsonObject;
  taskId: string;
  /** Unix time in ms at which it happened, or was received when it does not say. */
  at: number;
}

/** The names of every service but the cloud player. */
export const CAMEL_CASE: FieldNames = { roomId: 'roomId', sessionId: 'sessionId', userId: 'userId' };

/** The names of the cloud player, which gives no session. */
export const SNAKE_CASE: FieldNames = { roomId: 'room_id', sessionId: 'session_id', userId: 'user_id' };

/** The parser of a service. A callback of an unknown `type` is kept as an event of its task. */
export function serviceParser(service: Service): Parse {
  return (bytes, context) => {
    const body = readBody(bytes, context);
    if (typeof body === 'string') return { ok: false, reason: body };
    const type = number(field(body, 'type'));
    const observe = service.types.get(type ?? 0);
    const taskId = service.taskIdOf(body);
    const roomId = text(field(body, service.names.roomId));
    const isRoomEvent = observe === undefined && roomId !== undefined && service.keepsRoomEvents;
    if (taskId === undefined && !isRoomEvent) return { ok: false, reason: 'missing_task_id' };

    const at = happenedAt(body);
    const isEventOnly = taskId === undefined || observe === undefined;
    const observed = isEventOnly ? [] : observe({ service, body, taskId, at: at ?? context.sentAt });
    if (typeof observed === 'string') return { ok: false, reason: observed };
    const event = {
      type: `${service.kind} ${type ?? 'unknown'}`,
      at,
      taskId,
      roomId,
      kind: service.kind,
      identity: body,
    };
    return { ok: true, event, observations: observed };
  };
}

/** The start or the end of a task. */
export function phaseOf(
  { taskId, at }: ServiceCallback,
  facet: 'start' | 'end',
  value: TaskFacet,
): Observation {
  return { entity: 'task', taskId, facet, rank: 0, at, value };
}

/** What the callback tells of its task besides the news. */
export function contextOf({ service: { kind, names }, body }: ServiceCallback): TaskContext {
  return {
    kind,
    roomId: text(field(body, names.roomId)),
    sessionId: text(field(body, names.sessionId)),
    userId: text(field(body, names.userId)),
  };
}

/**
 * The id of a task that the vendor gives none: two ids joined by a slash, as in `room_1/player_1`. A slash in
 * the first one is escaped, so that no two pairs give the same id.
 */
export function joinedId(first: string, second: string): string {
  return `${first.replace(/[%/]/g, encodeURIComponent)}/${second}`;
}
