import { createHmac } from 'node:crypto';
import type { Callback, Material, VendorFuzz } from './callback.ts';
import { documentText, padded } from './document-text.ts';
import { flipBit, mutatedBytes } from './mutate-bytes.ts';
import { anyText, ODD_NAMES } from './odd-values.ts';
import type { Random } from './random.ts';
import { foreignKey } from './secrets.ts';

/** TRTC signs every byte of the body: `Sign: base64(HMAC-SHA256(key, body))`. */
export const tencentFuzz: VendorFuzz = {
  vendor: 'tencent',
  signsBody: true,
  refusals: [401],

  genuine(random, material) {
    return {
      callback: signed(bodyOf(random, material), material),
      expected: { outcome: 'stored', appId: material.key.appId },
    };
  },

  forged(random, material) {
    const callback = signed(padded(documentText(random, material.document), material.size), material);
    random.pick(FLAWS)(random, callback, material);
    return callback;
  },

  damaged(random, material, damage) {
    const { callback } = tencentFuzz.genuine(random, material);
    const body = damage(callback.body);
    const isSame = body.equals(callback.body);
    return {
      callback: { ...callback, body },
      expected: isSame ? { outcome: 'stored', appId: material.key.appId } : { outcome: 'refused' },
    };
  },

  garbage(random, { document, key }) {
    const headers: Record<string, string> = {};
    if (random.chance(0.8)) headers.sdkappid = random.chance(0.7) ? key.appId : anyText(random);
    if (random.chance(0.8))
      headers.sign = random.chance(0.7) ? random.bytes(32).toString('base64') : anyText(random);
    return { headers, query: [], body: mutatedBytes(random, Buffer.from(JSON.stringify(document))) };
  },

  isSigned: ({ body, signature }, secret) => signatureOf(body, secret) === signature,
};

function signatureOf(body: Buffer, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** Whatever the bytes are: the signature is all that counts. */
function bodyOf(random: Random, { document, size, depth, mayBeOdd }: Material): Buffer {
  const body = padded(documentText(random, document, depth), size);
  if (!mayBeOdd || !random.chance(0.15)) return body;
  const odd = mutatedBytes(random, body);
  return odd.length === 0 ? Buffer.from(' ') : odd;
}

function signed(body: Buffer, { key }: Material): Callback {
  return { headers: { sdkappid: key.appId, sign: signatureOf(body, key.secret) }, query: [], body };
}

type Flaw = (
  random: Random,
  callback: Callback & { headers: { sign?: string } },
  material: Material,
) => unknown;

const FLAWS: readonly Flaw[] = [
  (random, callback) => {
    callback.body = flipBit(random, callback.body);
  },
  (_random, callback) => {
    callback.body = Buffer.concat([callback.body, Buffer.from('\n')]);
  },
  (_random, callback) => {
    callback.body = callback.body.subarray(0, -1);
  },
  (random, callback, { key }) => {
    callback.headers.sign = signatureOf(callback.body, foreignKey(random, 'tencent', key).secret);
  },
  (random, callback, { key }) => {
    callback.headers.sdkappid = foreignKey(random, 'tencent', key).appId;
  },
  (random, { headers }, { key }) => {
    headers.sdkappid = random.pick([...ODD_NAMES, `${key.appId} `, '0']).replace(key.appId, '0');
    if (headers.sdkappid === key.appId) headers.sdkappid = '0';
  },
  (_random, { headers }) => delete headers.sign,
  (_random, { headers }) => delete headers.sdkappid,
  (random, { headers }) => replaceSign(headers, (sign) => sign.slice(0, random.below(44))),
  (_random, { headers }) => replaceSign(headers, (sign) => `${sign},${sign}`),
  (_random, { headers }) => replaceSign(headers, (sign) => ` ${sign}`),
  (_random, { headers }) => replaceSign(headers, (sign) => Buffer.from(sign, 'base64').toString('hex')),
  (random, { headers }) =>
    replaceSign(headers, (sign) => flipBit(random, Buffer.from(sign, 'base64')).toString('base64')),
  (_random, { headers }) => replaceSign(headers, (sign) => sign.replace(/[a-z]/i, otherCase)),
  (_random, { headers }) => replaceSign(headers, (sign) => `${sign.slice(0, -1)}-`),
  (_random, callback) => {
    callback.query.push(['sign', callback.headers.sign ?? '']);
    delete callback.headers.sign;
  },
];

function replaceSign(headers: { sign?: string }, change: (sign: string) => string): void {
  headers.sign = change(headers.sign ?? '');
}

function otherCase(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}
