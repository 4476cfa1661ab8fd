import { describe, expect, test } from 'vitest';
import { SAMPLE_SECRETS, SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type CallbackToVerify, verifyCallback } from '../../library/verify.ts';

/** https://trtc.io/document/54912 */
const TENCENT: CallbackToVerify = {
  vendor: 'tencent',
  headers: { SdkAppId: '1400000000', Sign: 'kkoFeO3Oh2ZHnjtg8tEAQhtXK16/KI05W3BQff8IvGA=' },
  body:
    '{\n\t"EventGroupId":\t2,\n\t"EventType":\t204,\n\t"CallbackTs":\t1664209748188,\n\t"EventInfo":\t{\n\t\t"RoomId":\t8489,\n' +
    '\t\t"EventTs":\t1664209748,\n\t\t"EventMsTs":\t1664209748180,\n\t\t"UserId":\t"user_85034614",\n\t\t"Reason":\t0\n\t}\n}',
  secrets: { '1400000000': ['123654'] },
};

/** https://docs.rongcloud.cn/im/server/signature/ */
const RONGCLOUD: CallbackToVerify = {
  vendor: 'rongcloud',
  headers: {
    'RC-App-Key': 'e0x9wycfx7flq',
    'RC-Nonce': '14314',
    'RC-Timestamp': '1408710653000',
    'RC-Signature': '30be0bbca9c9b2e27578701e9fda2358a814c88f',
  },
  body: '{}',
  secrets: { e0x9wycfx7flq: ['a new secret', 'Y1W2MeFwwwRxa0'] },
  now: 1_408_710_654_000,
};

/** https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback */
const ZEGO: CallbackToVerify = {
  vendor: 'zego',
  headers: {},
  body: JSON.stringify({
    appid: '12345',
    event: 'room_login',
    timestamp: '1470820198',
    nonce: '123412',
    signature: '5bd59fd62953a8059fb7eaba95720f66d19e4517',
  }),
  secrets: new Map([['12345', ['secret']]]),
  now: 1_470_820_198_000,
};

describe('published vectors', () => {
  test('of TRTC', () => {
    expect(verifyCallback(TENCENT)).toMatchObject({
      ok: true,
      appId: '1400000000',
      keyIndex: 0,
      strength: 'body',
    });
  });

  test('of RongCloud, with the second secret', () => {
    expect(verifyCallback(RONGCLOUD)).toEqual({
      ok: true,
      appId: 'e0x9wycfx7flq',
      keyIndex: 1,
      strength: 'credential',
      signature: '30be0bbca9c9b2e27578701e9fda2358a814c88f',
      nonce: '14314',
      timestamp: '1408710653000',
    });
  });

  test('of ZEGOCLOUD', () => {
    expect(verifyCallback(ZEGO)).toMatchObject({ ok: true, appId: '12345', strength: 'credential' });
  });
});

describe('a sample of every source', () => {
  const now = Date.UTC(2026, 0, 2);
  test.each(SAMPLE_SOURCES.map((source) => [source.name, source] as const))('%s', (_name, source) => {
    const { vendor, appId } = source;
    const [event] = Object.values(source.events);
    const secrets = SAMPLE_SECRETS[vendor] ?? {};
    const credentials = { appId, secret: secrets[appId]?.[0] ?? '', now, nonce: '42' };
    const { headers, body } = source.sign(event?.(appId, now) ?? {}, credentials);
    expect(verifyCallback({ vendor, headers, body, secrets, now })).toMatchObject({ ok: true, appId });
  });
});

