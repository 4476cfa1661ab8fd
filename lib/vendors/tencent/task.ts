import type { Observed } from '../../callback/callback.ts';
import type { Observation, Outcome, TaskFacet, TaskKind } from '../../callback/observation.ts';
import { field, firstField, type Json, type JsonObject, number } from '../../platform/json.ts';
import { type TaskEvent as CommonEvent, taskPhase } from '../common/observations.ts';
import { type EventGroup, roomIdOf, taskIdOf } from './event.ts';

/** An event of a task, as groups 3, 4 and 8 have them. */
export interface TaskEvent extends CommonEvent {
  /** `EventInfo` */
  info: JsonObject;
  /** `Payload`, or what stands in its place */
  payload: Json | undefined;
}

/** What a type of event says of the task and its files. */
export type Observe = (event: TaskEvent) => Observed;

/**
 * A group whose events are of tasks. A type that is not in the table is kept as an event. `UserId` beside
 * `TaskId` is the vendor's robot, so it is not the task's user.
 */
export function taskGroup(
  kind: TaskKind,
  types: ReadonlyMap<number | undefined, Observe>,
  payloadOf: (info: JsonObject) => Json | undefined = (info) => field(info, 'Payload'),
): EventGroup {
  return {
    kind,
    taskIdOf,
    observe({ type, info, at }) {
      const observe = types.get(type);
      if (observe === undefined) return [];
      const taskId = taskIdOf(info);
      if (taskId === undefined) return 'missing_task_id';
      const task = { kind, roomId: roomIdOf(info) };
      return observe({ taskId, at, task, info, payload: payloadOf(info) });
    },
  };
}

/** That a task has started or ended, in one way or another. */
export interface Phase {
  facet: 'start' | 'end';
  status: TaskFacet['status'];
  /** Of several ends the one of the highest rank counts: it says the most of why the task ended. */
  rank?: number;
  /** Whether the uploads of the task's files follow it. */
  filesFollow?: boolean;
}

/** A type whose `Status` is the phase. A status that is not in the table is kept as an event. */
export function phaseByStatus(
  phases: ReadonlyMap<number | undefined, Phase>,
  outcomeOf: (payload: Json | undefined) => Outcome,
): Observe {
  return (event) => {
    const phase = phases.get(statusOf(event.payload));
    return phase === undefined ? [] : [phaseObservation(event, phase, outcomeOf(event.payload))];
  };
}

/** The observation that a task is in a phase. */
export function phaseObservation(event: TaskEvent, phase: Phase, outcome: Outcome): Observation {
  const { facet, status, rank, filesFollow } = phase;
  return taskPhase(event, facet, { status, ...outcome, filesFollow }, rank);
}

/** `Status`, which the current table of type 305 calls `LeaveCode`. 0 is success in group 3, 1 in group 8. */
export function statusOf(payload: Json | undefined): number | undefined {
  return number(firstField(payload, 'Status', 'LeaveCode'));
}

/** `LeaveCode` of the end of a recording, of slicing and of content understanding. */
const LEAVE_MESSAGES: ReadonlyMap<number | undefined, string> = new Map([
  [0, 'stopped by API'],
  [1, 'robot removed by the customer'],
  [2, 'room dismissed by the customer'],
  [3, 'robot removed by the server'],
  [4, 'room dismissed by the server'],
  [99, 'nobody else published for the idle time'],
  [100, 'room timeout'],
  [101, 'the same user entered again'],
]);

/** Why the robot of a task has left the room. */
export function leaveOutcome(payload: Json | undefined): Outcome {
  const code = number(field(payload, 'LeaveCode'));
  return { code, message: LEAVE_MESSAGES.get(code) };
}
