import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../json.ts';
import type { Observation } from './observation.ts';

/** The end of the year 9998, in ms: a deadline after it still has a four-digit year and sorts as ISO 8601 text. */
const LAST_TIME = Date.UTC(9998, 11, 31, 23, 59, 59, 999);

/** `value` as a Unix time in ms if it is one between 1970 and 9998. */
export function timeMs(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value <= LAST_TIME ? Math.trunc(value) : undefined;
}

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
