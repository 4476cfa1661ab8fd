import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { fixtures } from '../../stack/samples/fixtures.ts';
import { bundledFunction } from '../support/bundled-function.ts';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const TRACE_ID = '1-5759e988-bd862e3fe1be46a994272793';

const stack = inject('stackUrl');

/** What passes to the queue. The embedded SQS takes a trace and, unlike SQS, does not give it back. */
const sent: { MessageBody: string; MessageSystemAttributes: { AWSTraceHeader: { StringValue: string } } }[] =
  [];
const passage = createServer(async (request, response) => {
  const body = await text(request);
  sent.push(JSON.parse(body));
  const headers = { ...request.headers } as Record<string, string>;
  for (const name of ['host', 'connection', 'content-length']) delete headers[name];
  const answer = await fetch(`${stack}/aws/sqs`, { method: 'POST', headers, body });
  response.writeHead(answer.status).end(await answer.text());
});
beforeAll(async () => {
  passage.listen(0, '127.0.0.1');
  await once(passage, 'listening');
});
afterAll(() => void passage.close().closeAllConnections());

test('a callback is one trace in the lines from its reception to its state', async () => {
  const queues = `${stack}/aws/sqs/000000000000/rtc-callbacks-local`;
  const output = new PassThrough();
  const common = {
    TABLE_NAME: 'rtc-callbacks-local-ledger',
    AWS_ENDPOINT_URL_DYNAMODB: `${stack}/aws/dynamodb`,
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${(passage.address() as AddressInfo).port}/`,
  };
  const ingest = await bundledFunction(
    'tencent',
    {
      ...common,
      QUEUE_URL: `${queues}-callbacks`,
      CALLBACK_SECRETS: JSON.stringify(inject('stackSecrets')),
      TRACING: 'on',
      _X_AMZN_TRACE_ID: HEADER,
    },
    { output },
  );
  const consumer = await bundledFunction(
    'consumer',
    {
      ...common,
      EVENT_HISTORY_DAYS: '30',
      RETENTION_DAYS: '0',
      QUEUE_URL: `${queues}-callbacks`,
      QUARANTINE_QUEUE_URL: `${queues}-quarantine`,
    },
    { output },
  );
  const answer = await ingest.invoke(fixtures().get('tencent-enter-room.json'));
  expect(answer).toMatchObject({ statusCode: 200 });
  const [{ MessageBody, MessageSystemAttributes } = { MessageBody: '', MessageSystemAttributes: undefined }] =
    sent;
  const AWSTraceHeader = MessageSystemAttributes?.AWSTraceHeader.StringValue;
  expect(AWSTraceHeader).toBe(HEADER);
  const records = [
    { messageId: 'traced', body: MessageBody, attributes: { AWSTraceHeader } },
    { messageId: 'not traced', body: MessageBody, attributes: {} },
  ];
  for (const record of records)
    expect(await consumer.invoke({ Records: [record] })).toEqual({ batchItemFailures: [] });
  await Promise.all([ingest.stop(), consumer.stop()]);
  output.end();
  const lines = (await text(output))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ message, traceId }) => [message, traceId])).toEqual([
    ['callback', TRACE_ID],
    ['consumed', TRACE_ID],
    ['consumed', undefined],
  ]);
});
