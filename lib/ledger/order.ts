import { createHash } from 'node:crypto';
import type { Observation } from '../callback/observation.ts';
import { LAST_TIME } from '../callback/time.ts';
import { canonicalJson, type Json } from '../platform/json.ts';

/**
 * The position of an observation in the one total order of its facet, as text that compares like it:
 * outcome rank, then vendor time (backwards where it is only the time of sending), then content hash. The
 * highest one wins, in whatever order they arrive.
 */
export function facetOrder(observation: Observation): string {
  const time = observation.isSendingTime ? LAST_TIME - observation.at : observation.at;
  return `${observation.rank}#${String(time).padStart(15, '0')}#${contentHash(observation.value as unknown as Json)}`;
}

/** The beginning of every `facetOrder` of a rank. */
export function rankPrefix(rank: number): string {
  return `${rank}#`;
}

/** 16 hex digits that are equal for equal JSON values, whatever the order of their members. */
export function contentHash(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
