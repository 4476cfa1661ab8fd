import { describe, expect, inject, test } from 'vitest';
import type { Vendor } from '../../../lib/callback/callback.ts';
import type { SampleSource, SignedCallback } from '../../../lib/vendors/common/sample.ts';
import { tencentSignature } from '../../../lib/vendors/tencent/verify.ts';
import { type Life, lifeOf, SOURCE_OF_EACH_VENDOR } from '../../support/lives.ts';
import { quarantinedWhen } from '../../support/quarantine-queue.ts';
import { SIGNERS } from '../../support/signed-requests.ts';
import { sharedStack } from '../../support/stack-client.ts';

const stack = sharedStack();

const DAY_MS = 24 * 60 * 60_000;

/** A life and its first callback. */
function firstOf(source: string, beganAt?: number): { life: Life; first: SignedCallback } {
  const life = lifeOf(source, beganAt === undefined ? {} : { beganAt });
  const [first] = life.callbacks;
  if (first === undefined) throw new Error('the life has no callback');
  return { life, first };
}

/** The names of the values that a vendor signs with, wherever it puts them. */
const CREDENTIALS = /^(rc-)?(signature|nonce|timestamp)$|^sign$/i;

const isSignature = (name: string) => /^(rc-)?sign(ature)?$/i.test(name);

/** A callback whose credentials are changed after it was signed; a name or value that is `undefined` goes. */
function withCredentials(
  { vendor }: SampleSource,
  callback: SignedCallback,
  change: (name: string, value: string) => string | undefined,
): SignedCallback {
  const changed = <Value>(members: Record<string, Value>) =>
    Object.fromEntries(
      Object.entries(members).flatMap(([name, value]) => {
        const kept = CREDENTIALS.test(name) ? change(name, String(value)) : value;
        return kept === undefined ? [] : [[name, kept]];
      }),
    );
  if (vendor !== 'zego') return { ...callback, headers: changed(callback.headers) };
  const body = changed(JSON.parse(callback.body.toString('utf8')));
  return { ...callback, body: Buffer.from(JSON.stringify(body)) };
}

/** Another first character, which a number, hex and base64 may all have. */
function altered(value: string): string {
  return (value.startsWith('1') ? '2' : '1') + value.slice(1);
}

/** Refused with a reason; a genuine callback of the same life that follows is the only one that was consumed. */
async function expectRefused(
  { life, first }: ReturnType<typeof firstOf>,
  refused: SignedCallback,
  reason: string,
) {
  expect(await stack.post(life.source, refused)).toMatchObject({ status: 401, body: { code: 401, reason } });
  const [, next = first] = life.callbacks;
  expect((await stack.post(life.source, next)).status).toBe(200);
  expect(await stack.consumedWhen(life.id, 1)).toHaveLength(1);
  await stack.readWhen(life.path, ({ body }) => expect(body.events).toHaveLength(1));
}

describe.each(SOURCE_OF_EACH_VENDOR)('%s', (source) => {
  test('missing signature: 401, and nothing is touched', async () => {
    const subject = firstOf(source);
    const bare = withCredentials(subject.life.source, subject.first, (name, value) =>
      isSignature(name) ? undefined : value,
    );
    await expectRefused(subject, bare, 'missing_signature');
  });

  test('malformed signature: 401, and nothing is touched', async () => {
    const subject = firstOf(source);
    for (const malformed of ['x', '0', 'ü'.repeat(20), ' ', '='.repeat(44), 'g'.repeat(40)]) {
      const callback = withCredentials(subject.life.source, subject.first, (name, value) =>
        isSignature(name) ? malformed : value,
      );
      const answer = await stack.post(subject.life.source, callback);
      expect([malformed, answer.status]).toEqual([malformed, 401]);
      expect(['malformed_signature', 'missing_signature']).toContain(answer.body.reason);
    }
    const cut = withCredentials(subject.life.source, subject.first, (name, value) =>
      isSignature(name) ? value.slice(1) : value,
    );
    await expectRefused(subject, cut, 'malformed_signature');
  });

  test('wrong-key signature: 401, and nothing is touched', async () => {
    const subject = firstOf(source);
    const { source: sampleSource, id } = subject.life;
    const body = JSON.parse(subject.first.body.toString('utf8'));
    const forged = sampleSource.sign(body, {
      appId: sampleSource.appId,
      secret: `not-the-secret-${id}`,
      now: Date.now(),
      nonce: id,
    });
    await expectRefused(subject, forged, 'wrong_signature');
  });

  test('altered after signing: a value that is signed no longer verifies', async () => {
    const { life, first } = firstOf(source);
    const names = new Set<string>();
    withCredentials(life.source, first, (name, value) => {
      if (SIGNERS[life.source.vendor].signedNames.test(name)) names.add(name);
      return value;
    });
    expect(names.size).toBeGreaterThan(0);
    for (const altering of names) {
      const callback = withCredentials(life.source, first, (name, value) =>
        name === altering ? altered(value) : value,
      );
      expect(await stack.post(life.source, callback)).toMatchObject({
        status: 401,
        body: { reason: 'wrong_signature' },
      });
    }
  });

  test('malformed content type: what is signed is taken whatever its type', async () => {
    const life = lifeOf(source);
    const types = ['application/octet-stream', 'text/plain', 'image/png', 'not a type', undefined];
    for (const [index, callback] of life.callbacks.entries()) {
      const { 'content-type': _, ...headers } = callback.headers;
      const type = types[index % types.length];
      const sent = {
        ...callback,
        headers: type === undefined ? headers : { ...headers, 'content-type': type },
      };
      expect([type, (await stack.post(life.source, sent)).status]).toEqual([type, 200]);
    }
    await stack.readWhen(life.path, ({ body }) => expect(body).toMatchObject(life.known));
  });
});

