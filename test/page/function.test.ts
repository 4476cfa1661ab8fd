import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewayResult } from '../../lib/platform/aws/gateway.ts';
import { eventOf } from '../../stack/gateway-event.ts';
import { bundledFunction } from '../support/bundled-function.ts';

const TOKEN = 'an-unguessable-token-of-32-chars';
const PARAMETER = '/rtc-callbacks/test/page-token';

/** A parameter store with the one parameter. */
const parameterStore = createServer(async (request, response) => {
  const { Name } = (await json(request)) as { Name: string };
  if (Name === PARAMETER) response.end(JSON.stringify({ Parameter: { Value: TOKEN } }));
  else response.writeHead(400).end('{"__type":"ParameterNotFound"}');
});

beforeAll(async () => {
  parameterStore.listen(0, '127.0.0.1');
  await once(parameterStore, 'listening');
});
afterAll(() => parameterStore.close());

function environment(values: Record<string, string> = {}): Record<string, string> {
  const { port } = parameterStore.address() as AddressInfo;
  return {
    TABLE_NAME: 'none',
    STAGE: 'test',
    ACCESS: 'token',
    TOKEN_PARAMETER: PARAMETER,
    AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${port}`,
    ...values,
  };
}

function event(method: string, path: string, values: { body?: string; cookies?: string[] } = {}) {
  return eventOf({
    method,
    protocol: 'HTTP/1.1',
    routeKey: `${method} ${path}`,
    pathParameters: {},
    path,
    query: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    cookies: values.cookies,
    sourceIp: '192.0.2.1',
    body: Buffer.from(values.body ?? ''),
    requestId: 'test',
    receivedAt: Date.now(),
  });
}

test('as it is deployed, it exchanges the token of the parameter store for a cookie that opens it', async () => {
  const page = await bundledFunction('page', environment());
  const answerTo = async (...request: Parameters<typeof event>) =>
    (await page.invoke(event(...request))) as GatewayResult;
  try {
    expect(await answerTo('GET', '/page/none')).toMatchObject({ statusCode: 401 });
    expect(await answerTo('POST', '/page/login', { body: 'token=wrong' })).toMatchObject({ statusCode: 401 });
    const form = new URLSearchParams({ token: TOKEN, to: '/' }).toString();
    const { statusCode, headers, cookies = [] } = await answerTo('POST', '/page/login', { body: form });
    expect([statusCode, headers?.location]).toEqual([303, '/']);
    const cookie = cookies[0]?.split(';')[0] ?? '';
    expect(await answerTo('GET', '/page/none', { cookies: [cookie] })).toMatchObject({ statusCode: 404 });
  } finally {
    await page.stop();
  }
});

test.each([
  [{ ACCESS: '' }, 'ACCESS'],
  [{ ACCESS: 'public' }, 'ACCESS'],
  [{ TOKEN_PARAMETER: '' }, 'TOKEN_PARAMETER'],
  [{ AWS_ENDPOINT_URL_SSM: '' }, 'AWS_ENDPOINT_URL_SSM'],
])('it does not load where it is not said who may see it: %j', async (values, name) => {
  const page = await bundledFunction('page', environment(values));
  await expect(page.load()).rejects.toThrow(name);
  await page.stop();
});
