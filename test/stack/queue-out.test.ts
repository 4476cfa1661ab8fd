import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createIngestHandler } from '../../lib/ingest-handler.ts';
import { verifyTencent } from '../../lib/vendors/tencent/signature.ts';
import { fixtures } from '../../local/fixtures.ts';
import { sampleSecrets } from '../../local/secrets.ts';

/** The contract: 503 is answered in under 4 s. */
const CONTRACT_MS = 4_000;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A service that fails in its own way, over real HTTP. */
async function failingService(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answerWith(environment: Record<string, string>) {
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  const handler = createIngestHandler(
    { name: 'tencent', vendor: 'tencent', verify: verifyTencent },
    { AWS_REGION: 'us-east-1', ...environment },
  );
  const event = fixtures().get('tencent-screenshot.json');
  if (event === undefined) throw new Error('no such fixture');
  const startedAt = performance.now();
  const result = await handler(event);
  return { result, ms: performance.now() - startedAt };
}

const queueFaults: [string, RequestListener][] = [
  ['refuses with 500', (_request, response) => response.writeHead(500).end('{}')],
  [
    'throttles',
    (_request, response) => response.writeHead(400).end('{"__type":"com.amazonaws.sqs#RequestThrottled"}'),
  ],
  ['resets the connection', (request) => request.socket.destroy()],
  ['never answers', () => {}],
  ['answers half and stalls', (_request, response) => void response.writeHead(200).write('{"Mess')],
  ['denies access', (_request, response) => response.writeHead(403).end('{"__type":"AccessDenied"}')],
];

test.each(queueFaults)('503 within the deadline when the queue %s', async (_name, listener) => {
  const origin = await failingService(listener);
  const { result, ms } = await answerWith({
    QUEUE_URL: `${origin}/000000000000/callbacks`,
    CALLBACK_SECRETS: JSON.stringify(sampleSecrets({})),
  });
  expect(result).toMatchObject({ statusCode: 503, body: '{"code":503,"reason":"queue_unavailable"}' });
  expect(ms).toBeLessThan(CONTRACT_MS);
});

test('503 within the deadline when nobody listens', async () => {
  const { result, ms } = await answerWith({
    QUEUE_URL: 'http://127.0.0.1:9/000000000000/callbacks',
    CALLBACK_SECRETS: JSON.stringify(sampleSecrets({})),
  });
  expect(result.statusCode).toBe(503);
  expect(ms).toBeLessThan(CONTRACT_MS);
});

test('503 within the deadline when the parameter store never answers', async () => {
  const origin = await failingService(() => {});
  const { result, ms } = await answerWith({
    QUEUE_URL: `${origin}/000000000000/callbacks`,
    SECRETS_PARAMETER: '/rtc-callbacks/test/tencent',
    AWS_ENDPOINT_URL_SSM: origin,
  });
  expect(result).toMatchObject({ statusCode: 503, body: '{"code":503,"reason":"secrets_unavailable"}' });
  expect(ms).toBeLessThan(CONTRACT_MS);
});

test('secrets come from the parameter store, decrypted', async () => {
  const asked: string[] = [];
  const origin = await failingService((request, response) => {
    request.on('data', (chunk: Buffer) => asked.push(chunk.toString('utf8')));
    request.on('end', () => {
      const isParameter = request.headers['x-amz-target'] === 'AmazonSSM.GetParameter';
      const answer = isParameter
        ? { Parameter: { Value: '{"1400000000":["123654"]}' } }
        : { MessageId: 'message-1' };
      response.end(JSON.stringify(answer));
    });
  });
  const { result } = await answerWith({
    QUEUE_URL: `${origin}/000000000000/callbacks`,
    SECRETS_PARAMETER: '/rtc-callbacks/test/tencent',
    AWS_ENDPOINT_URL_SSM: origin,
  });
  expect(result.statusCode).toBe(200);
  expect(JSON.parse(asked[0] ?? '')).toEqual({ Name: '/rtc-callbacks/test/tencent', WithDecryption: true });
});
