import type { Outcome } from '../../callback/observation.ts';
import { RANK } from '../../callback/rank.ts';
import { field, type Json, text } from '../../platform/json.ts';
import { type Observe, type Phase, phaseByStatus, phaseObservation, statusOf, taskGroup } from './task.ts';

/** `Status` of 801. The service handles an abnormal exit (3) and a migration (4) by itself. */
const START_PHASES: ReadonlyMap<number | undefined, Phase> = new Map([
  [1, { facet: 'start', status: 'started' }],
  [2, { facet: 'start', status: 'failed' }],
  [5, { facet: 'end', status: 'failed', rank: RANK.decisive }],
]);

/** 802 */
const STOPPED: Phase = { facet: 'end', status: 'ended', filesFollow: true };

/** 804, whose message says more than the `Success` of an 802. */
const LIMIT_REACHED: Phase = { facet: 'end', status: 'ended', rank: RANK.specific, filesFollow: true };

/** The types with facts of the task. A status update (803) has none. */
const TYPES: ReadonlyMap<number, Observe> = new Map([
  [801, phaseByStatus(START_PHASES, outcomeOf)],
  [802, (event) => [phaseObservation(event, STOPPED, outcomeOf(event.payload))]],
  [804, (event) => [phaseObservation(event, LIMIT_REACHED, outcomeOf(event.payload))]],
]);

/**
 * Group 8, web page recording. It names no room; its files follow as events of group 3 (311, 312).
 * https://trtc.io/document/54914
 */
export const webRecordingGroup = taskGroup('recording', TYPES);

function outcomeOf(payload: Json | undefined): Outcome {
  return { code: statusOf(payload), message: text(field(payload, 'EventMessage')) };
}
