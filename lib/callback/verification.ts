import { timingSafeEqual } from 'node:crypto';
import type { AppSecrets, RefusalReason, Refused, SignedParts, Verification, Verify } from './callback.ts';

/** Both steps of a signature check, for callers that have the secrets at hand. */
export function verifyWith(verify: Verify, request: SignedParts, secrets: AppSecrets): Verification {
  const check = verify(request);
  return typeof check === 'function' ? check(secrets) : check;
}

/** The app and the secret that a signature was made with, or why there is none. */
export type KeyMatch = { ok: true; appId: string; keyIndex: number } | Refused;

/** The longest part of an app id that nothing proves, in characters. Vendors' ids have at most 20. */
export const LONGEST_CLAIM = 64;

/** A refusal that says which app the request names. */
export function refusedClaim(reason: RefusalReason, appId: string | undefined): Refused {
  return appId === undefined
    ? { ok: false, reason }
    : { ok: false, reason, claimedAppId: appId.slice(0, LONGEST_CLAIM) };
}

/**
 * Finds the live secret that a signature was made with. With an app id only that app's secrets are tried;
 * without one every app's, because a callback that verifies is kept even when it does not say whose it is.
 * `expected` computes the signature for a secret; both signatures have the same length and ASCII characters.
 */
export function matchSecret(
  secrets: AppSecrets,
  appId: string | undefined,
  received: string,
  expected: (secret: string) => string,
): KeyMatch {
  const receivedBytes = Buffer.from(received);
  const candidates = appId === undefined ? [...secrets.keys()] : [appId];
  for (const candidate of candidates) {
    const live = secrets.get(candidate);
    if (live === undefined) return refusedClaim('unknown_app', appId);
    const keyIndex = live.findIndex((secret) =>
      equalInConstantTime(Buffer.from(expected(secret)), receivedBytes),
    );
    if (keyIndex >= 0) return { ok: true, appId: candidate, keyIndex };
  }
  return refusedClaim('wrong_signature', appId);
}

/** Compares without telling by the time it takes how much of it is equal. */
export function equalInConstantTime(expected: Buffer, received: Buffer): boolean {
  return expected.length === received.length && timingSafeEqual(expected, received);
}
