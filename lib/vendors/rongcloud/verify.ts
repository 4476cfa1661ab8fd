import { createHash } from 'node:crypto';
import type { SignedParts, Verify } from '../../callback/callback.ts';
import { matchSecret } from '../../callback/verification.ts';
import { firstField, type Json, parseJsonKeeping, text } from '../../platform/json.ts';

/** The three values that RongCloud signs with, and the app key where they come with one. */
interface Credentials {
  appKey?: string | undefined;
  nonce?: string | undefined;
  timestamp?: string | undefined;
  signature?: string | undefined;
}

type CompleteCredentials = Credentials & { nonce: string; timestamp: string; signature: string };

/**
 * The documented carriers, in the order they are looked at. All three values are taken from one of them.
 * The room status page names plain headers but reads the query; the other pages name `RC-` headers.
 */
const CARRIERS: ReadonlyArray<(request: SignedParts) => Credentials> = [
  ({ headers }) => ({
    appKey: headers['rc-app-key'],
    nonce: headers['rc-nonce'],
    timestamp: headers['rc-timestamp'],
    signature: headers['rc-signature'],
  }),
  ({ headers }) => ({
    appKey: headers.appkey,
    nonce: headers.nonce,
    timestamp: headers.timestamp,
    signature: headers.signature,
  }),
  ({ query }) => ({
    appKey: query.appKey,
    nonce: query.nonce,
    timestamp: query.timestamp ?? query.signTimestamp,
    signature: query.signature,
  }),
];

/** The second one is the cloud player's. */
const APP_KEY_NAMES = ['appKey', 'app_key'];

const SHA1_HEX = /^[0-9a-f]{40}$/i;

/**
 * `sha1(AppSecret + nonce + timestamp)` in hex, over the strings exactly as received.
 * https://docs.rongcloud.io/server-rtc-api/auth-callback
 */
export function rongcloudSignature(secret: string, nonce: string, timestamp: string): string {
  return createHash('sha1')
    .update(secret + nonce + timestamp)
    .digest('hex');
}

/** Checks a RongCloud callback of any service. The body is not signed; it only names the app. */
export const verifyRongcloud: Verify = (request) => {
  const carried = CARRIERS.map((carrier) => carrier(request)).find(isComplete);
  if (carried === undefined) return { ok: false, reason: 'missing_signature' };
  const { nonce, timestamp, signature } = carried;
  if (!SHA1_HEX.test(signature)) return { ok: false, reason: 'malformed_signature' };

  const appId =
    carried.appKey ||
    appKeyOf(parseJsonKeeping(APP_KEY_NAMES, request.body.toString('utf8').replace(/^\ufeff/, '')));
  return (secrets) => {
    const match = matchSecret(secrets, appId, signature.toLowerCase(), (secret) =>
      rongcloudSignature(secret, nonce, timestamp),
    );
    return match.ok ? { ...match, strength: 'credential', signature, nonce, timestamp } : match;
  };
};

/** The app key that a body names; room status 1.1 has none. */
export function appKeyOf(body: Json | undefined): string | undefined {
  return text(firstField(body, ...APP_KEY_NAMES));
}

function isComplete(carried: Credentials): carried is CompleteCredentials {
  return Boolean(carried.nonce && carried.timestamp && carried.signature);
}
