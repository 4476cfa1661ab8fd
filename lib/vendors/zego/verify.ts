import { createHash } from 'node:crypto';
import type { Verify } from '../../callback/callback.ts';
import { matchSecret } from '../../callback/verification.ts';
import { firstField, type JsonObject, parseJsonKeeping, text } from '../../platform/json.ts';
import { parseZegoBody } from './body.ts';

const SHA1_HEX = /^[0-9a-f]{40}$/i;

/** The spellings of the app id, in the lower-case, capitalised, recording and player callbacks. */
const APP_ID_NAMES = ['appid', 'app_id', 'Appid', 'AppId', 'AppID'];
const TIMESTAMP_NAMES = ['timestamp', 'Timestamp'];
const NONCE_NAMES = ['nonce', 'Nonce'];

/** What is hashed or compared digit by digit, and may be a number in the body. */
const NUMBERS = [...APP_ID_NAMES, ...TIMESTAMP_NAMES, ...NONCE_NAMES];

/**
 * `sha1` in hex of secret, timestamp and nonce, sorted as strings in byte order and joined.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback
 */
export function zegoSignature(secret: string, timestamp: string, nonce: string): string {
  const sorted = [secret, timestamp, nonce].map((value) => Buffer.from(value)).sort(Buffer.compare);
  return createHash('sha1').update(Buffer.concat(sorted)).digest('hex');
}

/** The app id that a ZEGOCLOUD body names, in whichever spelling. */
export function zegoAppId(body: JsonObject): string | undefined {
  return text(firstField(body, ...APP_ID_NAMES));
}

/** Checks a ZEGOCLOUD callback of any family. The credentials live in the body, which is not signed. */
export const verifyZego: Verify = (request) => {
  const body = parseZegoBody(request.body, (json) => parseJsonKeeping(NUMBERS, json));
  if (body === undefined) return { ok: false, reason: 'unreadable_credentials' };
  const timestamp = text(firstField(body, ...TIMESTAMP_NAMES));
  const nonce = text(firstField(body, ...NONCE_NAMES));
  const signature = text(firstField(body, 'signature', 'Signature'));
  if (timestamp === undefined || nonce === undefined || signature === undefined) {
    return { ok: false, reason: 'missing_signature' };
  }
  if (!SHA1_HEX.test(signature)) return { ok: false, reason: 'malformed_signature' };

  const appId = zegoAppId(body);
  return (secrets) => {
    const match = matchSecret(secrets, appId, signature.toLowerCase(), (secret) =>
      zegoSignature(secret, timestamp, nonce),
    );
    return match.ok ? { ...match, strength: 'credential', signature, nonce, timestamp } : match;
  };
};
