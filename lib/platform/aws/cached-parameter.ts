import type { ReadParameter } from './parameter.ts';

/** How long a value is used before it is read again, in ms. */
export const REFRESH_INTERVAL_MS = 5 * 60_000;

/** How often at most a mismatch makes the parameter be read again, in ms. */
const MISMATCH_INTERVAL_MS = 30_000;

/** How long a failure is kept while there is no value, in ms: one that may pass (throttling, time-out), and any other. */
const PASSING_FAILURE_MS = 5_000;
const FAILURE_MS = 30_000;

/** Why there is no value; the reason quotes nothing of it. */
export interface ParameterFailure {
  ok: false;
  reason: string;
}

/** A parameter that is kept in memory. */
export interface CachedParameter<Value extends { ok: true }> {
  /** The value, from memory while it is fresh; the last good one while the parameter cannot be read. */
  current(): Promise<Value | ParameterFailure>;
  /**
   * The value read again because something did not match it; `undefined` when it was read too recently, so that a
   * flood of mismatches cannot become a flood of reads.
   */
  afterMismatch(): Promise<Value | ParameterFailure | undefined>;
}

/**
 * Keeps what `parse` makes of a parameter for five minutes: a rotation needs no redeploy, an outage of the parameter
 * store loses no value, and callers at the same time share one read. Failures are kept too, for seconds, because all
 * functions of an account share the store's quota. `now` gives Unix time in ms.
 */
export function cachedParameter<Value extends { ok: true }>(
  read: ReadParameter,
  parse: (text: string) => Value | ParameterFailure,
  now: () => number,
): CachedParameter<Value> {
  let last: { result: Value | ParameterFailure; readAt: number; freshMs: number } | undefined;
  let reading: Promise<Value | ParameterFailure> | undefined;

  async function refresh(): Promise<Value | ParameterFailure> {
    const answer = await read();
    const result = answer.ok ? parse(answer.body) : answer;
    const kept = !result.ok && last?.result.ok ? last.result : result;
    const failureMs = !answer.ok && answer.mayPass ? PASSING_FAILURE_MS : FAILURE_MS;
    last = { result: kept, readAt: now(), freshMs: kept.ok ? REFRESH_INTERVAL_MS : failureMs };
    return kept;
  }

  function readOnce(): Promise<Value | ParameterFailure> {
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    async current() {
      return last && now() - last.readAt < last.freshMs ? last.result : readOnce();
    },
    async afterMismatch() {
      return last && now() - last.readAt < MISMATCH_INTERVAL_MS ? undefined : readOnce();
    },
  };
}
