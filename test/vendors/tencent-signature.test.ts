import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppSecrets, RefusalReason } from '../../lib/callback/callback.ts';
import { verifyWith } from '../../lib/callback/verification.ts';
import { verifyTencent } from '../../lib/vendors/tencent/verify.ts';
import { callbackRequest } from '../support/callback-request.ts';

const KEY = '123654';
const APP = '1400000000';
const SECRETS: AppSecrets = new Map([
  ['1400000001', ['another-key']],
  [APP, [KEY]],
]);

/** A room event, published with its signature on https://trtc.io/document/54912 */
const A = {
  body: Buffer.from(
    '{\n\t"EventGroupId":\t2,\n\t"EventType":\t204,\n\t"CallbackTs":\t1664209748188,\n\t"EventInfo":\t{\n\t\t"RoomId":\t8489,\n' +
      '\t\t"EventTs":\t1664209748,\n\t\t"EventMsTs":\t1664209748180,\n\t\t"UserId":\t"user_85034614",\n\t\t"Reason":\t0\n\t}\n}',
  ),
  bytes: 207,
  signature: 'kkoFeO3Oh2ZHnjtg8tEAQhtXK16/KI05W3BQff8IvGA=',
};

/** The screenshot of https://trtc.io/document/64802 in one line */
const B = {
  body: Buffer.from(
    '{"EventGroupId":6,"EventType":601,"CallbackTs":1698410059705,"EventInfo":{"eventID":"ap-guangzhou-1400000000-1698410059243691647-60022-jpg.jpg",' +
      '"callbackData":"test","pictureURL":"https://sotest-1200000000.cos.ap-guangzhou.myqcloud.com/1400000000/ap-guangzhou-1400000000-1698410059243691647-60022-jpg.jpg",' +
      '"code":0,"msg":"","roomID":"464884","streamType":"BigStream","userID":"dd","timestamp":1698410059693}}',
  ),
  bytes: 408,
  signature: 'Q8v87Y7BaelKhmT7RWmNS6bePuO9jnUyQkuwoCV/81E=',
};

/** The same JSON value as B, with line feeds and tabs as the vendor sends it */
const C = {
  body: Buffer.from(
    'ewoJIkV2ZW50R3JvdXBJZCI6CTYsCgkiRXZlbnRUeXBlIjoJNjAxLAoJIkNhbGxiYWNrVHMiOgkxNjk4NDEwMDU5NzA1LAoJIkV2ZW50SW5mbyI6CXsKCQkiZXZl' +
      'bnRJRCI6CSJhcC1ndWFuZ3pob3UtMTQwMDAwMDAwMC0xNjk4NDEwMDU5MjQzNjkxNjQ3LTYwMDIyLWpwZy5qcGciLAoJCSJjYWxsYmFja0RhdGEiOgkidGVzdCIs' +
      'CgkJInBpY3R1cmVVUkwiOgkiaHR0cHM6Ly9zb3Rlc3QtMTIwMDAwMDAwMC5jb3MuYXAtZ3Vhbmd6aG91Lm15cWNsb3VkLmNvbS8xNDAwMDAwMDAwL2FwLWd1YW5n' +
      'emhvdS0xNDAwMDAwMDAwLTE2OTg0MTAwNTkyNDM2OTE2NDctNjAwMjItanBnLmpwZyIsCgkJImNvZGUiOgkwLAoJCSJtc2ciOgkiIiwKCQkicm9vbUlEIjoJIjQ2' +
      'NDg4NCIsCgkJInN0cmVhbVR5cGUiOgkiQmlnU3RyZWFtIiwKCQkidXNlcklEIjoJImRkIiwKCQkidGltZXN0YW1wIjoJMTY5ODQxMDA1OTY5MwoJfQp9',
    'base64',
  ),
  bytes: 459,
  signature: 'qD8nUMvg5c3mK9Yfo+C+qGAbve4jQ3Fvger7pbp+XWM=',
};

const VECTORS: [string, typeof A][] = [
  ['A', A],
  ['B', B],
  ['C', C],
];

function verify(body: Buffer, sign: string | undefined, appId: string | undefined = APP, secrets = SECRETS) {
  return verifyWith(verifyTencent, callbackRequest({ headers: { sign, sdkappid: appId }, body }), secrets);
}

function sign(body: Buffer, key = KEY): string {
  return createHmac('sha256', key).update(body).digest('base64');
}

function text(body: Buffer, change: (text: string) => string): Buffer {
  return Buffer.from(change(body.toString()));
}

describe('vectors', () => {
  test.each(VECTORS)('%s verifies', (_name, { body, bytes, signature }) => {
    expect(body).toHaveLength(bytes);
    expect(verify(body, signature)).toEqual({
      ok: true,
      appId: APP,
      keyIndex: 0,
      strength: 'body',
      signature,
    });
  });

  test('B and C are one JSON value with two signatures', () => {
    expect(JSON.parse(C.body.toString())).toEqual(JSON.parse(B.body.toString()));
    expect(verify(B.body, C.signature)).toMatchObject({ ok: false, reason: 'wrong_signature' });
    expect(verify(C.body, B.signature)).toMatchObject({ ok: false, reason: 'wrong_signature' });
  });
});

