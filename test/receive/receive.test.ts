import { describe, expect, test, vi } from 'vitest';
import type { CallbackRequest } from '../../lib/callback/callback.ts';
import { resultOf } from '../../lib/platform/aws/gateway.ts';
import type { Answer } from '../../lib/platform/http.ts';
import { ingest } from '../../lib/receive/receive.ts';
import { type FakeAnswers, fakeServices } from '../support/fake-services.ts';
import {
  APP,
  bare,
  CONTENT,
  malformed,
  NONCE,
  padded,
  SECRET,
  SIGNERS,
  type Signer,
  signatureOf,
} from '../support/signed-requests.ts';

const MEBIBYTE = 1_048_576;

const NO_SECRETS: FakeAnswers = { secrets: { ok: false, reason: 'parameter /secrets: timeout' } };
const NO_QUEUE: FakeAnswers = { sending: { ok: false, reason: '503 ServiceUnavailable' } };
const NO_STORE: FakeAnswers = { ...NO_QUEUE, putting: { ok: false, reason: 'ECONNREFUSED' } };
const OTHER_APP: FakeAnswers = { secrets: { ok: true, secrets: new Map([['app-2', [SECRET]]]) } };

type MakeRequest = (signer: Signer) => CallbackRequest;

/** A request to a vendor's route, the state of the world, and the answer. */
type Row = [
  name: string,
  vendors: Signer[],
  request: MakeRequest,
  world: FakeAnswers,
  status: number,
  reason?: string,
];

const { rongcloud, tencent, zego } = SIGNERS;
const ALL = [rongcloud, tencent, zego];

const genuine: MakeRequest = ({ sign }) => sign();
const withMethod = (method: string) => (signer: Signer) => ({ ...signer.sign(), method });
const withBody = (text: string) => (signer: Signer) => ({ ...signer.sign(), body: Buffer.from(text) });
const wrong: MakeRequest = ({ sign }) => sign(CONTENT, 'canary-wrong-secret');

const ROWS: Row[] = [
  ['a genuine callback', ALL, genuine, {}, 200],
  ['a body of 1 MiB', ALL, (signer) => padded(signer, MEBIBYTE), {}, 200],
  ['GET', ALL, withMethod('GET'), {}, 200],
  ['HEAD', ALL, withMethod('HEAD'), {}, 200],
  ['GET while everything is out', ALL, withMethod('GET'), { ...NO_SECRETS, ...NO_STORE }, 200],
  ['PUT', ALL, withMethod('PUT'), {}, 405, 'method_not_allowed'],
  ['OPTIONS', ALL, withMethod('OPTIONS'), {}, 405, 'method_not_allowed'],
  ['no body', ALL, withBody(''), {}, 400, 'empty_body'],
  ['credentials that cannot be read', [zego], withBody(CONTENT), {}, 400, 'unreadable_credentials'],
  ['no credentials', [rongcloud, zego], (signer) => bare(signer), {}, 401, 'missing_signature'],
  ['no signature', [tencent], (signer) => bare(signer, 'sdkappid'), {}, 401, 'missing_signature'],
  ['no app id', [tencent], (signer) => bare(signer, 'sign'), {}, 401, 'missing_app_id'],
  ['a malformed signature', ALL, malformed, {}, 401, 'malformed_signature'],
  ['a wrong signature', ALL, wrong, {}, 401, 'wrong_signature'],
  ['a wrong signature after reading again', ALL, wrong, { renewed: new Map() }, 401, 'unknown_app'],
  ['a signed body that was changed', [tencent], withBody('{}'), {}, 401, 'wrong_signature'],
  ['an unknown app', ALL, genuine, OTHER_APP, 401, 'unknown_app'],
  ['a body of 1 MiB and a byte', ALL, (signer) => padded(signer, MEBIBYTE + 1), {}, 413, 'body_too_large'],
  ['secrets that cannot be read', ALL, genuine, NO_SECRETS, 503, 'secrets_unavailable'],
  ['a queue that takes nothing', ALL, genuine, NO_QUEUE, 200],
  ['queue and table that take nothing', ALL, genuine, NO_STORE, 503, 'stores_unavailable'],
];

const TABLE = ROWS.flatMap(([name, signers, request, world, status, reason]) =>
  signers.map((signer) => ({ vendor: signer.vendor, signer, name, request, world, status, reason })),
);

