import type { Observed, QuarantineReason } from '../../callback/callback.ts';
import type { TaskContext, TaskKind } from '../../callback/observation.ts';
import { field, type JsonObject, number, text } from '../../platform/json.ts';
import type { TaskEvent } from '../common/observations.ts';
import type { RecognisedCallback } from '../common/parser.ts';

/** The marks of the RongCloud services whose callbacks are of tasks. */
export interface Service {
  /** The kind of its tasks. */
  kind: TaskKind;
  names: FieldNames;
  taskIdOf(body: JsonObject): string | undefined;
  /** What its callbacks say of their task besides the ids that all services have. */
  detailsOf?(body: JsonObject): Pick<TaskContext, 'mode' | 'extra'>;
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
export interface ServiceCallback extends TaskEvent {
  body: JsonObject;
}

/** The names of every service but the cloud player. */
export const CAMEL_CASE: FieldNames = { roomId: 'roomId', sessionId: 'sessionId', userId: 'userId' };

/** The names of the cloud player, which gives no session. */
export const SNAKE_CASE: FieldNames = { roomId: 'room_id', sessionId: 'session_id', userId: 'user_id' };

/** Which callback of a service a body is. */
export type Recognise = (
  body: JsonObject,
) => Omit<RecognisedCallback, 'happenedAt' | 'identity' | 'source'> | QuarantineReason;

/** Recognises the callbacks of a service. One of an unknown `type` is kept as an event of its task. */
export function serviceRecogniser(service: Service): Recognise {
  const { kind, names, types, keepsRoomEvents } = service;
  return (body) => {
    const type = number(field(body, 'type'));
    const observe = types.get(type ?? 0);
    const taskId = service.taskIdOf(body);
    const roomId = text(field(body, names.roomId));
    const isRoomEvent = observe === undefined && roomId !== undefined && keepsRoomEvents;
    if (taskId === undefined && !isRoomEvent) return 'missing_task_id';
    return {
      type: `${kind} ${type ?? 'unknown'}`,
      kind,
      taskId,
      roomId,
      observe: (at) =>
        taskId === undefined || observe === undefined
          ? []
          : observe({ body, taskId, at, task: contextOf(service, body) }),
    };
  };
}

function contextOf({ kind, names, detailsOf }: Service, body: JsonObject): TaskContext {
  return {
    kind,
    roomId: text(field(body, names.roomId)),
    sessionId: text(field(body, names.sessionId)),
    userId: text(field(body, names.userId)),
    ...detailsOf?.(body),
  };
}

/**
 * The id of a task that the vendor gives none: two ids joined by a slash, as in `room_1/player_1`. A slash in
 * the first one is escaped, so that no two pairs give the same id.
 */
export function joinedId(first: string, second: string): string {
  return `${first.replace(/[%/]/g, encodeURIComponent)}/${second}`;
}
