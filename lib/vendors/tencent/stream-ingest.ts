import type { JsonObject } from '../../platform/json.ts';
import { type Phase, phaseByStatus, statusOf, taskGroup } from './task.ts';

/** `Status` of 701. A new attempt (2) is no outcome: another 701 follows. */
const START_PHASES: ReadonlyMap<number | undefined, Phase> = new Map([
  [0, { facet: 'start', status: 'started' }],
  [1, { facet: 'start', status: 'failed' }],
]);

/** `Status` of 702. */
const END_PHASES: ReadonlyMap<number | undefined, Phase> = new Map([[0, { facet: 'end', status: 'ended' }]]);

/**
 * Group 7, an online media stream pushed into a room. `Status` is in `EventInfo` itself, which names no room.
 * https://trtc.io/document/62717
 */
export const streamIngestGroup = taskGroup(
  'live',
  new Map([
    [701, phaseByStatus(START_PHASES, (payload) => ({ code: statusOf(payload) }))],
    [702, phaseByStatus(END_PHASES, (payload) => ({ code: statusOf(payload) }))],
  ]),
  (info: JsonObject) => info,
);
