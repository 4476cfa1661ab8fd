import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readParameter } from '../../lib/platform/aws/parameter.ts';
import { type AwsAnswer, callAws } from '../../lib/platform/aws/request.ts';

const ACCESS_KEY = 'AKIDEXAMPLE';
const SECRET_KEY = 'canary-secret-key';
const BODY = '{"MessageBody":"canary-body"}';

const servers: Server[] = [];

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', ACCESS_KEY);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET_KEY);
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
});

afterAll(() => {
  vi.unstubAllEnvs();
  for (const server of servers) server.close().closeAllConnections();
});

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

type Answer = (response: ServerResponse) => void;

const answers = {
  good: (response) => response.writeHead(200).end('{"MessageId":"m-1"}'),
  broken: (response) => response.writeHead(500).end('{"__type":"com.amazonaws.sqs#InternalError"}'),
  overloaded: (response) => response.writeHead(503).end('<html>Service Unavailable</html>'),
  throttled: (response) =>
    response.writeHead(400).end('{"__type":"com.amazonaws.sqs#RequestThrottled","message":"canary-body"}'),
  throttledParameter: (response) => response.writeHead(400).end('{"__type":"ThrottlingException"}'),
  tooMany: (response) => response.writeHead(429).end(),
  reset: (response) => response.socket?.resetAndDestroy(),
  cut: (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{"Message', () => response.destroy());
  },
  silent: () => {},
  stuck: (response) => response.writeHead(200).write('{"Message'),
  unknownQueue: (response) =>
    response.writeHead(400).end('{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"canary-body"}'),
  forbidden: (response) => response.writeHead(403).end('{"__type":"AccessDeniedException"}'),
  moved: (response) => response.writeHead(301, { location: 'https://example.com/' }).end(),
} satisfies Record<string, Answer>;

type AnswerName = keyof typeof answers;

/** An AWS service that gives these answers in turn, the last one for ever. */
async function fakeService(...script: AnswerName[]) {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ method, url, headers, body });
    answers[script[Math.min(received.length, script.length) - 1] ?? 'good'](response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { received, endpoint, connections: () => connections };
}

function call(endpoint: string, withinMs = 3_000): Promise<AwsAnswer> {
  return callAws({
    service: 'sqs',
    target: 'AmazonSQS.SendMessage',
    protocol: 'application/x-amz-json-1.0',
    endpoint,
    region: 'eu-central-1',
    body: BODY,
    deadline: Date.now() + withinMs,
  });
}

const GOOD = { ok: true, body: '{"MessageId":"m-1"}' };

describe('request', () => {
  test('is signed with Signature Version 4', async () => {
    const { endpoint, received } = await fakeService('good');
    expect(await call(endpoint)).toEqual(GOOD);
    const [request] = received;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
        'x-amz-security-token': 'token',
        'content-length': String(BODY.length),
      },
      body: BODY,
    });
    expect(request?.headers.authorization).toBe(request && authorizationOf(request));
  });

  test('follows another over one connection', async () => {
    const { endpoint, received, connections } = await fakeService('good', 'broken', 'unknownQueue', 'good');
    for (let index = 0; index < 4; index += 1) await call(endpoint);
    expect(received).toHaveLength(5);
    expect(connections()).toBe(1);
  });
});

/** The `Authorization` that AWS would expect of a request, computed from what arrived. */
function authorizationOf({ url, headers, body }: Received): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const date = String(headers['x-amz-date']);
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1] ?? '';
  for (const name of ['content-type', 'host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target']) {
    expect(names.split(';')).toContain(name);
  }
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const scope = `${date.slice(0, 8)}/eu-central-1/sqs/aws4_request`;
  const canonical = ['POST', url, '', lines.join(''), names, hash(body)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${SECRET_KEY}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

describe.concurrent('faults that may pass', () => {
  const passing = [
    'broken',
    'overloaded',
    'throttled',
    'throttledParameter',
    'tooMany',
    'reset',
    'cut',
    'silent',
    'stuck',
  ] as const satisfies AnswerName[];
  test.for(passing)('%s: the request is sent again', async (fault, { expect }) => {
    const { endpoint, received } = await fakeService(fault, 'good');
    expect(await call(endpoint)).toEqual(GOOD);
    expect(received.map(({ body }) => body)).toEqual([BODY, BODY]);
  });

  test.for([
    ['broken', '500 InternalError'],
    ['throttled', '400 RequestThrottled'],
    ['tooMany', '429 error'],
    ['reset', 'ECONNRESET'],
    ['silent', 'timeout'],
    ['stuck', 'timeout'],
  ] as const)(
    '%s for ever: given up by the deadline with the reason %s',
    async ([fault, reason], { expect }) => {
      const { endpoint } = await fakeService(fault);
      expect(await call(endpoint, 300)).toMatchObject({ ok: false, reason: lastReason(reason) });
    },
  );

  test('a host that is not there: given up by the deadline', async ({ expect }) => {
    const answer = await call('http://127.0.0.1:1/', 300);
    expect(answer).toMatchObject({ ok: false, reason: lastReason('ECONNREFUSED') });
  });

  /** On a slow machine the last attempt may have no time left. */
  function lastReason(reason: string) {
    return expect.stringMatching(`^(${reason}|timeout)$`);
  }
});

describe('a service that never answers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How long it takes until there is an answer, in ms of a clock that goes on when nothing else happens. */
  async function waitFor(answering: Promise<unknown>): Promise<number> {
    const startedAt = Date.now();
    let isAnswered = false;
    const done = answering.then(() => {
      isAnswered = true;
    });
    for (; !isAnswered; await idle()) vi.advanceTimersByTime(10);
    await done;
    return Date.now() - startedAt;
  }

  /** The network needs no timers: it gets some turns of the event loop. */
  async function idle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  }

  test('is given up at the deadline, in the middle of an attempt', async () => {
    const { endpoint, received } = await fakeService('silent');
    const waited = await waitFor(call(endpoint, 300));
    expect(received).toHaveLength(1);
    expect(waited).toBeLessThanOrEqual(310);
  });

  test('is asked again until the deadline', async () => {
    const { endpoint, received } = await fakeService('silent');
    expect(await waitFor(call(endpoint, 2_100))).toBeLessThanOrEqual(2_110);
    expect(received).toHaveLength(2);
  });

  test('delays the answer to the vendor by no more than 1.3 s where it is the parameter store', async () => {
    const { endpoint } = await fakeService('silent');
    const read = readParameter('/rtc-callbacks/prod/zego', 'eu-central-1', endpoint);
    expect(await waitFor(read())).toBeLessThanOrEqual(1_310);
  });
});

describe('faults that do not pass', () => {
  test.each([
    ['unknownQueue', '400 QueueDoesNotExist'],
    ['forbidden', '403 AccessDeniedException'],
    ['moved', '301 error'],
  ] as const)('%s: answered at once with %s', async (fault, reason) => {
    const { endpoint, received } = await fakeService(fault, 'good');
    expect(await call(endpoint)).toMatchObject({ ok: false, reason });
    expect(received).toHaveLength(1);
  });

  test('an endpoint that is no URL: answered with a reason, not thrown', async () => {
    expect(await call('queue', 300)).toMatchObject({ ok: false, reason: expect.any(String) });
  });

  test('a deadline in the past: nothing is sent', async () => {
    const { endpoint, received } = await fakeService('good');
    expect(await call(endpoint, -1)).toMatchObject({ ok: false, reason: 'timeout' });
    expect(received).toHaveLength(0);
  });
});
