import { createHash, createHmac } from 'node:crypto';
import type { AppSecrets, CallbackRequest, Vendor } from '../../lib/callback/callback.ts';
import type { IngestSource } from '../../lib/receive/receive.ts';
import { verifyRongcloud } from '../../lib/vendors/rongcloud/verify.ts';
import { verifyTencent } from '../../lib/vendors/tencent/verify.ts';
import { verifyZego } from '../../lib/vendors/zego/verify.ts';
import { callbackRequest, RECEIVED_AT } from './callback-request.ts';

export const APP = 'app-1';
export const SECRET = 'canary-secret';
export const SECRETS: AppSecrets = new Map([[APP, [SECRET]]]);

/** Parts of a request that must not be seen anywhere. */
export const NONCE = 'canary-nonce';
export const CONTENT = 'canary-content';

/** A vendor's way to sign, written down a second time so that it does not follow the code under test. */
export interface Signer {
  vendor: string;
  /** Which headers or members make the signature wrong when they are altered. */
  signedNames: RegExp;
  source: IngestSource;
  /** A genuine callback of `APP` whose body carries `content`. */
  sign(content?: string, secret?: string): CallbackRequest;
}

const rongcloud: Signer = {
  vendor: 'rongcloud',
  signedNames: /nonce|timestamp/i,
  source: { name: 'rongcloud-recording', verify: verifyRongcloud },
  sign(content = CONTENT, secret = SECRET) {
    const timestamp = String(RECEIVED_AT);
    const signature = sha1(secret + NONCE + timestamp);
    const headers = { 'rc-nonce': NONCE, 'rc-timestamp': timestamp, 'rc-signature': signature };
    return callbackRequest({ headers, body: json({ appKey: APP, content }) });
  },
};

const tencent: Signer = {
  vendor: 'tencent',
  signedNames: /^sign$/i,
  source: { name: 'tencent', verify: verifyTencent },
  sign(content = CONTENT, secret = SECRET) {
    const body = json({ EventInfo: { content } });
    const sign = createHmac('sha256', secret).update(body).digest('base64');
    return callbackRequest({ headers: { sign, sdkappid: APP }, body });
  },
};

const zego: Signer = {
  vendor: 'zego',
  signedNames: /nonce|timestamp/i,
  source: { name: 'zego', verify: verifyZego },
  sign(content = CONTENT, secret = SECRET) {
    const timestamp = String(RECEIVED_AT / 1000);
    const signature = sha1([timestamp, secret, NONCE].sort().join(''));
    return callbackRequest({ body: json({ appid: APP, timestamp, nonce: NONCE, signature, content }) });
  },
};

export const SIGNERS = { rongcloud, tencent, zego } satisfies Record<Vendor, Signer>;

/** The signature of a request, in whichever place. */
export function signatureOf({ headers, body }: CallbackRequest): string | undefined {
  const inBody = /"signature":"([^"]+)"/.exec(body.toString('latin1'))?.[1];
  return Object.entries(headers).find(([name]) => name.includes('sign'))?.[1] ?? inBody;
}

/** A genuine callback but for a signature that cannot be one. */
export function malformed({ sign }: Signer): CallbackRequest {
  const request = sign();
  const replace = (text = '') => text.replace(signatureOf(request) ?? '', 'canary-signature');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, replace(value)]);
  return {
    ...request,
    headers: Object.fromEntries(headers),
    body: Buffer.from(replace(request.body.toString())),
  };
}

/** A genuine callback without its credentials, but for one header that may stay. */
export function bare({ sign }: Signer, keptHeader?: string): CallbackRequest {
  const { headers } = sign();
  const kept = keptHeader === undefined ? {} : { [keptHeader]: headers[keptHeader] };
  return callbackRequest({ headers: kept, body: json({ content: CONTENT }) });
}

/** A genuine callback whose body has exactly `bytes` bytes. */
export function padded({ sign }: Signer, bytes: number): CallbackRequest {
  return sign('x'.repeat(bytes - sign('').body.length));
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
