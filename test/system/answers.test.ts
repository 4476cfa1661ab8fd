import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { pathSegmentOf } from '../../lib/receive/path-segment.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { sampleAppId } from '../../stack/samples/signed-sample.ts';
import { post, request, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import { ROTATING_APP } from '../support/stack-setup.ts';

const MEBIBYTE = 1_048_576;

describe.each(SAMPLE_SOURCES.map((source) => [source.name, source] as const))('%s', (_name, source) => {
  test('200 for each live secret of an app, newest and older', async () => {
    for (const secret of ROTATING_APP.secrets) {
      const callback = source.sign(
        source.events[Object.keys(source.events)[0] ?? '']?.(ROTATING_APP.appId, Date.now()) ?? {},
        {
          appId: ROTATING_APP.appId,
          secret,
          now: Date.now(),
          nonce: `rotation-${secret}`,
        },
      );
      expect((await post(source, callback)).status).toBe(200);
    }
  });

  test('200 at the path segment of the app, 401 at any other', async () => {
    const appId = sampleAppId(source, inject('stackSecrets'));
    const [secret = ''] = inject('stackSecrets')[source.vendor]?.[appId] ?? [];
    const segments = [pathSegmentOf(appId, secret), pathSegmentOf(appId, 'another'), 'recordings'];
    const statuses = segments.map(async (segment) => {
      const { headers, body } = sample(source);
      return (await request(`${source.path}/${segment}`, { method: 'POST', headers, body })).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 401, 401]);
  });

  test('200 with a slash after the path, which is no segment', async () => {
    const { headers, body } = sample(source);
    expect((await request(`${source.path}/`, { method: 'POST', headers, body })).status).toBe(200);
  });

  test('GET and HEAD answer 200 and store nothing', async () => {
    expect(await request(source.path)).toMatchObject({ status: 200, text: '{"code":0}' });
    expect(await request(source.path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test('400 without a body', async () => {
    expect(await request(source.path, { method: 'POST' })).toMatchObject({
      status: 400,
      body: { code: 400, reason: 'empty_body' },
    });
  });

  test('401 for an unknown app', async () => {
    for (const appId of ['nobody', '__proto__', 'constructor']) {
      const body = Object.values(source.events)[0]?.(appId, Date.now()) ?? {};
      const callback = source.sign(body, { appId, secret: 'x', now: Date.now(), nonce: '1' });
      expect(await post(source, callback)).toMatchObject({ status: 401, body: { reason: 'unknown_app' } });
    }
  });

  test('413 above 1 MiB, whatever is in it; 1 MiB is taken when it verifies', async () => {
    expect(await request(source.path, { method: 'POST', body: 'x'.repeat(MEBIBYTE + 1) })).toMatchObject({
      status: 413,
      body: { code: 413, reason: 'body_too_large' },
    });
    const usual = sample(source);
    const padding = 'x'.repeat(MEBIBYTE - usual.body.length - 20);
    const large = sample(source, undefined, { set: new Map([['padding', padding]]) });
    expect(large.body.length).toBeLessThanOrEqual(MEBIBYTE);
    expect((await post(source, large)).status).toBe(200);
  });
});

test('404 at every other path, with a log line, so that a mistyped URL does not lose callbacks silently', async () => {
  const path = `/callbacks/tencnt-${randomUUID()}`;
  const { headers, body } = sample(sourceNamed('tencent'));
  expect(await request(path, { method: 'POST', headers, body })).toMatchObject({
    status: 404,
    body: { code: 404, reason: 'unknown_path' },
  });
  await expect
    .poll(() => sharedStack().linesWith(path))
    .toMatchObject([{ message: 'callback', status: 404, reason: 'unknown_path', path }]);
});

test('405 names the methods that are allowed', async () => {
  const answer = await request('/callbacks/tencent', { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
});

test('400 for a ZEGOCLOUD body in which no credentials can be read', async () => {
  for (const body of ['no json', '{"cut":', '[]', '"text"', '12']) {
    expect(await request('/callbacks/zego', { method: 'POST', body })).toMatchObject({
      status: 400,
      body: { code: 400, reason: 'unreadable_credentials' },
    });
  }
});
