import type { Observed } from '../../callback/callback.ts';
import type { TaskKind } from '../../callback/observation.ts';
import type { Claim } from '../../callback/time.ts';
import { field, firstField, type JsonObject, text } from '../../platform/json.ts';

/** A TRTC callback as its event group sees it. */
export interface TencentEvent {
  type: number | undefined;
  /** `EventInfo`; an empty object when the callback has none. */
  info: JsonObject;
  /** Unix time in ms at which it happened, or was received when the callback does not say. */
  at: number;
}

/** What an event group knows of its callbacks. */
export interface EventGroup {
  /** What its tasks are; absent where it has none, or where no other callback names them. */
  kind?: TaskKind;
  /** The task that an event belongs to. */
  taskIdOf(info: JsonObject): string | undefined;
  /** What an event says of tasks, files and rooms. */
  observe(event: TencentEvent): Observed;
}

/** `TaskId`, as all groups but the screenshots have it. */
export function taskIdOf(info: JsonObject): string | undefined {
  return text(field(info, 'TaskId'));
}

/** The room, as text: its JSON type changes between events of one room. */
export function roomIdOf(info: JsonObject): string | undefined {
  return text(firstField(info, 'RoomId', 'roomID'));
}

/**
 * When it happened, the best claim first: `EventMsTs` (`EventTsMs` in the sample of group 4, `timestamp` in
 * screenshots), else `EventTs`, which is in seconds. Either may be a number or text.
 */
export function happenedAt(info: JsonObject): Claim[] {
  return ['EventMsTs', 'EventTsMs', 'timestamp', 'EventTs'].map((name) => text(field(info, name)));
}
