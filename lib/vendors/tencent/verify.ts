import { createHmac } from 'node:crypto';
import type { Verify } from '../../callback/callback.ts';
import { matchSecret, refusedClaim } from '../../callback/verification.ts';

/** 32 bytes in the standard base64 alphabet, padded. */
const SHA256_BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/**
 * `base64(HMAC-SHA256(key, raw body))`: every tab and line feed of the body counts.
 * https://trtc.io/document/54912
 */
export function tencentSignature(key: string, body: Buffer): string {
  return createHmac('sha256', key).update(body).digest('base64');
}

/** Checks a TRTC callback of any event group. `SdkAppId` is only in the header and only chooses the key. */
export const verifyTencent: Verify = (request) => {
  const { sign: signature, sdkappid: appId } = request.headers;
  if (!appId) return { ok: false, reason: 'missing_app_id' };
  if (!signature) return refusedClaim('missing_signature', appId);
  if (!SHA256_BASE64.test(signature)) return { ok: false, reason: 'malformed_signature' };

  return (secrets) => {
    const match = matchSecret(secrets, appId, signature, (key) => tencentSignature(key, request.body));
    return match.ok ? { ...match, strength: 'body', signature } : match;
  };
};