describe('answer table', () => {
  test.each(TABLE)('$vendor: $name: $status', async ({ signer, request, world, status, reason }) => {
    const services = fakeServices(world);
    const answer = await ingest(signer.source, request(signer), services);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(status === 200 ? { code: 0 } : { code: status, reason });
    expect(answer.headers?.allow).toBe(status === 405 ? 'GET, HEAD, POST' : undefined);
    expect(responseBytes(answer)).toBeLessThan(2_000);
  });

  test.each(TABLE)('$vendor: $name: stored only if verified and answered with 200', async (row) => {
    const services = fakeServices(row.world);
    const request = row.request(row.signer);
    const { status } = await ingest(row.signer.source, request, services);
    expect(services.sent.length + services.put.length).toBe(
      status === 200 && request.method === 'POST' ? 1 : 0,
    );
  });

  function responseBytes(answer: Answer): number {
    const { headers, body = '' } = resultOf(answer);
    return JSON.stringify(headers).length + Buffer.byteLength(body);
  }
});

test.each(ALL)(
  '$vendor: a body is parsed once at most, though the secrets are read again',
  async (signer) => {
    const services = fakeServices({ renewed: new Map([[APP, ['another']]]) });
    const request = wrong(signer);
    const parse = vi.spyOn(JSON, 'parse');
    try {
      expect((await ingest(signer.source, request, services)).status).toBe(401);
      expect(parse.mock.calls.length).toBeLessThanOrEqual(1);
      for (const [, reviver] of parse.mock.calls) expect(reviver).toBeUndefined();
    } finally {
      parse.mockRestore();
    }
  },
);

describe('log', () => {
  test.each(ALL)(
    '$vendor: a refusal names the app that the request claims, and only there',
    async (signer) => {
      const claims = async (request: CallbackRequest, world: FakeAnswers = {}) => {
        const services = fakeServices(world);
        const { body } = await ingest(signer.source, request, services);
        expect(JSON.stringify(body)).not.toContain(APP);
        return services.lines[0]?.fields.claimedAppId;
      };
      expect(await claims(wrong(signer))).toBe(APP);
      expect(await claims(signer.sign(), OTHER_APP)).toBe(APP);
      expect(await claims(signer.sign())).toBeUndefined();
    },
  );

  test('a claimed app id is bounded', async () => {
    const services = fakeServices({});
    const request = tencent.sign();
    const headers = { ...request.headers, sdkappid: '7'.repeat(10_000) };
    await ingest(tencent.source, { ...request, headers }, services);
    expect(services.lines[0]?.fields.claimedAppId).toBe('7'.repeat(64));
  });

  test.each(TABLE)(
    '$vendor: $name: one line says what happened',
    async ({ signer, request, world, status, reason }) => {
      const services = fakeServices(world);
      const callback = request(signer);
      await ingest(signer.source, callback, services, { requestId: 'request-1' });
      expect(services.lines).toEqual([
        {
          level: status >= 500 ? 'error' : status >= 400 || world === NO_QUEUE ? 'warn' : 'info',
          message: 'callback',
          fields: expect.objectContaining({
            source: signer.source.name,
            status,
            ...(reason === undefined ? {} : { reason }),
            bodyBytes: callback.body.length,
            sourceIp: callback.sourceIp,
            requestId: 'request-1',
          }),
        },
      ]);
    },
  );

  test.each(TABLE)(
    '$vendor: $name: nothing of the callback or the secrets',
    async ({ signer, request, world }) => {
      const services = fakeServices(world);
      const callback = request(signer);
      const answer = await ingest(signer.source, callback, services);
      const seen = JSON.stringify([services.lines, answer]);
      for (const hidden of ['canary', SECRET, NONCE, CONTENT, signatureOf(callback) ?? 'canary']) {
        expect(seen).not.toContain(hidden);
      }
    },
  );

  test.each(ALL)('$vendor: logs the app only of a callback that verified', async ({ source, sign }) => {
    const services = fakeServices();
    await ingest(source, sign(), services);
    await ingest(source, sign(CONTENT, 'canary-wrong-secret'), services);
    const [accepted, refused] = services.lines;
    expect(accepted?.fields).toMatchObject({
      verdict: 'accepted',
      appId: 'app-1',
      keyIndex: 0,
      messageId: 'm-1',
    });
    expect(refused?.fields).toMatchObject({ verdict: 'refused' });
    expect(refused?.fields.appId).toBeUndefined();
  });

  test.each([
    ['the secrets', NO_SECRETS, 'parameter /secrets: timeout'],
    ['a store', NO_STORE, 'queue: 503 ServiceUnavailable, table: ECONNREFUSED'],
  ])('says why %s could not be had', async (_name, world, cause) => {
    const services = fakeServices(world);
    await ingest(zego.source, zego.sign(), services);
    expect(services.lines[0]?.fields).toMatchObject({ verdict: 'unavailable', cause });
  });
});
