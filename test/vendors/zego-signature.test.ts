import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AppSecrets } from '../../lib/callback/callback.ts';
import { verifyWith } from '../../lib/callback/verification.ts';
import { verifyZego } from '../../lib/vendors/zego/verify.ts';
import { callbackRequest } from '../support/callback-request.ts';

/** The vector of https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback */
const SECRET = 'secret';
const TIMESTAMP = '1470820198';
const NONCE = '123412';
const SIGNATURE = '5bd59fd62953a8059fb7eaba95720f66d19e4517';

const APP = '12345';
const SECRETS: AppSecrets = new Map([
  ['54321', ['another secret']],
  [APP, [SECRET]],
]);
const CALLBACK = {
  appid: APP,
  event: 'room_login',
  timestamp: TIMESTAMP,
  nonce: NONCE,
  signature: SIGNATURE,
};
const VERIFIED = {
  ok: true,
  appId: APP,
  keyIndex: 0,
  strength: 'credential',
  signature: SIGNATURE,
  nonce: NONCE,
  timestamp: TIMESTAMP,
};

/** Verifies a body given as bytes, as text or as the value of a JSON document. */
function verify(body: Buffer | string | object, secrets = SECRETS) {
  const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return verifyWith(verifyZego, callbackRequest({ body: Buffer.from(raw as string) }), secrets);
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function without(name: keyof typeof CALLBACK): object {
  const { [name]: _, ...rest } = CALLBACK;
  return rest;
}

describe('rule', () => {
  test('the published vector verifies', () => {
    expect(verify(CALLBACK)).toEqual(VERIFIED);
  });

  const orders: [string, string, string, string, string][] = [
    ['the secret last', 'secret', '1690000000', '5512', '16900000005512secret'],
    ['the secret first', '0secret', '1690000000', '5512', '0secret16900000005512'],
    ['the secret in the middle', '3secret', '1690000000', '5512', '16900000003secret5512'],
    ['the nonce first', 'secret', '1690000000', '0512', '05121690000000secret'],
    ['numbers as text, not by value', 'secret', '1690000000', '9', '16900000009secret'],
    ['a prefix before what it begins', 'secret', '1690000000', '169', '1691690000000secret'],
    ['capitals before small letters', 'Zecret', '1690000000', 'abc', '1690000000Zecretabc'],
    ['in byte order beyond ASCII', 'ｚ', '1690000000', '😀', '1690000000ｚ😀'],
    ['equal values', '5512', '5512', '5512', '551255125512'],
  ];
  test.each(orders)(
    'the values are sorted for each callback: %s',
    (_name, secret, timestamp, nonce, joined) => {
      const signature = sha1(joined);
      const secrets = new Map([[APP, [secret]]]);
      const expected = { ...VERIFIED, timestamp, nonce, signature };
      expect(verify({ ...CALLBACK, timestamp, nonce, signature }, secrets)).toEqual(expected);
    },
  );

  test.each([0, 1, 2])('the position of the verifying secret is returned: %i', (keyIndex) => {
    const secrets = new Map([[APP, ['newest', 'newer', 'oldest'].with(keyIndex, SECRET)]]);
    expect(verify(CALLBACK, secrets)).toEqual({ ...VERIFIED, keyIndex });
  });

  test('upper-case hex verifies and is kept as received', () => {
    const signature = SIGNATURE.toUpperCase();
    expect(verify({ ...CALLBACK, signature })).toEqual({ ...VERIFIED, signature });
  });
});

describe('credentials', () => {
  test('numeric ones are taken as their digits', () => {
    expect(verify({ ...CALLBACK, timestamp: Number(TIMESTAMP), nonce: Number(NONCE) })).toEqual(VERIFIED);
  });

  test('a numeric nonce beyond 2^53 keeps its digits', () => {
    const nonce = '7254119327986670314';
    const signature = sha1(`${TIMESTAMP}${nonce}${SECRET}`);
    const body = `{"appid":12345,"timestamp":${TIMESTAMP},"nonce":${nonce},"signature":"${signature}"}`;
    expect(verify(body)).toEqual({ ...VERIFIED, nonce, signature });
    expect(verify(encodeURIComponent(body))).toEqual({ ...VERIFIED, nonce, signature });
  });

  test('text keeps leading zeros and spaces', () => {
    const credentials = { timestamp: '0999', nonce: ' 01' };
    const signature = sha1(` 010999${SECRET}`);
    expect(verify({ ...CALLBACK, ...credentials, signature })).toEqual({
      ...VERIFIED,
      ...credentials,
      signature,
    });
  });

  test('may have capitalised names', () => {
    const body = {
      Event: 'transcode_start',
      Appid: APP,
      Timestamp: TIMESTAMP,
      Nonce: NONCE,
      Signature: SIGNATURE,
    };
    expect(verify(body)).toEqual(VERIFIED);
  });

  test.each(['timestamp', 'nonce', 'signature'] as const)(
    'a callback without %s: missing_signature',
    (name) => {
      for (const body of [without(name), { ...CALLBACK, [name]: '' }, { ...CALLBACK, [name]: null }]) {
        expect(verify(body)).toEqual({ ok: false, reason: 'missing_signature' });
      }
      for (const value of [true, [SIGNATURE], { value: SIGNATURE }]) {
        expect(verify({ ...CALLBACK, [name]: value })).toEqual({ ok: false, reason: 'missing_signature' });
      }
    },
  );

  test.each([
    ['the vendor’s placeholder', 'signature'],
    ['39 digits', SIGNATURE.slice(1)],
    ['41 digits', `${SIGNATURE}0`],
    ['a line feed at the end', `${SIGNATURE}\n`],
    ['characters beyond ASCII', 'é'.repeat(40)],
    ['500,000 digits', 'a'.repeat(500_000)],
    ['a number', 5],
  ])('%s as signature: malformed_signature', (_name, signature) => {
    expect(verify({ ...CALLBACK, signature })).toEqual({ ok: false, reason: 'malformed_signature' });
  });

  test.each([
    ['another timestamp', { timestamp: '1470820199' }],
    ['another nonce', { nonce: '123413' }],
    ['the values joined without sorting', { signature: sha1(SECRET + TIMESTAMP + NONCE) }],
    ['another app', { appid: '54321' }],
  ])('%s: wrong_signature', (_name, altered) => {
    expect(verify({ ...CALLBACK, ...altered })).toMatchObject({ ok: false, reason: 'wrong_signature' });
  });
});

describe('app id', () => {
  test.each(['appid', 'app_id', 'Appid', 'AppId', 'AppID'])('may be spelt %s, as text or number', (name) => {
    const secrets = new Map([...SECRETS, ['99', ['third secret']]]);
    expect(verify({ ...without('appid'), [name]: APP }, secrets)).toEqual(VERIFIED);
    expect(verify({ ...without('appid'), [name]: Number(APP) }, secrets)).toEqual(VERIFIED);
    // Were it not read, every app's secrets would be tried.
    expect(verify({ ...without('appid'), [name]: 54321 })).toMatchObject({
      ok: false,
      reason: 'wrong_signature',
    });
  });

  test('may be missing: a callback with a good signature is kept', () => {
    expect(verify(without('appid'))).toEqual(VERIFIED);
  });

  test.each(['67890', '__proto__', 'constructor', 'toString'])(
    '%s is unknown until it has secrets',
    (appId) => {
      expect(verify({ ...CALLBACK, appid: appId })).toMatchObject({ ok: false, reason: 'unknown_app' });
      expect(verify({ ...CALLBACK, appid: appId }, new Map([[appId, [SECRET]]]))).toEqual({
        ...VERIFIED,
        appId,
      });
    },
  );
});

describe('body', () => {
  const text = JSON.stringify({ ...CALLBACK, title: 'a b+c&d=e' });
  test.each([
    ['JSON', text],
    ['JSON with a byte order mark and spaces', `\ufeff\r\n ${text}\n`],
    ['percent-encoded JSON', encodeURIComponent(text)],
    ['a form of fields', new URLSearchParams({ ...CALLBACK, title: 'a b+c&d=e' }).toString()],
    ['a form with one key that holds JSON', `${encodeURIComponent(text)}=`],
    ['a form with one value that holds JSON', `data=${encodeURIComponent(text)}`],
  ])('%s verifies', (_name, body) => {
    expect(verify(body)).toEqual(VERIFIED);
  });

  test.each([
    ['text', 'hello'],
    ['half a JSON document', text.slice(0, -1).replaceAll('=', '')],
    ['an array', JSON.stringify([CALLBACK])],
    ['JSON in a JSON string', JSON.stringify(JSON.stringify(without('event')))],
    ['a number', '5'],
    ['null', 'null'],
    ['percent-encoded text', '%7Bhello'],
    ['invalid percent escapes', '%7B%22a%22:%zz%'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80])],
  ])('%s: unreadable_credentials', (_name, body) => {
    expect(verify(body)).toEqual({ ok: false, reason: 'unreadable_credentials' });
  });

  test.each([
    ['an empty object', '{}'],
    ['a form of something else', 'user=me&password=%zz'],
    ['credentials out of reach', JSON.stringify({ data: CALLBACK })],
    ['inherited names', '{"__proto__":{"timestamp":"1470820198","nonce":"123412"},"appid":"12345"}'],
  ])('%s: missing_signature', (_name, body) => {
    expect(verify(body)).toEqual({ ok: false, reason: 'missing_signature' });
  });
});
