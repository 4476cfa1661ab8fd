import { createHash } from 'node:crypto';
import type { Observation } from '../callback/observation.ts';
import { LAST_TIME } from '../callback/time.ts';
import { canonicalJson, type Json } from '../platform/json.ts';

/** Sorts before every digit, and so a replaced time before every claimed one. */
const REPLACED = '-';

/**
 * The position of an observation in the one total order of its facet, as text that compares like it: outcome rank,
 * then vendor time, then content hash. The highest one wins, in whatever order they arrive. The time counts backwards
 * where it is only the time of sending, and where it was replaced: then it is below every claimed time as well.
 */
export function facetOrder(observation: Observation): string {
  const { rank, value } = observation;
  return `${rank}#${timePosition(observation)}#${contentHash(value as unknown as Json)}`;
}

function timePosition({ at, isSendingTime, isReplacedTime }: Observation): string {
  const position = (time: number) => String(time).padStart(15, '0');
  if (isReplacedTime) return REPLACED + position(LAST_TIME - at);
  return position(isSendingTime ? LAST_TIME - at : at);
}

/** Whether the time in an order was replaced. */
export function hasReplacedTime(order: string): boolean {
  return order.startsWith(REPLACED, rankPrefix(0).length);
}

/** The beginning of every `facetOrder` of a rank. */
export function rankPrefix(rank: number): string {
  return `${rank}#`;
}

/** 16 hex digits that are equal for equal JSON values, whatever the order of their members. */
export function contentHash(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
