import { createHash, createHmac } from 'node:crypto';
import type { CallbackRequest, Vendor, Verify } from '../../../lib/callback/callback.ts';
import { verifyRongcloud } from '../../../lib/vendors/rongcloud/verify.ts';
import { verifyTencent } from '../../../lib/vendors/tencent/verify.ts';
import { verifyZego } from '../../../lib/vendors/zego/verify.ts';

export { verifyWith } from '../../../lib/callback/verification.ts';
export { SOURCES } from '../../../lib/vendors/sources.ts';

/** The product's signature checks, bundled like the functions that run them. */
export const VERIFIERS: Readonly<Record<Vendor, Verify>> = {
  rongcloud: verifyRongcloud,
  tencent: verifyTencent,
  zego: verifyZego,
};

/** The least that a check of each vendor can be: its hash over the strings that are at hand. */
export const BARE_HASHES: Readonly<Record<Vendor, (secret: string, request: CallbackRequest) => string>> = {
  rongcloud: (secret, { headers }) =>
    createHash('sha1')
      .update(secret + headers['rc-nonce'] + headers['rc-timestamp'])
      .digest('hex'),
  tencent: (secret, { body }) => createHmac('sha256', secret).update(body).digest('base64'),
  zego: (secret) => createHash('sha1').update(`1470820198123412${secret}`).digest('hex'),
};

/** The least that reading a body can be. */
export function bareParse(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8'));
}
