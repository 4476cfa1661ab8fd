import { createHash, createHmac } from 'node:crypto';
import type { CallbackRequest, Vendor } from '../../../lib/callback/callback.ts';

export { verifyWith } from '../../../lib/callback/verification.ts';
/** The product's checks and parsers, bundled like the functions that run them. */
export { SOURCES, VENDORS } from '../../../lib/vendors/index.ts';

/** The least that a check of a vendor can be: its hash over the strings that are at hand. */
export const BARE_HASHES: Readonly<
  Partial<Record<Vendor, (secret: string, request: CallbackRequest) => string>>
> = {
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
