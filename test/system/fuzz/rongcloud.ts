import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../lib/platform/json.ts';
import type { Callback, Material, VendorFuzz } from './callback.ts';
import { documentText, padded } from './document-text.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { anyText, ODD_NAMES, wireText } from './odd-values.ts';
import type { Random } from './random.ts';
import { foreignKey } from './secrets.ts';
import { digits, mixedCase, oneDigitOff } from './signature-text.ts';

/** What RongCloud signs with, and where it travels together. */
interface Credentials {
  app?: string | undefined;
  nonce?: string | undefined;
  timestamp?: string | undefined;
  signature?: string | undefined;
}

interface Carrier {
  place: 'headers' | 'query';
  names: Record<keyof Credentials, string>;
}

const CARRIERS: readonly Carrier[] = [
  {
    place: 'headers',
    names: { app: 'rc-app-key', nonce: 'rc-nonce', timestamp: 'rc-timestamp', signature: 'rc-signature' },
  },
  {
    place: 'headers',
    names: { app: 'appkey', nonce: 'nonce', timestamp: 'timestamp', signature: 'signature' },
  },
  {
    place: 'query',
    names: { app: 'appKey', nonce: 'nonce', timestamp: 'timestamp', signature: 'signature' },
  },
  {
    place: 'query',
    names: { app: 'appKey', nonce: 'nonce', timestamp: 'signTimestamp', signature: 'signature' },
  },
];

/** Where a callback names its app: with the credentials, in the body, or nowhere. */
type AppPlace = 'carrier' | 'body' | 'nowhere';

/** RongCloud signs `sha1(secret + nonce + timestamp)`, in hex, and nothing of the body. */
export const rongcloudFuzz: VendorFuzz = {
  vendor: 'rongcloud',
  signsBody: false,
  refusals: [401],

  genuine(random, material) {
    const { callback } = build(random, material, [appPlaces, mayDamage]);
    return { callback, expected: { outcome: 'stored', appId: material.key.appId } };
  },

  forged(random, material) {
    return build(random, material, [appPlaces, neverDamage], random.pick(FLAWS)).callback;
  },

  damaged(random, material, damage) {
    const { callback, appPlace } = build(random, material, [appPlaces, neverDamage]);
    const body = damage(callback.body);
    const isUntouched = appPlace === 'carrier' || body.equals(callback.body);
    return {
      callback: { ...callback, body },
      expected: isUntouched ? { outcome: 'stored', appId: material.key.appId } : { outcome: 'either' },
    };
  },

  garbage(random, { document }) {
    const callback: Callback = {
      headers: {},
      query: [],
      body: mutatedBytes(random, Buffer.from(JSON.stringify(document))),
    };
    for (const carrier of CARRIERS.filter(() => random.chance(0.4))) {
      const text = () => (random.chance(0.9) ? anyText(random).toWellFormed() : undefined);
      const signature = random.chance(0.7) ? random.bytes(20).toString('hex') : text();
      const app = random.chance(0.5) ? text() : undefined;
      put(callback, carrier, { app, nonce: text(), timestamp: text(), signature });
    }
    return callback;
  },

  isSigned: ({ nonce = '', timestamp = '', signature }, secret) =>
    signatureOf(secret, nonce, timestamp) === signature.toLowerCase(),
};

function signatureOf(secret: string, nonce: string, timestamp: string): string {
  return createHash('sha1').update(`${secret}${nonce}${timestamp}`).digest('hex');
}

function appPlaces(random: Random): AppPlace {
  return random.weighted([
    [4, 'carrier'],
    [5, 'body'],
    [2, 'nowhere'],
  ]);
}

type Damage = (random: Random, body: Buffer) => Buffer;

/** Nothing is signed of the body: as long as it is not where the app is looked for, it may be anything. */
const mayDamage: Damage = (random, body) => {
  if (!random.chance(0.3)) return body;
  const damaged = mutatedBytes(random, body);
  return damaged.length === 0 ? body : damaged;
};

const neverDamage: Damage = (_random, body) => body;