const BY_CREDENTIAL = SOURCE_OF_EACH_VENDOR.filter((source) => vendorOf(source) !== 'tencent');

function vendorOf(source: string): Vendor {
  return lifeOf(source).source.vendor;
}

describe.each(BY_CREDENTIAL)('%s, which signs nonce and timestamp alone', (source) => {
  test('stale: acknowledged, quarantined byte for byte and not applied', async () => {
    const { life, first } = firstOf(source, Date.now() - DAY_MS - 60_000);
    expect((await stack.post(life.source, first)).status).toBe(200);
    const { reason, envelope } = await quarantinedWhen(inject('stackUrl'), life.id);
    expect(reason).toBe('stale');
    expect(envelope.body).toEqual(first.body);
    expect((await stack.request(life.path)).status).toBe(404);
  });

  test('within the window: applied', async () => {
    const { life, first } = firstOf(source, Date.now() - DAY_MS + 60_000);
    expect((await stack.post(life.source, first)).status).toBe(200);
    await stack.readWhen(life.path, ({ body }) => expect(body.events).toHaveLength(1));
  });

  test('altered after signing: another body with the credentials is quarantined, and the first one stays', async () => {
    const { life, first } = firstOf(source);
    expect((await stack.post(life.source, first)).status).toBe(200);
    const { text } = await stack.readWhen(life.path, ({ body }) => expect(body.events).toHaveLength(1));
    const marker = `forged-${life.id}`;
    const body = { ...JSON.parse(first.body.toString('utf8')), marker };
    const forged = { ...first, body: Buffer.from(JSON.stringify(body)) };
    expect((await stack.post(life.source, forged)).status).toBe(200);
    const { reason, envelope } = await quarantinedWhen(inject('stackUrl'), marker);
    expect(reason).toBe('nonce_reused');
    expect(envelope.body).toEqual(forged.body);
    expect((await stack.request(life.path)).text).toBe(text);
  });
});

describe('tencent, which signs the body', () => {
  test('stale: a signed body is applied however old, because it can change nothing twice', async () => {
    const life = lifeOf('tencent', { beganAt: Date.now() - 30 * DAY_MS });
    for (const callback of [...life.callbacks, ...life.callbacks]) {
      expect((await stack.post(life.source, callback)).status).toBe(200);
    }
    await stack.consumedWhen(life.id, 2 * life.callbacks.length);
    const { body } = await stack.request(life.path);
    expect(body).toMatchObject(life.known);
    expect(body.events).toHaveLength(life.callbacks.length);
  });

  test('altered after signing: no byte of the body may differ, though it be the same JSON', async () => {
    const subject = firstOf('tencent');
    const { life, first } = subject;
    const text = first.body.toString('utf8');
    const same = [
      JSON.stringify(JSON.parse(text)),
      text.replaceAll('\t', '  '),
      `${text}\n`,
      ` ${text}`,
      `\ufeff${text}`,
    ];
    for (const body of same) {
      const answer = await stack.post(life.source, { ...first, body: Buffer.from(body) });
      expect(answer).toMatchObject({ status: 401, body: { reason: 'wrong_signature' } });
    }
    const body = Buffer.from(text.replace(life.id, life.id.toUpperCase()));
    await expectRefused(subject, { ...first, body }, 'wrong_signature');
  });
});

describe('malformed body', () => {
  const BROKEN: [string, (body: Buffer) => Buffer][] = [
    ['cut off', (body) => body.subarray(0, -1)],
    ['no object', (body) => Buffer.from(`[${body}]`)],
    ['bytes that are no text', (body) => Buffer.concat([Buffer.from([0xff, 0x00, 0xc3]), body])],
  ];

  test.each(BROKEN)('signed, but %s: acknowledged, and quarantined byte for byte', async (_name, damage) => {
    for (const source of ['rongcloud-recording', 'tencent']) {
      const { life, first } = firstOf(source);
      const body = damage(first.body);
      const { appId, vendor } = life.source;
      const secret = inject('stackSecrets')[vendor]?.[appId]?.[0] ?? '';
      // RongCloud does not sign the body; TRTC signs whatever bytes it sends.
      const callback =
        vendor === 'tencent'
          ? { headers: { SdkAppId: appId, Sign: tencentSignature(secret, body) }, body }
          : { ...first, body };
      expect((await stack.post(life.source, callback)).status).toBe(200);
      const { reason, envelope } = await quarantinedWhen(inject('stackUrl'), life.id);
      expect([source, reason]).toEqual([source, 'unreadable_body']);
      expect(envelope.body).toEqual(body);
      expect((await stack.request(life.path)).status).toBe(404);
    }
  });

  test.each(BROKEN)(
    '%s, where the credentials are in it: 400, and nothing is touched',
    async (_name, damage) => {
      const { life, first } = firstOf('zego');
      const body = damage(first.body);
      expect(await stack.post(life.source, { ...first, body })).toMatchObject({
        status: 400,
        body: { code: 400, reason: 'unreadable_credentials' },
      });
      expect((await stack.request(life.path)).status).toBe(404);
    },
  );
});