describe('a request in any form', () => {
  const {
    'RC-App-Key': appKey,
    'RC-Nonce': nonce,
    'RC-Timestamp': timestamp,
    'RC-Signature': signature,
  } = RONGCLOUD.headers as Record<string, string>;

  test.each<[string, Partial<CallbackToVerify>]>([
    ['headers in capitals', { headers: upperCase(RONGCLOUD.headers as Record<string, string>) }],
    ['Headers', { headers: new Headers(RONGCLOUD.headers as Record<string, string>) }],
    ['lists of one', { headers: lists(RONGCLOUD.headers as Record<string, string>) }],
    ['a query', { headers: {}, query: { appKey, nonce, signTimestamp: timestamp, signature } }],
    [
      'URLSearchParams',
      {
        headers: {},
        query: new URLSearchParams({ appKey, nonce, timestamp, signature } as Record<string, string>),
      },
    ],
    ['a method in lower case', { method: 'post' }],
    ['a Buffer', { body: Buffer.from('{}') }],
    ['a part of an ArrayBuffer', { body: new Uint8Array(Buffer.from('[{}]')).subarray(1, 3) }],
  ])('%s', (_name, parts) => {
    expect(verifyCallback({ ...RONGCLOUD, ...parts })).toMatchObject({ ok: true, appId: 'e0x9wycfx7flq' });
  });

  test('the bytes count, not the value', () => {
    const body = JSON.stringify(JSON.parse(TENCENT.body as string));
    expect(verifyCallback({ ...TENCENT, body })).toEqual({ ok: false, reason: 'wrong_signature' });
  });
});

describe('a refusal has its reason', () => {
  const HOUR_MS = 3_600_000;
  const signedAt = 1_408_710_653_000;

  test.each<[reason: string, CallbackToVerify]>([
    ['wrong_signature', { ...TENCENT, secrets: { '1400000000': ['another'] } }],
    ['unknown_app', { ...TENCENT, secrets: { '1400000001': ['123654'] } }],
    ['unknown_app', { ...TENCENT, secrets: {} }],
    ['missing_app_id', { ...TENCENT, headers: {} }],
    ['missing_signature', { ...RONGCLOUD, headers: {} }],
    ['malformed_signature', { ...TENCENT, headers: { SdkAppId: '1400000000', Sign: 'x' } }],
    ['wrong_signature', { ...RONGCLOUD, headers: { ...RONGCLOUD.headers, 'rc-nonce': ['1', '2'] } }],
    ['unreadable_credentials', { ...ZEGO, body: 'no JSON' }],
    ['stale', { ...RONGCLOUD, now: signedAt + 24 * HOUR_MS + 1 }],
    ['stale', { ...RONGCLOUD, now: signedAt - 24 * HOUR_MS - 1 }],
    ['stale', { ...ZEGO, now: undefined }],
    ['empty_body', { ...RONGCLOUD, body: '' }],
    ['method_not_allowed', { ...RONGCLOUD, method: 'GET' }],
  ])('%s', (reason, callback) => {
    expect(verifyCallback(callback)).toEqual({ ok: false, reason });
  });

  test('no timestamp makes a TRTC callback stale', () => {
    expect(verifyCallback({ ...TENCENT, now: 0 }).ok).toBe(true);
  });
});

describe('a wrong argument is named', () => {
  test.each<[RegExp, object]>([
    [/^vendor must be one of rongcloud, tencent, zego, not "agora"$/, { vendor: 'agora' }],
    [/^vendor must be .*, not "toString"$/, { vendor: 'toString' }],
    [/^body must be the bytes as received .* express\.raw/, { body: { EventGroupId: 2 } }],
    [/^body must be/, { body: undefined }],
    [/^headers must be an object or a Map$/, { headers: undefined }],
    [/^secrets must be an object or a Map$/, { secrets: '123654' }],
    [/^secrets: entry 1 is not an app id with a list/, { secrets: { '1400000000': '123654' } }],
    [/^secrets: entry 1 is not an app id with a list/, { secrets: { '1400000000': [''] } }],
    [/^secrets: entry 1 is not an app id with a list/, { secrets: new Map([[1400000000, ['123654']]]) }],
  ])('%s', (message, wrong) => {
    const call = () => verifyCallback({ ...TENCENT, ...wrong } as CallbackToVerify);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
    expect(call).not.toThrow('123654');
  });
});

function upperCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
}

function lists(headers: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}
