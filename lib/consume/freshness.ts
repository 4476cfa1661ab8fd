import { unixTimeMs } from '../callback/time.ts';

const HOUR_MS = 60 * 60_000;

/** Whether a signed timestamp lies within `windowHours` of the reception (Unix time in ms), either way. */
export function isFresh(timestamp: string, receivedAt: number, windowHours: number): boolean {
  const time = unixTimeMs(timestamp);
  return time !== undefined && Math.abs(receivedAt - time) <= windowHours * HOUR_MS;
}
