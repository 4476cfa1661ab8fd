import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AppSecrets, CallbackRequest, RefusalReason } from '../../lib/callback/callback.ts';
import { verifyWith } from '../../lib/callback/verification.ts';
import { verifyRongcloud } from '../../lib/vendors/rongcloud/verify.ts';
import { callbackRequest } from '../support/callback-request.ts';

/** The vector of https://docs.rongcloud.cn/im/server/signature/, where the formula is the same. */
const SECRET = 'Y1W2MeFwwwRxa0';
const NONCE = '14314';
const TIMESTAMP = '1408710653000';
const SIGNATURE = '30be0bbca9c9b2e27578701e9fda2358a814c88f';

const APP = 'e0x9wycfx7flq';
const SECRETS: AppSecrets = new Map([
  ['another-app', ['another-secret']],
  [APP, [SECRET]],
]);
const BODY = json({ appKey: APP, type: 1 });
const VERIFIED = {
  ok: true,
  appId: APP,
  keyIndex: 0,
  strength: 'credential',
  signature: SIGNATURE,
  nonce: NONCE,
  timestamp: TIMESTAMP,
};

type Values = { appKey?: string; nonce?: string; timestamp?: string; signature?: string };
type Carrier = (values: Values) => Pick<CallbackRequest, 'headers'> | Pick<CallbackRequest, 'query'>;

const rcHeaders: Carrier = ({ appKey, nonce, timestamp, signature }) => ({
  headers: { 'rc-app-key': appKey, 'rc-nonce': nonce, 'rc-timestamp': timestamp, 'rc-signature': signature },
});
const plainHeaders: Carrier = ({ appKey, nonce, timestamp, signature }) => ({
  headers: { appkey: appKey, nonce, timestamp, signature },
});
const query: Carrier = ({ appKey, nonce, timestamp, signature }) => ({
  query: { appKey, nonce, timestamp, signature },
});
const querySignTimestamp: Carrier = ({ appKey, nonce, timestamp, signature }) => ({
  query: { appKey, nonce, signTimestamp: timestamp, signature },
});

const CARRIERS: [string, Carrier][] = [
  ['RC- headers', rcHeaders],
  ['plain headers', plainHeaders],
  ['the query', query],
  ['the query with signTimestamp', querySignTimestamp],
];

const ALL: Values = { nonce: NONCE, timestamp: TIMESTAMP, signature: SIGNATURE };

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The parts of several carriers in one request. */
function carrying(...parts: Partial<CallbackRequest>[]): Partial<CallbackRequest> {
  return {
    headers: Object.assign({}, ...parts.map(({ headers }) => headers)),
    query: Object.assign({}, ...parts.map(({ query: values }) => values)),
  };
}

