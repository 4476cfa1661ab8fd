import type { Observed } from '../../callback/callback.ts';
import { field, number } from '../../platform/json.ts';
import { taskRisk } from '../common/observations.ts';
import { START_PHASES, userIdOf } from './slicing.ts';
import {
  leaveOutcome,
  phaseByStatus,
  phaseObservation,
  statusOf,
  type TaskEvent,
  taskGroup,
} from './task.ts';

/** `Suggest` of 1104; the position is the rank. */
const SUGGESTIONS = ['pass', 'review', 'block'];

/**
 * Group 11, cloud content understanding: moderation of the slices of a room. Its own failures (1103, 1105, 1106) are
 * events: they do not say that the task is over.
 * https://trtc.io/document/73394
 */
export const contentUnderstandingGroup = taskGroup(
  'moderation',
  new Map([
    [1101, phaseByStatus(START_PHASES, (payload) => ({ code: statusOf(payload) }))],
    [1102, observeEnd],
    [1104, observeResult],
  ]),
);

function observeEnd(event: TaskEvent): Observed {
  return [phaseObservation(event, { facet: 'end', status: 'ended' }, leaveOutcome(event.payload))];
}

function observeResult(event: TaskEvent): Observed {
  const suggestion = number(field(event.payload, 'Suggest')) ?? -1;
  const riskLevel = SUGGESTIONS[suggestion];
  if (riskLevel === undefined) return [];
  return [taskRisk({ ...event, task: { ...event.task, userId: userIdOf(event) } }, riskLevel, suggestion)];
}