function build(
  random: Random,
  material: Material,
  [choosePlace, damage]: [(random: Random) => AppPlace, Damage],
  flaw?: Flaw,
): { callback: Callback; appPlace: AppPlace } {
  const { key, receivedAt, mayBeOdd, depth, size } = material;
  const appPlace = choosePlace(random);
  const carrier = random.pick(CARRIERS);
  const nonce = mayBeOdd && random.chance(0.3) ? wireText(random) : digits(random, 10);
  const timestamp =
    mayBeOdd && random.chance(0.3) ? wireText(random) : String(receivedAt - random.below(5_000));
  const signature = mixedCase(random, signatureOf(key.secret, nonce, timestamp));
  const credentials: Credentials = { nonce, timestamp, signature };
  if (appPlace === 'carrier') credentials.app = key.appId;
  const document = appPlace === 'carrier' ? material.document : withApp(random, material, appPlace);
  const text = documentText(random, document, depth);
  const isFree = appPlace === 'carrier' && mayBeOdd;
  const body = isFree ? damage(random, padded(text, size)) : padded(text, size);
  const callback: Callback = { headers: {}, query: [], body };
  const flawed = flaw === undefined ? credentials : flaw(random, credentials, material);
  if (flawed !== undefined) put(callback, carrier, flawed);
  else scatter(random, callback, credentials);
  return { callback, appPlace };
}

/** The document naming its app under one of the two names, or not at all. */
function withApp(random: Random, { document, key }: Material, place: AppPlace): JsonObject {
  const { appKey: _, app_key: __, ...rest } = document;
  if (place === 'nowhere') return random.chance(0.3) ? { ...rest, appKey: null, app_key: '' } : rest;
  return random.chance(0.8) ? { ...rest, appKey: key.appId } : { appKey: '', ...rest, app_key: key.appId };
}

function put(callback: Callback, { place, names }: Carrier, credentials: Credentials): void {
  for (const name of ['app', 'nonce', 'timestamp', 'signature'] as const) {
    const value = credentials[name];
    if (value === undefined) continue;
    if (place === 'headers') callback.headers[names[name]] = value;
    else callback.query.push([names[name], value]);
  }
}

/** The three values in different carriers, so that none has all of them. */
function scatter(
  random: Random,
  callback: Callback,
  { app, nonce, timestamp, signature }: Credentials,
): void {
  const [first, second] = random.pick([
    [CARRIERS[0], CARRIERS[1]],
    [CARRIERS[1], CARRIERS[2]],
    [CARRIERS[2], CARRIERS[0]],
  ]) as [Carrier, Carrier];
  put(callback, first, { app, nonce, timestamp });
  put(callback, second, { signature });
}

/** Credentials with one thing wrong; `undefined` when they are to be scattered over the carriers. */
type Flaw = (random: Random, credentials: Credentials, material: Material) => Credentials | undefined;

const FLAWS: readonly Flaw[] = [
  () => undefined,
  (random, credentials) => ({ ...credentials, signature: random.bytes(20).toString('hex') }),
  (random, credentials) => ({ ...credentials, signature: oneDigitOff(random, credentials.signature) }),
  (random, credentials) => ({ ...credentials, signature: credentials.signature?.slice(0, random.below(40)) }),
  (_random, credentials) => ({ ...credentials, signature: `${credentials.signature}0` }),
  (_random, credentials) => ({ ...credentials, signature: ` ${credentials.signature}` }),
  (_random, credentials) => ({
    ...credentials,
    signature: `${credentials.signature},${credentials.signature}`,
  }),
  (_random, credentials) => ({
    ...credentials,
    signature: Buffer.from(credentials.signature ?? '', 'hex').toString('base64'),
  }),
  (random, credentials) => ({
    ...credentials,
    [random.pick(['nonce', 'timestamp', 'signature'])]: undefined,
  }),
  (random, credentials) => ({ ...credentials, [random.pick(['nonce', 'timestamp', 'signature'])]: '' }),
  (_random, credentials) => ({ ...credentials, nonce: `${credentials.nonce},${credentials.nonce}` }),
  (_random, credentials) => ({ ...credentials, timestamp: `${credentials.timestamp}0` }),
  (random, credentials, { key }) => ({ ...credentials, app: foreignKey(random, 'rongcloud', key).appId }),
  (random, credentials) => ({
    ...credentials,
    app: random.pick([
      'unknown',
      'toString',
      'hasOwnProperty',
      'prototype',
      'valueOf',
      ...ODD_NAMES.filter(isUnknownApp),
    ]),
  }),
  (random, credentials, { key }) => ({
    ...credentials,
    app: key.appId,
    signature: signatureOf(
      foreignKey(random, 'rongcloud', key).secret,
      credentials.nonce ?? '',
      credentials.timestamp ?? '',
    ),
  }),
  (_random, credentials) => ({
    ...credentials,
    signature: signatureOf('', credentials.nonce ?? '', credentials.timestamp ?? ''),
  }),
];

function isUnknownApp(name: string): boolean {
  return !['', '__proto__', 'constructor'].includes(name);
}