function verify(parts: Partial<CallbackRequest>, secrets = SECRETS) {
  return verifyWith(verifyRongcloud, callbackRequest({ body: BODY, ...parts }), secrets);
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

describe('carriers', () => {
  test.each(CARRIERS)('the published vector verifies in %s', (_name, carrier) => {
    expect(verify(carrier(ALL))).toEqual(VERIFIED);
  });

  test.each(CARRIERS)('an altered value in %s does not verify', (_name, carrier) => {
    for (const altered of [
      { nonce: '14315' },
      { timestamp: '1408710653001' },
      { timestamp: '01408710653000' },
    ]) {
      expect(verify(carrier({ ...ALL, ...altered }))).toMatchObject({ ok: false, reason: 'wrong_signature' });
    }
  });

  const splits: [(keyof Values)[], (keyof Values)[]][] = [
    [['nonce'], ['timestamp', 'signature']],
    [['timestamp'], ['nonce', 'signature']],
    [['signature'], ['nonce', 'timestamp']],
  ];
  const mixes = CARRIERS.flatMap(([one, first]) =>
    CARRIERS.filter(
      ([other]) => !(one.startsWith('the query') && other.startsWith('the query')) && other !== one,
    ).flatMap(([other, second]) =>
      splits.map(([some, rest]) => ({
        some,
        one,
        rest,
        other,
        parts: [first(only(some)), second(only(rest))],
      })),
    ),
  );
  test.each(mixes)('$some in $one and $rest in $other are not put together', ({ parts }) => {
    expect(verify(carrying(...parts))).toEqual({ ok: false, reason: 'missing_signature' });
  });

  test('two complete carriers do not lend each other a signature', () => {
    const elsewhere = { nonce: 'other', timestamp: '1', signature: SIGNATURE };
    const here = { nonce: NONCE, timestamp: TIMESTAMP, signature: sha1('nothing') };
    for (const parts of [
      [rcHeaders(here), query(elsewhere)],
      [rcHeaders(elsewhere), plainHeaders(here)],
      [plainHeaders(here), querySignTimestamp(elsewhere)],
    ]) {
      expect(verify(carrying(...parts))).toMatchObject({ ok: false, reason: 'wrong_signature' });
    }
  });

  function only(names: (keyof Values)[]): Values {
    return Object.fromEntries(names.map((name) => [name, ALL[name]]));
  }
});

describe('app key', () => {
  test.each(['appKey', 'app_key'])('is read from %s in the body', (name) => {
    expect(verify({ ...rcHeaders(ALL), body: json({ [name]: APP }) })).toEqual(VERIFIED);
    // Were it not read, every app's secrets would be tried.
    const foreign = { ...rcHeaders(ALL), body: json({ [name]: 'another-app' }) };
    expect(verify(foreign)).toMatchObject({ ok: false, reason: 'wrong_signature' });
  });

  test.each(CARRIERS)('is read from %s before the body', (_name, carrier) => {
    expect(verify({ ...carrier({ ...ALL, appKey: APP }), body: json({ appKey: 'another-app' }) })).toEqual(
      VERIFIED,
    );
    expect(verify(carrier({ ...ALL, appKey: 'another-app' }))).toMatchObject({
      ok: false,
      reason: 'wrong_signature',
    });
  });

  test('of a carrier that is not used does not count', () => {
    const parts = carrying(
      rcHeaders(ALL),
      plainHeaders({ appKey: 'another-app' }),
      query({ appKey: 'nobody' }),
    );
    expect(verify(parts)).toEqual(VERIFIED);
  });

  test.each([
    ['text', Buffer.from('not JSON')],
    ['half a JSON document', BODY.subarray(0, -1)],
    ['an array', json([{ appKey: APP }])],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
    ['an object without app key', json({ type: 1 })],
    ['an object with an empty app key', json({ appKey: '', app_key: null })],
  ])('may be missing: %s with a good signature is kept', (_name, body) => {
    expect(verify({ ...rcHeaders(ALL), body })).toEqual(VERIFIED);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is an app id like any other',
    (appId) => {
      const body = Buffer.from(`{"appKey":${JSON.stringify(appId)}}`);
      const parts = { ...rcHeaders(ALL), body };
      expect(verify(parts)).toMatchObject({ ok: false, reason: 'unknown_app' });
      expect(verify({ ...rcHeaders({ ...ALL, appKey: appId }) })).toMatchObject({
        ok: false,
        reason: 'unknown_app',
      });
      expect(verify(parts, new Map([[appId, [SECRET]]]))).toEqual({ ...VERIFIED, appId });
    },
  );
});

describe('secrets', () => {
  test.each([0, 1, 2])('the position of the secret is returned: %i', (keyIndex) => {
    const live = ['newest', 'newer', 'oldest'].with(keyIndex, SECRET);
    expect(verify(rcHeaders(ALL), new Map([[APP, live]]))).toEqual({ ...VERIFIED, keyIndex });
  });

  test('without a single app nothing verifies', () => {
    expect(verify(rcHeaders(ALL), new Map())).toMatchObject({ ok: false, reason: 'unknown_app' });
    expect(verify({ ...rcHeaders(ALL), body: Buffer.from('?') }, new Map()).ok).toBe(false);
  });
});

describe('refusals', () => {
  const refusals: [string, RefusalReason, Values][] = [
    ['nothing at all', 'missing_signature', {}],
    ['no nonce', 'missing_signature', { timestamp: TIMESTAMP, signature: SIGNATURE }],
    ['no timestamp', 'missing_signature', { nonce: NONCE, signature: SIGNATURE }],
    ['no signature', 'missing_signature', { nonce: NONCE, timestamp: TIMESTAMP }],
    ['an empty nonce', 'missing_signature', { ...ALL, nonce: '' }],
    ['an empty timestamp', 'missing_signature', { ...ALL, timestamp: '' }],
    ['an empty signature', 'missing_signature', { ...ALL, signature: '' }],
    ['39 digits', 'malformed_signature', { ...ALL, signature: SIGNATURE.slice(1) }],
    ['41 digits', 'malformed_signature', { ...ALL, signature: `${SIGNATURE}0` }],
    ['a line feed at the end', 'malformed_signature', { ...ALL, signature: `${SIGNATURE}\n` }],
    [
      'a character that is no hex digit',
      'malformed_signature',
      { ...ALL, signature: `g${SIGNATURE.slice(1)}` },
    ],
    ['full-width digits', 'malformed_signature', { ...ALL, signature: SIGNATURE.replace('3', '３') }],
    ['40 letters beyond ASCII', 'malformed_signature', { ...ALL, signature: 'é'.repeat(40) }],
    ['a megabyte', 'malformed_signature', { ...ALL, signature: 'a'.repeat(1_000_000) }],
    ['a SHA-256', 'malformed_signature', { ...ALL, signature: 'a'.repeat(64) }],
    ['a wrong digest', 'wrong_signature', { ...ALL, signature: sha1('wrong') }],
    ['the secret hashed last', 'wrong_signature', { ...ALL, signature: sha1(NONCE + TIMESTAMP + SECRET) }],
  ];
  test.each(refusals)('%s: %s', (_name, reason, values) => {
    for (const [, carrier] of CARRIERS) expect(verify(carrier(values))).toMatchObject({ ok: false, reason });
  });
});

describe('odd but valid values', () => {
  test('upper-case hex verifies and is kept as received', () => {
    const signature = SIGNATURE.toUpperCase();
    expect(verify(rcHeaders({ ...ALL, signature }))).toEqual({ ...VERIFIED, signature });
  });

  test.each([
    ['a nonce beyond ASCII', { nonce: 'nönce-一', timestamp: TIMESTAMP }],
    ['a nonce with spaces around it', { nonce: ' 14314 ', timestamp: TIMESTAMP }],
    ['an over-long nonce', { nonce: '7'.repeat(100_000), timestamp: TIMESTAMP }],
    ['a timestamp with a leading zero', { nonce: NONCE, timestamp: '0001408710653' }],
    ['a timestamp that is no number', { nonce: NONCE, timestamp: 'yesterday' }],
  ])('%s is hashed exactly as received', (_name, { nonce, timestamp }) => {
    const signature = sha1(SECRET + nonce + timestamp);
    expect(verify(rcHeaders({ nonce, timestamp, signature }))).toEqual({
      ...VERIFIED,
      nonce,
      timestamp,
      signature,
    });
  });
});
