import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { startSqs } from '../../stack/embedded.ts';
import { startPoller } from '../../stack/poller.ts';
import { createQueue } from '../../stack/resources.ts';
import { bundledFunction } from '../support/bundled-function.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an event in the queue is posted with the secret of the parameter store, later again when it is refused', async () => {
  const posted: { headers: IncomingHttpHeaders; body: string }[] = [];
  const asked: unknown[] = [];
  const receiver = await serve(async (request, response) => {
    posted.push({ headers: request.headers, body: await text(request) });
    response.writeHead(posted.length === 1 ? 500 : 200).end();
  });
  const parameterStore = await serve(async (request, response) => {
    asked.push([request.headers['x-amz-target'], JSON.parse(await text(request))]);
    response.end(JSON.stringify({ Parameter: { Value: SECRET } }));
  });

  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-webhook-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  const sqs = await startSqs(directory);
  cleanups.push(sqs.stop);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SQSClient({ region: 'us-east-1', credentials, endpoint: sqs.origin });
  cleanups.push(() => client.destroy());
  // The queue's own time-out is longer than the test: only the function can bring the message back in time.
  const queueUrl = await createQueue(client, { QueueName: 'webhook', VisibilityTimeout: 3600 });
  const runtime = await bundledFunction('webhook', {
    QUEUE_URL: queueUrl,
    WEBHOOK_URL: receiver,
    SECRET_PARAMETER: '/rtc-callbacks/test/webhook',
    AWS_ENDPOINT_URL_SQS: sqs.origin,
    AWS_ENDPOINT_URL_SSM: parameterStore,
  });
  cleanups.push(runtime.stop);
  const poller = startPoller({
    client,
    source: {
      queueLogicalId: 'WebhookQueue',
      batchSize: 10,
      maximumBatchingWindowSeconds: 0,
      reportsBatchItemFailures: true,
    },
    queueUrl,
    queueArn: 'arn',
    region: 'us-east-1',
    invoke: runtime.invoke,
    log: () => {},
  });
  cleanups.push(poller.stop);

  const event = { id: 'event', type: 'rtc.file.uploaded', data: {} };
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(event) }));
  await expect.poll(() => posted.length).toBe(2);
  for (const { headers, body } of posted)
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual(event);
  expect(asked).toEqual([
    ['AmazonSSM.GetParameter', { Name: '/rtc-callbacks/test/webhook', WithDecryption: true }],
  ]);
  const attributes = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
  await expect
    .poll(async () => {
      const { Attributes = {} } = await client.send(attributes);
      return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible];
    })
    .toEqual(['0', '0']);
});
