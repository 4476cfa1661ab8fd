/** Times below this are seconds: as ms it is 1973, as seconds the year 5138. */
const FIRST_TIME_IN_MS = 100_000_000_000;

const HOUR_MS = 60 * 60_000;

/**
 * A Unix time in seconds or milliseconds, told apart by magnitude, in ms; `undefined` when the text is not a
 * whole number.
 */
export function unixTimeMs(timestamp: string): number | undefined {
  if (!/^\d{1,15}$/.test(timestamp)) return undefined;
  const time = Number(timestamp);
  return time < FIRST_TIME_IN_MS ? time * 1000 : time;
}

/** Whether a signed timestamp lies within `windowHours` of the reception (Unix time in ms), either way. */
export function isFresh(timestamp: string, receivedAt: number, windowHours: number): boolean {
  const time = unixTimeMs(timestamp);
  return time !== undefined && Math.abs(receivedAt - time) <= windowHours * HOUR_MS;
}
