import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeEnvelope, storedBodyOf } from '../../lib/queue/envelope.ts';
import { bodyPartKey } from '../../lib/queue/stored-body.ts';
import { ingest } from '../../lib/receive/receive.ts';
import { fakeServices } from '../support/fake-services.ts';
import {
  APP,
  bare,
  CONTENT,
  malformed,
  SECRET,
  SECRETS,
  SIGNERS,
  signatureOf,
} from '../support/signed-requests.ts';

const { rongcloud, zego } = SIGNERS;
const ALL = Object.values(SIGNERS);

describe('the message', () => {
  test.each(ALL)('$vendor: holds the request as received, for its app', async ({ source, sign }) => {
    const services = fakeServices();
    const request = sign();
    await ingest(source, request, services);
    expect(services.sent.map(({ group }) => group)).toEqual([APP]);
    expect(decodeEnvelope(services.sent[0]?.message ?? '')).toMatchObject({
      source: source.name,
      appId: APP,
      keyIndex: 0,
      signature: signatureOf(request),
      receivedAt: request.receivedAt,
      body: request.body,
    });
  });

  test('holds bytes that are no text', async () => {
    const services = fakeServices();
    const body = Buffer.from([0xff, 0xfe, 0x00, 0xed, 0xa0, 0x80]);
    await ingest(rongcloud.source, { ...rongcloud.sign(), body }, services);
    expect(decodeEnvelope(services.sent[0]?.message ?? '')).toMatchObject({ appId: APP, body });
  });

  test('says where in the table its body is when the queue would not take it', async () => {
    const services = fakeServices();
    const body = randomBytes(1_048_576);
    const { status } = await ingest(rongcloud.source, { ...rongcloud.sign(), body }, services);
    const message = services.sent[0]?.message ?? '';
    expect([status, message.length < 1_000]).toEqual([200, true]);
    const stored = storedBodyOf(message);
    expect(services.put.map(({ item }) => item)).toMatchObject(
      [0, 1, 2].map((part) => bodyPartKey(stored?.key ?? '', part)),
    );
    const bytes = Buffer.concat(
      services.put.map(({ item }) => Buffer.from((item.bytes as { B: string }).B, 'base64')),
    );
    expect(decodeEnvelope(message, bytes)?.body.equals(body)).toBe(true);
  });

  test('is not sent when its body is nowhere', async () => {
    const services = fakeServices({ putting: { ok: false, reason: 'timeout' } });
    const body = randomBytes(1_048_576);
    const { status } = await ingest(rongcloud.source, { ...rongcloud.sign(), body }, services);
    expect([status, services.sent]).toEqual([503, []]);
    expect(services.lines[0]?.fields).toMatchObject({
      reason: 'stores_unavailable',
      cause: 'table: timeout',
    });
  });

  test('has to be taken early enough for an answer within 4 s', async () => {
    const services = fakeServices({ sendingMs: 250 });
    const startedAt = services.clock.now;
    await ingest(zego.source, zego.sign(), services);
    expect(services.sent[0]?.deadline).toBeGreaterThan(startedAt);
    expect(services.sent[0]?.deadline).toBeLessThan(startedAt + 4_000);
    expect(services.lines[0]?.fields.ackMs).toBe(250);
  });
});

describe('rotation', () => {
  test.each(ALL)('$vendor: a new secret is found by reading the secrets again', async ({ source, sign }) => {
    const services = fakeServices({ renewed: new Map([[APP, ['new-secret', SECRET]]]) });
    const { status } = await ingest(source, sign(CONTENT, 'new-secret'), services);
    expect([status, services.mismatches, services.sent.length]).toEqual([200, 1, 1]);
  });

  test.each(ALL)('$vendor: a new app is found by reading the secrets again', async ({ source, sign }) => {
    const services = fakeServices({ secrets: { ok: true, secrets: new Map() }, renewed: SECRETS });
    const { status } = await ingest(source, sign(), services);
    expect([status, services.mismatches, services.sent.length]).toEqual([200, 1, 1]);
  });

  test.each(ALL)('$vendor: the secrets are not read again for what cannot be a rotation', async (signer) => {
    const services = fakeServices({ renewed: SECRETS });
    for (const request of [signer.sign(), malformed(signer), bare(signer)]) {
      await ingest(signer.source, request, services);
    }
    expect(services.mismatches).toBe(0);
  });
});
