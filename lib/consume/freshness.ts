import type { CredentialForm, ForgeryReason } from '../callback/callback.ts';
import { unixTimeMs } from '../callback/time.ts';

const HOUR_MS = 60 * 60_000;

/** Whether a signed timestamp lies within `windowHours` of the reception (Unix time in ms), either way. */
export function isFresh(timestamp: string, receivedAt: number, windowHours: number): boolean {
  const time = unixTimeMs(timestamp);
  return time !== undefined && Math.abs(receivedAt - time) <= windowHours * HOUR_MS;
}

/** What a signed timestamp says against a callback that was received at `receivedAt` (Unix time in ms), if anything. */
export function timestampFlaw(
  form: CredentialForm,
  { timestamp, body, receivedAt }: { timestamp: string; body: Buffer; receivedAt: number },
  windowHours: number,
): ForgeryReason | undefined {
  if (!form.isTimestamp(timestamp, body)) return 'malformed_timestamp';
  return isFresh(timestamp, receivedAt, windowHours) ? undefined : 'stale';
}
