/** The end of the year 9998, in ms: a deadline after it still has a four-digit year and sorts as ISO 8601 text. */
export const LAST_TIME = Date.UTC(9998, 11, 31, 23, 59, 59, 999);

/** `value` as a Unix time in ms if it is one between 1970 and 9998. */
export function timeMs(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value <= LAST_TIME ? Math.trunc(value) : undefined;
}

/** Times below this are seconds: as ms it is 1973, as seconds the year 5138. */
const FIRST_TIME_IN_MS = 100_000_000_000;

/**
 * A Unix time in seconds or milliseconds, told apart by magnitude, in ms; `undefined` when the text is not a
 * whole number.
 */
export function unixTimeMs(timestamp: string): number | undefined {
  if (!/^\d{1,15}$/.test(timestamp)) return undefined;
  const time = Number(timestamp);
  return time < FIRST_TIME_IN_MS ? time * 1000 : time;
}

/** Unix time in ms as ISO 8601 UTC with milliseconds, which sorts as text. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
