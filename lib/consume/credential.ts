import type { CallbackEvent, CredentialForm, ForgeryReason } from '../callback/callback.ts';
import { unixTimeMs } from '../callback/time.ts';
import type { ClaimResult, Ledger } from '../ledger/ledger.ts';
import type { Owner } from '../ledger/updates.ts';
import type { Envelope } from '../queue/envelope.ts';
import { timestampFlaw } from './freshness.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** How long after its reception a callback may be checked against the claims, in ms; no claim ends before that. */
const CHECKABLE_MS = 28 * DAY_MS;

/** How far ahead another reading of a credential is guarded against, in ms: a claim is not kept for ever. */
const FARTHEST_READING_MS = 10 * 365 * DAY_MS;

/** What a credential is checked with. */
export interface CredentialCheck {
  ledger: Ledger;
  /** Absent where the source has no credentials, so that nothing with one is applied. */
  form: CredentialForm | undefined;
  owner: Owner;
  /** How far a signed timestamp may be from the reception, either way. */
  windowHours: number;
  /** Unix time in ms. */
  now: number;
  /** Where the history will have the callback. */
  event: CallbackEvent | undefined;
}

/**
 * Claims the credential of a callback whose body is not signed, so that it carries one body: the first one that was
 * consumed with it. A callback that cannot be distinguished from a forgery claims nothing. Rejects with the ledger's exceptions.
 */
export async function claimCredential(
  { signature, nonce, timestamp, body, receivedAt }: Envelope,
  { ledger, form, owner, windowHours, now, event }: CredentialCheck,
): Promise<{ ok: true; claim: ClaimResult } | { ok: false; reason: ForgeryReason }> {
  if (form === undefined || nonce === undefined || timestamp === undefined)
    return { ok: false, reason: 'malformed_timestamp' };
  const flaw = timestampFlaw(form, { timestamp, body, receivedAt }, windowHours);
  if (flaw !== undefined) return { ok: false, reason: flaw };
  if (now - receivedAt > CHECKABLE_MS) return { ok: false, reason: 'too_old_to_check' };
  // Two receptions of one credential are at most two windows apart. What is received last is checked for 28 days.
  const last = lastReading(form.otherTimestamps(nonce, timestamp), receivedAt);
  const expiresAt = last + 2 * windowHours * HOUR_MS + CHECKABLE_MS;
  const claim = await ledger.claim(owner, { signature, body, expiresAt, event });
  return claim === 'reused' ? { ok: false, reason: 'nonce_reused' } : { ok: true, claim };
}

/** The last time, in Unix ms, at which any split of the signed characters is fresh; at least the reception. */
function lastReading(otherTimestamps: readonly string[], receivedAt: number): number {
  const times = otherTimestamps.map((timestamp) => unixTimeMs(timestamp) ?? 0);
  return Math.max(receivedAt, ...times.filter((time) => time < receivedAt + FARTHEST_READING_MS));
}
