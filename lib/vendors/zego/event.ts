import type { Observed } from '../../callback/callback.ts';
import type { TaskKind } from '../../callback/observation.ts';
import { timeMs, unixTimeMs } from '../../callback/time.ts';
import { field, firstField, type Json, type JsonObject, parseJson, text } from '../../platform/json.ts';
import type { TaskEvent as CommonEvent } from '../common/observations.ts';

/** A ZEGOCLOUD callback as its kind of event sees it. */
export interface ZegoEvent {
  body: JsonObject;
  /** Unix time in ms at which it happened; else was sent, else received. */
  at: number;
}

/** A callback that names its task. */
export interface TaskEvent extends ZegoEvent, CommonEvent {}

/** The same callback of a task that one user is in. */
export function withUser(event: TaskEvent, userId: string | undefined): TaskEvent {
  return { ...event, task: { ...event.task, userId } };
}

/** What is known of one kind of event. */
export interface EventKind {
  taskIdOf(body: JsonObject): string | undefined;
  roomIdOf(body: JsonObject): string | undefined;
  /** What its task is. */
  kindOf(body: JsonObject): TaskKind | undefined;
  /** Unix time in ms at which it happened, where the callback says more than when it was sent. */
  happenedAt(body: JsonObject): number | undefined;
  /** Whether a task may go through it again: then the latest one counts, and not a repeated sending of the first. */
  repeats: boolean;
  /** What an event says of tasks, files and rooms. */
  observe(event: ZegoEvent): Observed;
}

/** `task_id`, or `TaskId` in the capitalised callbacks. */
export function taskIdOf(body: JsonObject): string | undefined {
  return text(firstField(body, 'task_id', 'TaskId'));
}

/** `room_id`, `RoomId`, `channel_id`, which means the same, or `RoomId` inside `AuxInfo` of moderation. */
export function roomIdOf(body: JsonObject): string | undefined {
  const auxInfo = unpacked(field(body, 'AuxInfo'));
  return text(firstField(body, 'room_id', 'RoomId', 'channel_id') ?? field(auxInfo, 'RoomId'));
}

/** An event that says nothing of state: kept as an event of the task or the room. */
export const OTHER_EVENT: EventKind = {
  taskIdOf,
  roomIdOf,
  kindOf: () => undefined,
  happenedAt: () => undefined,
  repeats: false,
  observe: () => [],
};

/** How a kind of event finds what most others have in the usual place. */
type Differences = Partial<Pick<EventKind, 'taskIdOf' | 'roomIdOf' | 'happenedAt' | 'repeats'>>;

/** An event of a task, which it has to name. */
export function taskEvent(
  kind: TaskKind | ((body: JsonObject) => TaskKind | undefined),
  observe: (event: TaskEvent) => Observed,
  differences: Differences = {},
): EventKind {
  const kindOf = typeof kind === 'function' ? kind : () => kind;
  const common = { ...OTHER_EVENT, ...differences };
  return {
    ...common,
    kindOf,
    observe(event) {
      const taskId = common.taskIdOf(event.body);
      if (taskId === undefined) return 'missing_task_id';
      const task = { kind: kindOf(event.body), roomId: common.roomIdOf(event.body) };
      return observe({ ...event, taskId, task });
    },
  };
}

/** The time of sending, as Unix time in ms; `timestamp` is in seconds in most callbacks. */
export function sentAt(body: JsonObject): number | undefined {
  return timeOf(firstField(body, 'timestamp', 'Timestamp'));
}

/** A Unix time in seconds or ms, as digits or a number, in ms. Zero is a time that was not set. */
export function timeOf(value: Json | undefined): number | undefined {
  const digits = text(value)?.replace(/^0+/, '') ?? '';
  return timeMs(unixTimeMs(digits));
}

/** What is inside a string that holds JSON; every other value, and other text, as it is. */
export function unpacked(value: Json | undefined): Json | undefined {
  return typeof value === 'string' ? (parseJson(value) ?? value) : value;
}
