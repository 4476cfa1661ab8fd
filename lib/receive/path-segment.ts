import { createHmac } from 'node:crypto';
import type { AppSecrets, CallbackRequest, Verification } from '../callback/callback.ts';
import { equalInConstantTime, refusedClaim } from '../callback/verification.ts';

/** Enough of the hash to be unguessable (128 bits), in characters. */
const SEGMENT_LENGTH = 22;

/**
 * The unguessable last segment of an app's callback URLs. It follows from the app's secret, so that it needs no
 * store of its own and changes together with the secret.
 */
export function pathSegmentOf(appId: string, secret: string): string {
  const hash = createHmac('sha256', secret)
    .update(`rtc-callbacks path segment of ${appId}`)
    .digest('base64url');
  return hash.slice(0, SEGMENT_LENGTH);
}

/**
 * What remains of a verification when the segment that a request came to is looked at too. A segment is checked
 * wherever there is one, so that a URL with a typing error is noticed. Compares in constant time.
 */
export function checkPathSegment(
  verification: Verification,
  { pathSegment }: CallbackRequest,
  secrets: AppSecrets,
): Verification {
  if (!verification.ok || pathSegment === undefined) return verification;
  const { appId } = verification;
  const received = Buffer.from(pathSegment);
  const isRight = (secrets.get(appId) ?? []).some((secret) =>
    equalInConstantTime(Buffer.from(pathSegmentOf(appId, secret)), received),
  );
  return isRight ? verification : refusedClaim('wrong_path_segment', appId);
}
