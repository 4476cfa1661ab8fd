import { createHmac } from 'node:crypto';
import { equalInConstantTime } from '../callback/verification.ts';

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

/** Whether a request came to the segment of one of the app's live secrets. Compares in constant time. */
export function isPathSegmentOf(received: string, appId: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) =>
    equalInConstantTime(Buffer.from(pathSegmentOf(appId, secret)), Buffer.from(received)),
  );
}
