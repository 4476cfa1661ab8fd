import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { traceHeader, traceIdOf } from '../../lib/platform/aws/trace.ts';
import { queueSender } from '../../lib/queue/queue.ts';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const ID = '1-5759e988-bd862e3fe1be46a994272793';

let server: Server;
let endpoint = '';
const bodies: unknown[] = [];

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  server = createServer(async (request, response) => {
    bodies.push(JSON.parse(await text(request)));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"MessageId":"m-1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close().closeAllConnections();
});

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/000000000000/callbacks';

const send = (environment: Record<string, string | undefined>) =>
  queueSender(QUEUE, 'us-east-1', endpoint, traceHeader(environment))('body', 'app', Date.now() + 5_000);

test('a message is of the trace of the invocation that sends it, as the SDK would say so', async () => {
  const environment = { TRACING: 'on', _X_AMZN_TRACE_ID: HEADER };
  await send(environment);
  const sdk = new SQSClient({ endpoint, region: 'us-east-1', useQueueUrlAsEndpoint: false, md5: false });
  await sdk.send(
    new SendMessageCommand({
      QueueUrl: QUEUE,
      MessageBody: 'body',
      MessageGroupId: 'app',
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: HEADER } },
    }),
  );
  sdk.destroy();
  const [ours, theirs] = bodies.splice(0);
  expect(ours).toEqual(theirs);
});

test('each invocation has its own trace', async () => {
  const environment: Record<string, string | undefined> = { TRACING: 'on' };
  const trace = traceHeader(environment);
  const sender = queueSender(QUEUE, 'us-east-1', endpoint, trace);
  for (const header of [HEADER, undefined, HEADER.replace('bd86', '0000')]) {
    environment._X_AMZN_TRACE_ID = header;
    await sender('body', 'app', Date.now() + 5_000);
    const [body] = bodies.splice(0) as [
      { MessageSystemAttributes?: Record<string, { StringValue: string }> },
    ];
    expect(body.MessageSystemAttributes?.AWSTraceHeader?.StringValue).toBe(header);
  }
});

test('off, a message is as it was', async () => {
  await send({ _X_AMZN_TRACE_ID: HEADER });
  expect(bodies.splice(0)).toEqual([{ QueueUrl: QUEUE, MessageBody: 'body', MessageGroupId: 'app' }]);
});

test.each([
  [HEADER, ID],
  [`Parent=53995c3f42cd8ad8;Root=${ID}`, ID],
  [`Root=${ID}`, ID],
  ['Sampled=0', undefined],
  ['NotRoot=1', undefined],
  ['', undefined],
  [undefined, undefined],
])('the id in %s', (header, id) => {
  expect(traceIdOf(header)).toBe(id);
});
