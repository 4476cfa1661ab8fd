import { describe, expect, test } from 'vitest';
import { answerPage } from '../../lib/page/page.ts';
import { failedFile, localCallbacks, NOW, pageRequest, pageServices, readApi } from './page-samples.ts';

const MINUTE_MS = 60_000;

async function ask(services: ReturnType<typeof pageServices>, version?: string, path = '/') {
  const headers = version === undefined ? {} : { 'if-none-match': version };
  const answer = await answerPage(pageRequest(path, { headers }), services);
  return { ...answer, version: answer.headers.etag ?? '' };
}

describe('an open page that asks again', () => {
  test('gets no page while nothing is another one, and carries the version it asks with', async () => {
    const services = pageServices({ ask: readApi({ attention: { files: [failedFile()] } }) });
    const { status, body, version } = await ask(services);
    expect([status, body.includes(`data-version="${version.replaceAll('"', '&quot;')}"`)]).toEqual([
      200,
      true,
    ]);
    expect(await ask(services, version)).toMatchObject({ status: 304, body: '' });
  });

  test('gets the page when anything in it is another one', async () => {
    const { version } = await ask(pageServices({ ask: readApi({ attention: { files: [failedFile()] } }) }));
    const changed = pageServices({ ask: readApi({ attention: { files: [failedFile({ code: 20002 })] } }) });
    expect((await ask(changed, version)).status).toBe(200);
  });

  test('gets it after a while even so, because distances to now grow', async () => {
    const files = { attention: { files: [failedFile()] } };
    const { version } = await ask(pageServices({ ask: readApi(files) }));
    const later = pageServices({ ask: readApi(files), now: () => NOW + MINUTE_MS });
    expect((await ask(later, version)).status).toBe(200);
  });

  test('of the local stack reads no ledger while no function has said anything', async () => {
    const api = readApi({});
    const services = pageServices({ ask: api, local: localCallbacks() });
    const { version } = await ask(services);
    const { length } = api.asked;
    expect((await ask(services, version)).status).toBe(304);
    expect(api.asked).toHaveLength(length);
    const said = pageServices({ ask: api, local: { ...localCallbacks(), version: async () => 'run:2' } });
    expect((await ask(said, version)).status).toBe(200);
  });

  test('asks for what could not be read until it can', async () => {
    const services = pageServices({
      local: localCallbacks(),
      ask: async () => {
        throw new Error('throttled');
      },
    });
    const { status, version } = await ask(services);
    expect([status, version]).toEqual([503, '']);
    expect((await ask(services, version)).status).toBe(503);
  });
});
