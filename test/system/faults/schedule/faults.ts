import { createHash } from 'node:crypto';
import type { Fault, ProxiedRequest } from '../../../support/fault-proxy.ts';

/** What the schedule has planned for a request. `crash` ends the consumer before or after the request is done. */
export type PlannedFault = Fault | 'crash before' | 'crash after';

/** The kinds of faults, and how many of ten thousand requests meet one. A death costs the most: all that is under way. */
const PER_TEN_THOUSAND: readonly [kind: Exclude<PlannedFault, object> | 'delay', share: number][] = [
  ['throttle', 80],
  ['throughput', 60],
  ['500', 120],
  ['503', 120],
  ['drop before', 140],
  ['drop after', 140],
  ['half answer', 120],
  ['delay', 200],
  ['stall before', 10],
  ['stall after', 10],
  ['crash before', 8],
  ['crash after', 8],
];

/** The most attempts in a row that a fault lasts for: an SDK's call has four, so that some calls fail. */
const LONGEST = 8;

/** Chooses what goes wrong with the requests of one consumer, and counts it. */
export interface FaultSchedule {
  faultOf(request: ProxiedRequest): PlannedFault | undefined;
  /** How many faults there were, by kind. */
  counts: Map<string, number>;
  requests: number;
}

/**
 * The fault of a request follows from the seed, the consumer's name, what is asked for, and how many times this very
 * thing was asked for before: not from time or from what else is under way.
 */
export function createFaultSchedule(seed: number, consumer: string): FaultSchedule {
  const seen = new Map<string, number>();
  const counts = new Map<string, number>();
  const schedule: FaultSchedule = {
    counts,
    requests: 0,
    faultOf({ operation, body }) {
      schedule.requests += 1;
      // The port of an embedded service is another one in every run.
      const content = body.replace(/"QueueUrl":"[^"]*"/, '');
      const hash = createHash('sha256').update(`${seed} ${consumer} ${operation} ${content}`).digest();
      const key = hash.toString('base64');
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      const kind = kindOf(hash.readUInt32BE(0));
      if (kind === undefined || count >= lengthOf(kind, hash)) return undefined;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return kind === 'delay' ? { delayMs: 1 + ((hash[8] ?? 0) % 30) } : kind;
    },
  };
  return schedule;
}

function kindOf(number: number): (typeof PER_TEN_THOUSAND)[number][0] | undefined {
  let rest = number % 10_000;
  for (const [kind, share] of PER_TEN_THOUSAND) {
    if (rest < share) return kind;
    rest -= share;
  }
  return undefined;
}

/** Half of the faults hit one attempt; of the others some outlast a call. */
function lengthOf(kind: string, hash: Buffer): number {
  if (kind.startsWith('crash')) return 1;
  const [half = 0, length = 0] = hash.subarray(4, 6);
  return half < 128 ? 1 : 1 + (length % LONGEST);
}