describe('every byte of the body counts', () => {
  const rewritings: [string, (text: string) => string][] = [
    ['serialised again', (body) => JSON.stringify(JSON.parse(body))],
    ['serialised again with tabs', (body) => JSON.stringify(JSON.parse(body), null, '\t')],
    ['with CRLF', (body) => body.replaceAll('\n', '\r\n')],
    ['with two-character escapes', (body) => body.replaceAll('\n', '\\n').replaceAll('\t', '\\t')],
    ['with a line feed at the end', (body) => `${body}\n`],
    ['with a byte order mark', (body) => `\ufeff${body}`],
  ];
  test.each(rewritings)('a body %s fails', (_name, rewrite) => {
    for (const { body, signature } of [A, C]) {
      expect(verify(text(body, rewrite), signature)).toMatchObject({ ok: false, reason: 'wrong_signature' });
    }
  });

  test('a trimmed body fails', () => {
    const sent = text(A.body, (body) => `\r\n${body} \n`);
    expect(verify(sent, sign(sent)).ok).toBe(true);
    const trimmed = text(sent, (body) => body.trim());
    expect(verify(trimmed, sign(sent))).toMatchObject({ ok: false, reason: 'wrong_signature' });
  });

  test('bytes that are no text verify as they are', () => {
    const body = Buffer.from([0xff, 0xc3, 0x28, 0x00, 0xed, 0xa0, 0x80]);
    expect(verify(body, sign(body)).ok).toBe(true);
    expect(verify(Buffer.from(body.toString()), sign(body))).toMatchObject({
      ok: false,
      reason: 'wrong_signature',
    });
  });

  test('one changed byte anywhere fails', () => {
    const change = fc.record({ at: fc.nat(A.body.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(change, ({ at, by }) => {
        const body = Buffer.from(A.body);
        body[at] = (body[at] ?? 0) ^ by;
        expect(verify(body, A.signature)).toMatchObject({ ok: false, reason: 'wrong_signature' });
      }),
    );
  });
});

describe('refusals', () => {
  const malformed: [string, string][] = [
    ['the URL-safe alphabet', A.signature.replace('/', '_')],
    ['a minus sign', A.signature.replace('/', '-')],
    ['no padding', A.signature.slice(0, -1)],
    ['two paddings', `${A.signature.slice(0, -2)}==`],
    ['44 characters without padding', `${A.signature.slice(0, -1)}A`],
    ['a character too few', A.signature.slice(1)],
    ['a character too many', `A${A.signature}`],
    ['a space in front', ` ${A.signature}`],
    ['a line feed at the end', `${A.signature}\n`],
    ['hex', Buffer.from(A.signature, 'base64').toString('hex')],
    ['characters beyond ASCII', `${'é'.repeat(43)}=`],
    ['a megabyte', 'A'.repeat(1_000_000)],
  ];
  test.each(malformed)('%s: malformed_signature', (_name, signature) => {
    expect(verify(A.body, signature)).toEqual({ ok: false, reason: 'malformed_signature' });
  });

  test.each([
    ['a header that is missing', undefined],
    ['an empty header', ''],
  ])('%s', (_name, value) => {
    const { headers, ...rest } = callbackRequest({
      headers: { sign: A.signature, sdkappid: APP },
      body: A.body,
    });
    const without = (name: string) =>
      verifyWith(verifyTencent, { ...rest, headers: { ...headers, [name]: value } }, SECRETS);
    expect(without('sign')).toMatchObject({ ok: false, reason: 'missing_signature' });
    expect(without('sdkappid')).toEqual({ ok: false, reason: 'missing_app_id' });
  });

  test.each(['1400000002', '__proto__', 'constructor', 'toString', ' 1400000000'])(
    '%j is an unknown app',
    (appId) => {
      expect(verify(A.body, A.signature, appId)).toMatchObject({ ok: false, reason: 'unknown_app' });
      expect(verify(A.body, A.signature, appId, new Map([[appId, [KEY]]]))).toMatchObject({
        ok: true,
        appId,
      });
    },
  );

  const wrong: [string, string, string][] = [
    ['the key of another app', sign(A.body, 'another-key'), APP],
    ['another app than the one of the key', A.signature, '1400000001'],
    ['a digest of nothing', sign(Buffer.alloc(0)), APP],
  ];
  test.each(wrong)('%s: wrong_signature', (_name, signature, appId) => {
    const reason: RefusalReason = 'wrong_signature';
    expect(verify(A.body, signature, appId)).toMatchObject({ ok: false, reason });
  });
});

test.each([0, 1, 2])('the position of the verifying key is returned: %i', (keyIndex) => {
  const secrets = new Map([[APP, ['newest', 'newer', 'oldest'].with(keyIndex, KEY)]]);
  expect(verify(A.body, A.signature, APP, secrets)).toMatchObject({ ok: true, keyIndex });
});
