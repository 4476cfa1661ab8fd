import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CallbackRequest } from '../../lib/callback/callback.ts';
import type { GatewayEvent } from '../../lib/platform/aws/gateway.ts';
import { decodeEnvelope } from '../../lib/queue/envelope.ts';
import { createIngestHandler } from '../../lib/receive/handler.ts';
import { APP, bare, malformed, SECRET, SIGNERS, type Signer } from '../support/signed-requests.ts';

const ALL = Object.values(SIGNERS);
const SECRETS = JSON.stringify({ [APP]: [SECRET] });

/** A parameter store that answers as it is set to, and a queue that takes everything. */
const aws = { parameter: '', reads: 0, queued: [] as string[] };

const server = createServer(async (request, response) => {
  const body = JSON.parse(await text(request));
  if (String(request.headers['x-amz-target']).startsWith('AmazonSSM')) {
    aws.reads += 1;
    return answerRead(response);
  }
  aws.queued.push(body.MessageBody);
  response.end(JSON.stringify({ MessageId: String(aws.queued.length) }));
});

function answerRead(response: ServerResponse): void {
  if (aws.parameter.startsWith('{')) response.end(JSON.stringify({ Parameter: { Value: aws.parameter } }));
  else response.writeHead(400).end(JSON.stringify({ __type: aws.parameter }));
}

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  vi.unstubAllEnvs();
});
// Deadlines are real, and a machine may be too busy to meet them: the clock stands still.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  Object.assign(aws, { parameter: '', reads: 0, queued: [] });
});

/** The function of a signer's vendor in a process that has just started; gives the status of a request. */
function coldFunction(
  { vendor, source }: Signer,
  level = 'error',
): (request: CallbackRequest) => Promise<number> {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const handler = createIngestHandler(vendor as 'zego', source.verify, {
    SOURCE: source.name,
    AWS_REGION: 'us-east-1',
    QUEUE_URL: `${origin}/000000000000/callbacks`,
    TABLE_NAME: 'ledger',
    SECRETS_PARAMETER: `/rtc-callbacks/test/${vendor}`,
    AWS_ENDPOINT_URL_SSM: origin,
    LOG_LEVEL: level,
  });
  return async (request) => Number((await handler(eventOf(request))).statusCode);
}

function eventOf({
  headers,
  query,
  body,
  method,
  path,
  receivedAt,
  sourceIp,
}: CallbackRequest): GatewayEvent {
  return {
    rawPath: path,
    headers,
    queryStringParameters: query,
    body: body.toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method, sourceIp }, timeEpoch: receivedAt },
  } as unknown as GatewayEvent;
}

const unsigned = (signer: Signer) => bare(signer);
const forged = ({ sign }: Signer) => sign('{}', 'another secret');

test('apps that share a secret are logged once, and no secret is', async () => {
  const lines: string[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((line) => Boolean(lines.push(String(line))));
  try {
    aws.parameter = JSON.stringify({ [APP]: [SECRET], other: [SECRET] });
    const ask = coldFunction(SIGNERS.tencent, 'warn');
    for (let count = 0; count < 3; count += 1) expect(await ask(SIGNERS.tencent.sign('{}'))).toBe(200);
  } finally {
    write.mockRestore();
  }
  const warnings = lines.filter((line) => line.includes('shared_secrets')).map((line) => JSON.parse(line));
  expect(warnings).toMatchObject([{ level: 'warn', apps: `${APP}, other` }]);
  expect(lines.join('')).not.toContain(SECRET);
});

describe.each(ALL)('$vendor', (signer) => {
  test.each([
    ['missing', unsigned],
    ['malformed', malformed],
  ])('%s credentials make no read', async (_name, request) => {
    aws.parameter = 'ParameterNotFound';
    const ask = coldFunction(signer);
    for (let count = 0; count < 50; count += 1) expect(await ask(request(signer))).toBe(401);
    expect(aws.reads).toBe(0);
  });

  test('fifty forgeries make one read where there are no secrets', async () => {
    aws.parameter = 'ParameterNotFound';
    const ask = coldFunction(signer);
    for (let count = 0; count < 50; count += 1) expect(await ask(forged(signer))).toBe(503);
    expect(aws.reads).toBe(1);
  });

  test('a flood beside genuine callbacks makes one read for each process, and loses none of them', async () => {
    aws.parameter = SECRETS;
    const processes = Array.from({ length: 4 }, () => coldFunction(signer));
    const genuine = Array.from({ length: 100 }, (_, index) => signer.sign(`genuine ${index}`));
    const requests = genuine.flatMap((request) => [
      { request, status: 200 },
      ...[forged, unsigned, malformed, forged, unsigned, malformed, forged, unsigned, malformed].map(
        (make) => ({ request: make(signer), status: 401 }),
      ),
    ]);
    const answers = await Promise.all(
      requests.map(async ({ request, status }, index) => [
        status,
        await processes[index % processes.length]?.(request),
      ]),
    );
    for (const [expected, status] of answers) expect(status).toBe(expected);
    expect(aws.reads).toBe(processes.length);
    const stored = aws.queued.map((message) => decodeEnvelope(message)?.body.toString('base64'));
    expect(stored.toSorted()).toEqual(genuine.map(({ body }) => body.toString('base64')).toSorted());
  });
});

test('three requests share the attempts of one throttled read', async () => {
  vi.useRealTimers();
  aws.parameter = 'ThrottlingException';
  const ask = coldFunction(SIGNERS.tencent);
  for (let count = 0; count < 3; count += 1) expect(await ask(SIGNERS.tencent.sign())).toBe(503);
  // What a second read would add, whatever number of attempts the first one had time for.
  const { reads } = aws;
  expect(await ask(SIGNERS.tencent.sign())).toBe(503);
  expect(aws.reads).toBe(reads);
  expect(reads).toBeLessThanOrEqual(6);
});
