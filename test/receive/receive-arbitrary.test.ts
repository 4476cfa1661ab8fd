import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ingest } from '../../lib/receive/receive.ts';
import { anyText } from '../support/any-text.ts';
import { callbackRequest } from '../support/callback-request.ts';
import { type FakeAnswers, fakeServices } from '../support/fake-services.ts';
import { APP, SECRETS, SIGNERS } from '../support/signed-requests.ts';
import { randomRuns } from '../support/suite.ts';

const digest = (bytes: number, encoding: 'hex' | 'base64') =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((digits) => Buffer.from(digits).toString(encoding));

const value = fc.oneof(
  fc.constantFrom(APP, '__proto__', 'constructor', '1700000000', '1700000000000', ''),
  digest(20, 'hex'),
  digest(32, 'base64'),
  anyText(),
);

const fields = (...names: string[]) =>
  fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string()), value, {
    noNullPrototype: true,
  });

const headers = fields(
  'rc-nonce',
  'rc-timestamp',
  'rc-signature',
  'rc-app-key',
  'nonce',
  'timestamp',
  'signature',
  'sign',
  'sdkappid',
);
const query = fields('appKey', 'nonce', 'timestamp', 'signTimestamp', 'signature');
const callback = fields(
  'appKey',
  'app_key',
  'appid',
  'Appid',
  'app_id',
  'timestamp',
  'nonce',
  'signature',
  'Timestamp',
  'Nonce',
  'Signature',
);

const body = fc
  .oneof(
    fc.uint8Array(),
    anyText(),
    fc.json(),
    callback.map((value) => JSON.stringify(value)),
    callback.map((value) => new URLSearchParams(value).toString()),
    callback.map((value) => `data=${JSON.stringify(value)}%zz`),
    fc.constantFrom('['.repeat(100_000), 'a'.repeat(1_048_577), '%7B%22timestamp%22'),
  )
  .map((content) => (typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)));

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant('POST') },
  { weight: 2, arbitrary: fc.constantFrom('GET', 'HEAD', 'PUT', 'get') },
  fc.string(),
);

/** A request of somebody who knows no secret. */
const forged = fc.record({ method, headers, query, body }).map(callbackRequest);

const world: fc.Arbitrary<FakeAnswers> = fc.record(
  {
    secrets: fc.constantFrom(
      { ok: true, secrets: SECRETS },
      { ok: true, secrets: new Map() },
      { ok: false, reason: 'out' },
    ),
    renewed: fc.constant(SECRETS),
    sending: fc.constantFrom({ ok: true, messageId: 'm-1' }, { ok: false, reason: 'out' }),
    putting: fc.constantFrom({ ok: true }, { ok: false, reason: 'out' }),
  },
  { requiredKeys: [] },
);

const signer = fc.constantFrom(...Object.values(SIGNERS));

test('any request without a secret gets an answer of the contract and stores nothing', async () => {
  await fc.assert(
    fc.asyncProperty(signer, forged, world, async ({ source }, request, answers) => {
      const services = fakeServices(answers);
      const { status, body: answer } = await ingest(source, request, services);
      if (request.method === 'GET' || request.method === 'HEAD') expect(status).toBe(200);
      else if (request.method !== 'POST') expect(status).toBe(405);
      else expect([400, 401, 413, 503]).toContain(status);
      expect(answer).toEqual(
        status === 200 ? { code: 0 } : { code: status, reason: expect.stringMatching(/^[a-z_]+$/) },
      );
      expect([services.sent, services.put]).toEqual([[], []]);
      expect(services.lines).toHaveLength(1);
    }),
    { numRuns: randomRuns(200) },
  );
});

test('any genuine callback is stored once and answered with 200, or answered with 503', async () => {
  await fc.assert(
    fc.asyncProperty(signer, anyText(), world, async ({ source, sign }, content, answers) => {
      const renews = answers.secrets?.ok === true && answers.secrets.secrets.size === 0;
      fc.pre(!renews || answers.renewed !== undefined);
      const services = fakeServices(answers);
      const { status } = await ingest(source, sign(content), services);
      const isStored = answers.sending?.ok !== false || answers.putting?.ok !== false;
      const isUp = answers.secrets?.ok !== false && isStored;
      expect([status, services.sent.length + services.put.length]).toEqual(isUp ? [200, 1] : [503, 0]);
      expect(services.lines).toHaveLength(1);
    }),
  );
});
