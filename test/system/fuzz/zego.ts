import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../../lib/platform/json.ts';
import type { Callback, Material, VendorFuzz } from './callback.ts';
import { documentText, padded } from './document-text.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { anyText, oddValue, wireText } from './odd-values.ts';
import type { Random } from './random.ts';
import { foreignKey } from './secrets.ts';
import { digits, mixedCase, oneDigitOff } from './signature-text.ts';

const APP_NAMES = ['appid', 'app_id', 'Appid', 'AppId', 'AppID'];

const LOWER_CASE = { nonce: 'nonce', timestamp: 'timestamp', signature: 'signature' };

const CAPITALISED = { nonce: 'Nonce', timestamp: 'Timestamp', signature: 'Signature' };

const CREDENTIAL_NAMES = [...APP_NAMES, ...Object.values(LOWER_CASE), ...Object.values(CAPITALISED)];

/** Deeper than this, whether the credentials in a body can be read depends on the size of the stack. */
const SURELY_READABLE_DEPTH = 500;

interface Credentials {
  app?: Json | undefined;
  nonce?: Json | undefined;
  timestamp?: Json | undefined;
  signature?: Json | undefined;
}

/** ZEGOCLOUD signs `sha1` of secret, timestamp and nonce, sorted, in hex. All but the secret are in the body. */
export const zegoFuzz: VendorFuzz = {
  vendor: 'zego',
  signsBody: false,
  // The body that carries the credentials may be unreadable.
  refusals: [400, 401],

  genuine(random, material) {
    const isReadable = material.depth <= SURELY_READABLE_DEPTH;
    return {
      callback: callbackOf(random, signed(random, material), material),
      expected: isReadable ? { outcome: 'stored', appId: material.key.appId } : { outcome: 'either' },
    };
  },

  forged(random, material) {
    const credentials = signed(random, material);
    return callbackOf(
      random,
      { ...credentials, ...random.pick(FLAWS)(random, credentials, material) },
      material,
    );
  },

  damaged(random, material, damage) {
    const { callback } = zegoFuzz.genuine(random, material);
    return { callback: { ...callback, body: damage(callback.body) }, expected: { outcome: 'either' } };
  },

  garbage(random, { document, key }) {
    const value = () => (random.chance(0.6) ? anyText(random) : oddValue(random));
    const signature = random.chance(0.7) ? random.bytes(20).toString('hex') : value();
    const credentials = {
      app: random.chance(0.5) ? key.appId : value(),
      nonce: value(),
      timestamp: value(),
      signature,
    };
    const body = encoded(random, withCredentials(random, document, credentials));
    return { headers: {}, query: [], body: random.chance(0.5) ? body : mutatedBytes(random, body) };
  },

  isSigned: ({ nonce = '', timestamp = '', signature }, secret) =>
    signatureOf(secret, timestamp, nonce) === signature.toLowerCase(),
};

function signatureOf(...values: string[]): string {
  const sorted = values.map((value) => Buffer.from(value)).sort(Buffer.compare);
  return createHash('sha1').update(Buffer.concat(sorted)).digest('hex');
}

function signed(random: Random, { key, receivedAt, mayBeOdd }: Material): Credentials {
  const nonce =
    mayBeOdd && random.chance(0.3) ? wireText(random) : digits(random, mayBeOdd ? 6 + random.below(14) : 10);
  const seconds = Math.floor(receivedAt / 1000) - random.below(5);
  const timestamp = mayBeOdd && random.chance(0.3) ? wireText(random) : String(seconds);
  const isNumber = timestamp === String(seconds) && random.chance(0.3);
  return {
    app: random.chance(0.85) ? appIdOf(random, key.appId) : undefined,
    nonce,
    timestamp: isNumber ? seconds : timestamp,
    signature: mixedCase(random, signatureOf(key.secret, timestamp, nonce)),
  };
}

/** The vendor sends its app id as a number or as text. */
function appIdOf(random: Random, appId: string): Json {
  const isNumber = Number.isSafeInteger(Number(appId)) && random.chance(0.3);
  return isNumber ? Number(appId) : appId;
}

function callbackOf(random: Random, credentials: Credentials, material: Material): Callback {
  const { document, depth, size, mayBeOdd } = material;
  const content = withCredentials(random, document, credentials);
  const isJson = depth > 0 || size !== undefined || !mayBeOdd;
  const body = isJson ? padded(documentText(random, content, depth), size) : encoded(random, content);
  return { headers: {}, query: [], body };
}

/** The document with these credentials and no others, before or after its own members. */
function withCredentials(random: Random, document: JsonObject, credentials: Credentials): JsonObject {
  const names = random.chance(0.7) ? LOWER_CASE : CAPITALISED;
  const entries = Object.entries(document).filter(([name]) => !CREDENTIAL_NAMES.includes(name));
  const { app, nonce, timestamp, signature } = credentials;
  const signedEntries: [string, Json | undefined][] = [
    [random.pick(APP_NAMES), app],
    [names.timestamp, timestamp],
    [names.nonce, nonce],
    [names.signature, signature],
  ];
  const added = signedEntries.filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(random.chance(0.5) ? [...added, ...entries] : [...entries, ...added]);
}

/** The document in one of the forms that the vendor documents: JSON, percent-encoded JSON, or a form. */
function encoded(random: Random, document: JsonObject): Buffer {
  const text = documentText(random, document);
  const form = random.weighted([
    [6, () => text],
    [1, () => encodeURIComponent(text.toWellFormed())],
    [1, () => new URLSearchParams([['callback', text]]).toString()],
    [1, () => new URLSearchParams([[text, '']]).toString()],
    [1, () => formOf(document)],
  ]);
  return Buffer.from(form());
}

function formOf(document: JsonObject): string {
  const textOf = (value: Json) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  return new URLSearchParams(
    Object.entries(document).map(([name, value]): [string, string] => [name, textOf(value)]),
  ).toString();
}

/** What is wrong with the credentials. A `null`, a list and an empty text are as good as nothing. */
type Flaw = (random: Random, credentials: Credentials, material: Material) => Credentials;

const FLAWS: readonly Flaw[] = [
  (random) => ({ signature: random.bytes(20).toString('hex') }),
  (random, { signature }) => ({ signature: oneDigitOff(random, String(signature)) }),
  (random, { signature }) => ({ signature: String(signature).slice(0, random.below(40)) }),
  (_random, { signature }) => ({ signature: ` ${signature}` }),
  (_random, { signature }) => ({ signature: [signature as Json] }),
  (_random, { signature }) => ({ signature: Buffer.from(String(signature), 'hex').toString('base64') }),
  (random) => ({ [random.pick(['nonce', 'timestamp', 'signature'])]: undefined }),
  (random) => ({ [random.pick(['nonce', 'timestamp', 'signature'])]: random.pick(['', null, [], {}, true]) }),
  (_random, { nonce }) => ({ nonce: `${nonce}0` }),
  (_random, { timestamp }) => ({ timestamp: `${timestamp}0` }),
  (random, _credentials, { key }) => ({ app: foreignKey(random, 'zego', key).appId }),
  (random) => ({ app: random.pick(['unknown', 'toString', 'prototype', 0, 1e21]) }),
  (random, { timestamp, nonce }, { key }) => ({
    app: key.appId,
    signature: signatureOf(foreignKey(random, 'zego', key).secret, String(timestamp), String(nonce)),
  }),
  (_random, { timestamp, nonce }) => ({ signature: signatureOf('', String(timestamp), String(nonce)) }),
];
