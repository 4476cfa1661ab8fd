import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type IncomingHttpHeaders, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAdmitted } from '../../stack/admission.ts';
import { openDataDirectory } from '../../stack/data-directory.ts';
import { KEY_HEADER, startDynamodb, startSqs } from '../../stack/embedded.ts';
import { type Gateway, openGateway } from '../../stack/gateway.ts';
import { createServiceProxy } from '../../stack/proxy.ts';

/** The status of the answer to a request with exactly these headers. */
function statusOf(url: string, method: string, headers: IncomingHttpHeaders): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    send(url, { method, headers, agent: false })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end(method === 'POST' ? 'body' : undefined);
  });
}

const HEADERS: [name: string, headers: IncomingHttpHeaders, isOwn: boolean][] = [
  ['the address', { host: '127.0.0.1:3000' }, true],
  ['the name', { host: 'LocalHost:3000' }, true],
  ['the IPv6 address', { host: '[::1]:3000' }, true],
  ['no host', {}, false],
  ['another port', { host: '127.0.0.1:3001' }, false],
  ['no port', { host: '127.0.0.1' }, false],
  ['a name that was rebound', { host: 'attacker.example:3000' }, false],
  ['a name that ends alike', { host: 'localhost:3000.attacker.example' }, false],
  ['its own page', { host: 'localhost:3000', origin: 'http://localhost:3000' }, true],
  ['a page elsewhere', { host: '127.0.0.1:3000', origin: 'https://attacker.example' }, false],
  ['a page without an origin', { host: '127.0.0.1:3000', origin: 'null' }, false],
  ['a page at another port', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:8080' }, false],
  ['a reload', { host: '127.0.0.1:3000', 'sec-fetch-site': 'none' }, true],
  ['an image elsewhere', { host: '127.0.0.1:3000', 'sec-fetch-site': 'cross-site' }, false],
  ['an image at another port', { host: 'localhost:3000', 'sec-fetch-site': 'same-site' }, false],
];

it.each(HEADERS)('a request of %s is admitted or not', (_name, headers, isOwn) => {
  expect(isAdmitted(headers, 3000)).toBe(isOwn);
});

describe('the local stack', () => {
  const reached: string[] = [];
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await openGateway(0, () => {});
    const route = { timeoutMs: 10_000, invoke: async () => void reached.push('function') };
    gateway.serve([
      { ...route, routeKey: 'GET /local/lines', method: 'GET', path: '/local/lines' },
      { ...route, routeKey: 'POST /callbacks/zego', method: 'POST', path: '/callbacks/zego' },
    ]);
    const forward = async (_request: unknown, response: { end(): unknown }) => {
      reached.push('service');
      response.end();
    };
    gateway.proxy('/aws/sqs', { forward, close: () => {} });
  });
  afterAll(() => gateway.close());

  it.each([
    ['GET', '/local/lines'],
    ['POST', '/callbacks/zego'],
    ['POST', '/aws/sqs'],
    ['GET', '/nowhere'],
  ])('answers 403 to a web page elsewhere: %s %s', async (method, path) => {
    reached.length = 0;
    const url = gateway.url + path;
    const host = new URL(url).host;
    for (const headers of [
      { host: `attacker.example:${gateway.port}` },
      { host, origin: 'https://attacker.example' },
      { host, 'sec-fetch-site': 'cross-site' },
    ]) {
      expect(await statusOf(url, method, headers)).toBe(403);
    }
    expect(reached).toEqual([]);
    expect(await statusOf(url, method, { host })).toBe(path === '/nowhere' ? 404 : 200);
  });
});

describe('the services behind it', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-admission-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each([
    ['SQS', () => startSqs(undefined, 'key')],
    ['DynamoDB', () => startDynamodb(join(directory, 'dynamodb'), 'key')],
  ])('%s answers 403 without their key, on its own port too', async (_name, start) => {
    const service = await start();
    const gateway = await openGateway(0, () => {});
    gateway.proxy('/aws/x', createServiceProxy({ origin: service.origin, key: 'key' }));
    const { host } = new URL(service.origin);
    try {
      expect(await statusOf(service.origin, 'POST', { host })).toBe(403);
      expect(await statusOf(service.origin, 'POST', { host, [KEY_HEADER]: 'other' })).toBe(403);
      const admitted = await statusOf(`${gateway.url}/aws/x`, 'POST', { host: new URL(gateway.url).host });
      expect(admitted).not.toBe(403);
      expect(admitted).not.toBe(502);
    } finally {
      await gateway.close();
      await service.stop();
    }
  });

  it('keeps its data from other users, and takes no folder that all may write to', async () => {
    const path = join(directory, 'data');
    openDataDirectory(path).release();
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(() => openDataDirectory(tmpdir())).toThrow(/DATA_DIR/);
  });
});
