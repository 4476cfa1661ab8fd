import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verified } from '../../lib/callback/callback.ts';
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  envelopeOf,
  largestMessageBytes,
  storedBodyOf,
  type UnverifiedEnvelope,
  unverifiedEnvelopeOf,
} from '../../lib/queue/envelope.ts';
import { anyText } from '../support/any-text.ts';
import { callbackRequest, RECEIVED_AT } from '../support/callback-request.ts';

const MEBIBYTE = 1_048_576;

const ENVELOPE: Envelope = {
  source: 'zego',
  appId: '12345',
  keyIndex: 1,
  strength: 'credential',
  signature: '5bd59fd62953a8059fb7eaba95720f66d19e4517',
  timestamp: '1470820198',
  nonce: '123412',
  receivedAt: RECEIVED_AT,
  body: Buffer.from('{"appid":"12345"}'),
};

const id = anyText(1);

/** Bytes up to and beyond the size from which they are compressed. */
const body = fc
  .tuple(fc.uint8Array(), fc.constantFrom(0, 16_000, 16_384, 40_000), fc.nat(255))
  .map(([head, length, filler]) => Buffer.concat([Buffer.from(head), Buffer.alloc(length, filler)]));

const envelope: fc.Arbitrary<Envelope> = fc.record(
  {
    source: id,
    appId: id,
    keyIndex: fc.nat(),
    strength: fc.constantFrom('body', 'credential'),
    signature: id,
    timestamp: id,
    nonce: id,
    receivedAt: fc.maxSafeInteger(),
    body,
  },
  { requiredKeys: ['source', 'appId', 'keyIndex', 'strength', 'signature', 'receivedAt', 'body'] },
);

