import type { Observed } from '../../callback/callback.ts';
import type { Outcome } from '../../callback/observation.ts';
import { RANK } from '../../callback/rank.ts';
import { field, type Json, text } from '../../platform/json.ts';
import { codeOf, targetPhase, taskPhase } from '../common/observations.ts';
import { type Phase, phaseObservation, statusOf, type TaskEvent, taskGroup } from './task.ts';

/** `PUBLISH_CDN_STREAM_STATE_…`. Connecting (1), recovering (3) and disconnecting (5) are no outcome. */
const PHASES: ReadonlyMap<number | undefined, Phase> = new Map([
  [0, { facet: 'end', status: 'ended' }],
  [2, { facet: 'start', status: 'started' }],
  // Idle follows a failure too, and must not hide it.
  [4, { facet: 'end', status: 'failed', rank: RANK.specific }],
]);

/**
 * Group 4, relay to CDN. A relay restarts after an interruption, so that it has started when it last did. One
 * task may push to several URLs: each is a target of it.
 * https://trtc.io/document/54913
 */
export const relayGroup = taskGroup('live', new Map([[401, relay]]));

function relay(event: TaskEvent): Observed {
  const { payload } = event;
  const phase = PHASES.get(statusOf(payload));
  if (phase === undefined) return [];
  const url = text(field(payload, 'Url'));
  if (url === undefined) return [phaseObservation(event, phase, outcomeOf(payload))];
  const { facet, status, rank } = phase;
  const value = { status, ...outcomeOf(payload) };
  return [
    taskPhase(event, facet, { ...value, parts: 'targets' }, rank),
    targetPhase(event, url, facet, value, rank),
  ];
}

function outcomeOf(payload: Json | undefined): Outcome {
  return { code: codeOf(field(payload, 'ErrorCode')), message: text(field(payload, 'ErrorMsg')) };
}
