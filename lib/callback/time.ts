/** The end of the year 9998, in ms: a deadline after it still has a four-digit year and sorts as ISO 8601 text. */
export const LAST_TIME = Date.UTC(9998, 11, 31, 23, 59, 59, 999);

/** `value` as a Unix time in ms if it is one between 1970 and 9998. */
export function timeMs(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value <= LAST_TIME ? Math.trunc(value) : undefined;
}

/** Times below this are seconds: as ms it is 1973, as seconds the year 5138. */
const FIRST_TIME_IN_MS = 100_000_000_000;

/**
 * A Unix time in seconds or milliseconds, distinguished by magnitude, in ms; `undefined` when the text is not a
 * whole number.
 */
export function unixTimeMs(timestamp: string): number | undefined {
  if (!/^\d{1,15}$/.test(timestamp)) return undefined;
  const time = Number(timestamp);
  return time < FIRST_TIME_IN_MS ? time * 1000 : time;
}

/** No vendor's callbacks are older. */
const FIRST_PLAUSIBLE_TIME = Date.UTC(2015, 0, 1);

/** How far a vendor's clock may be ahead of ours, in ms. */
const LONGEST_LEAD_MS = 24 * 60 * 60_000;

/** A time as a callback gives it: a number, or digits. */
export type Claim = number | string | undefined;

/** When something happened, as far as that can be known. */
export interface EventTime {
  /** Unix time in ms. */
  at: number;
  /** Whether no claim was plausible, so that `at` is the signed time or the reception. */
  isReplaced: boolean;
}

/**
 * The time that `claim` gives in seconds or milliseconds, as Unix time in ms; `undefined` where nobody can mean it:
 * no positive number, before 2015, or more than 24 hours after `receivedAt` (Unix time in ms).
 */
export function plausibleTime(claim: Claim, receivedAt: number): number | undefined {
  const value = typeof claim === 'string' ? decimal(claim) : claim;
  if (value === undefined) return undefined;
  const time = Math.trunc(value < FIRST_TIME_IN_MS ? value * 1000 : value);
  return time >= FIRST_PLAUSIBLE_TIME && time <= receivedAt + LONGEST_LEAD_MS ? time : undefined;
}

/**
 * The time of an event: its first plausible claim, the best one first. Where there is none, the signed time replaces
 * it, else the reception. A replaced time orders below every claimed one (`facetOrder`).
 */
export function eventTime(claims: readonly Claim[], receivedAt: number, signedAt?: Claim): EventTime {
  for (const claim of claims) {
    const at = plausibleTime(claim, receivedAt);
    if (at !== undefined) return { at, isReplaced: false };
  }
  return { at: plausibleTime(signedAt, receivedAt) ?? receivedAt, isReplaced: true };
}

/**
 * When a failed upload began to fail, from which a vendor's clean-up counts: at the claimed time, unless the file was
 * then deleted before the callback came. Times are Unix times in ms.
 */
export function failureTime(at: number, retentionMs: number | undefined, receivedAt: number): number {
  return retentionMs !== undefined && at + retentionMs < receivedAt ? receivedAt : at;
}

function decimal(text: string): number | undefined {
  return /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Unix time in ms as ISO 8601 UTC with milliseconds, which sorts as text. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** Unix time in ms as the text of whole seconds, rounded up: the form of DynamoDB's time to live. */
export function epochSeconds(timeMs: number): string {
  return String(Math.ceil(timeMs / 1000));
}