describe('round trip', () => {
  test('arbitrary bytes and ids come back from one line of printable ASCII', () => {
    fc.assert(
      fc.property(envelope, (sent) => {
        const message = encodeEnvelope(sent);
        expect(message).toMatch(/^[\x20-\x7e]+$/);
        expect(decodeEnvelope(message)).toStrictEqual({ ...sent });
      }),
    );
  });

  test.each([
    ['U+FFFE', '\ufffe'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
    ['an emoji', '😀'],
    ['control characters', '\u0000\u0008\u001f\u007f\u0085'],
    ['line separators', '\n\r\u2028\u2029'],
    ['digits beyond 2^53', '7291847562039485713'],
  ])('%s in an id', (_name, appId) => {
    const sent = { ...ENVELOPE, appId, nonce: appId };
    expect(encodeEnvelope(sent)).toMatch(/^[\x20-\x7e]+$/);
    expect(decodeEnvelope(encodeEnvelope(sent))).toStrictEqual(sent);
  });

  test('holds what verified: request and credentials', () => {
    const { source, body: raw, receivedAt, ...credentials } = ENVELOPE;
    const verified: Verified = { ok: true, ...credentials };
    const request = callbackRequest({ body: raw, receivedAt, headers: { cookie: 'not kept' } });
    expect(envelopeOf(source, request, verified)).toEqual(ENVELOPE);
  });
});

describe('a callback that did not verify', () => {
  const request = callbackRequest({
    headers: { 'rc-nonce': '1', sign: 'Zm9v' },
    query: { timestamp: '2' },
    pathSegment: 'segment',
    body: Buffer.from([0xff, 0x00]),
  });
  const unverified: UnverifiedEnvelope = unverifiedEnvelopeOf('tencent', request, 'wrong_signature');

  test('comes back with all that a verification looks at', () => {
    const { headers, query, pathSegment, sourceIp, receivedAt, body } = request;
    expect(decodeEnvelope(encodeEnvelope(unverified))).toStrictEqual({
      source: 'tencent',
      refusal: 'wrong_signature',
      ...{ headers, query, pathSegment, sourceIp, receivedAt, body },
    });
  });

  test('is never taken for one that did', () => {
    const message = JSON.parse(encodeEnvelope(unverified));
    const forged = { ...message, appId: 'app', signature: 's', strength: 'body', keyIndex: 0 };
    expect(decodeEnvelope(JSON.stringify(forged))).toHaveProperty('refusal', 'wrong_signature');
    expect(decodeEnvelope(JSON.stringify({ ...forged, refusal: '' }))).toBeUndefined();
  });
});

describe('a body in the table', () => {
  const raw = Buffer.alloc(20_000, 'a');
  const stored = { key: 'f00d'.repeat(16), parts: 3 };
  const message = encodeEnvelope({ ...ENVELOPE, body: raw }, stored);

  test('is named by the message, and comes back from its packed bytes', () => {
    expect(storedBodyOf(message)).toEqual(stored);
    expect(decodeEnvelope(message, gzipSync(raw))).toStrictEqual({ ...ENVELOPE, body: raw });
  });

  test('is missed when it is not given', () => {
    expect(decodeEnvelope(message)).toBeUndefined();
  });

  test('is not looked for when the message has its own', () => {
    expect(storedBodyOf(encodeEnvelope(ENVELOPE))).toBeUndefined();
    expect(storedBodyOf(encodeEnvelope({ ...ENVELOPE, appId: '"bodyKey":' }))).toBeUndefined();
  });

  test.each([
    { key: 'x'.repeat(3_000), parts: 1 },
    { key: `${stored.key}0`, parts: 1 },
    { key: stored.key.toUpperCase(), parts: 1 },
    { ...stored, parts: -1 },
    { ...stored, parts: 0 },
    { ...stored, parts: 1.5 },
    { ...stored, parts: 4 },
    { ...stored, parts: 1_000_000_000 },
    { ...stored, parts: 1e300 },
  ])('is not looked for where none can be: %o', (elsewhere) => {
    expect(storedBodyOf(encodeEnvelope(ENVELOPE, elsewhere))).toBeUndefined();
    expect(decodeEnvelope(encodeEnvelope(ENVELOPE, elsewhere))).toBeUndefined();
  });
});

describe('size', () => {
  test('small bodies are sent as they are', () => {
    const raw = Buffer.alloc(16_383, 'a');
    expect(encodeEnvelope({ ...ENVELOPE, body: raw })).toContain(raw.toString('base64'));
  });

  test('large bodies are compressed', () => {
    const raw = Buffer.alloc(16_384, 'a');
    expect(encodeEnvelope({ ...ENVELOPE, body: raw }).length).toBeLessThan(1_000);
  });

  test('1 MiB of text fits into a message of 1 MiB and comes back', () => {
    expect(largestMessageBytes(MEBIBYTE)).toBe(MEBIBYTE - 1_024);
    const raw = Buffer.from(pictureList(MEBIBYTE));
    const message = encodeEnvelope({ ...ENVELOPE, body: raw });
    expect(raw).toHaveLength(MEBIBYTE);
    expect(message.length).toBeLessThanOrEqual(largestMessageBytes(MEBIBYTE));
    expect(decodeEnvelope(message)?.body.equals(raw)).toBe(true);
  });

  /** A snapshot callback with as many pictures as fit, each with a signed URL of its own. */
  function pictureList(bytes: number): string {
    const pictures: string[] = [];
    for (let length = 0, index = 0; length < bytes; index += 1) {
      const signature = encodeURIComponent(createHash('sha1').update(String(index)).digest('base64'));
      const url = `https://example.com/snapshots/20240501/${index}.jpg?Expires=1720269317&Signature=${signature}`;
      const picture = JSON.stringify({ url, offset: index * 10_000 });
      pictures.push(picture);
      length += picture.length + 1;
    }
    return `{"event":"snapshot","snapshot_pic_list":[${pictures.join(',')}]}`.slice(0, bytes);
  }
});

describe('garbage gives undefined', () => {
  const MESSAGE: Record<string, unknown> = JSON.parse(encodeEnvelope(ENVELOPE));
  const packed = (encoding: unknown, bytes: Buffer) => ({
    ...MESSAGE,
    encoding,
    body: bytes.toString('base64'),
  });

  test.each(Object.keys(MESSAGE).filter((name) => !['keyIndex', 'timestamp', 'nonce'].includes(name)))(
    'an envelope without %s',
    (name) => {
      const { [name]: _, ...rest } = MESSAGE;
      expect(decodeEnvelope(JSON.stringify(rest))).toBeUndefined();
      expect(decodeEnvelope(JSON.stringify({ ...rest, [name]: null }))).toBeUndefined();
      expect(decodeEnvelope(JSON.stringify({ ...rest, [name]: { value: 1 } }))).toBeUndefined();
    },
  );

  test.each<[string, unknown]>([
    ['another version', { ...MESSAGE, version: 2 }],
    ['an unknown strength', { ...MESSAGE, strength: 'none' }],
    ['an unknown encoding', { ...MESSAGE, encoding: 'br' }],
    ['a reception that is no time', { ...MESSAGE, receivedAt: 'now' }],
    ['a list of envelopes', [MESSAGE]],
    ['compressed bytes that are none', packed('gzip', Buffer.from('plain'))],
    ['half of the compressed bytes', packed('gzip', gzipSync(Buffer.alloc(20_000, 'a')).subarray(0, -12))],
    ['a body that unpacks to more than 1 MiB', packed('gzip', gzipSync(Buffer.alloc(MEBIBYTE + 1)))],
  ])('%s', (_name, message) => {
    expect(decodeEnvelope(JSON.stringify(message))).toBeUndefined();
  });

  test('arbitrary text', () => {
    const garbage = fc.oneof(
      anyText(),
      fc.json(),
      fc.nat(60).map((end) => JSON.stringify(MESSAGE).slice(0, end)),
    );
    fc.assert(
      fc.property(garbage, (message) => {
        expect(decodeEnvelope(message)).toBeUndefined();
      }),
    );
  });
});
