import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { QueueMessage } from '../../../lib/consume/consume.ts';
import { startPoller } from '../../../stack/poller.ts';
import { ownerOf, recordingMessage, THIS_HOUR } from '../../support/callbacks.ts';
import { type DeployedConsumer, deployConsumer } from '../../support/deployed-consumer.ts';
import { describeOnDynalite } from '../../support/engines.ts';
import { type Fault, type ProxiedRequest, startFaultProxy } from '../../support/fault-proxy.ts';
import { readerOf } from '../../support/reader.ts';
import { PATIENCE_MS } from '../../support/suite.ts';
import { startTestQueues, type TestQueues } from '../../support/test-queues.ts';

/** As in `serverless.yml`. */
const MAXIMUM_RECEIVES = 5;

/** Short, and yet longer than a batch takes on a busy machine. */
const VISIBILITY_SECONDS = 5;

const PATIENCE = { timeout: PATIENCE_MS, interval: 50 };

const upload = (recordId: string) => recordingMessage('upload', { recordId }, { receivedAt: THIS_HOUR });

describeOnDynalite('what the consumer does not take', (engine) => {
  let queues: TestQueues;
  let tableName: string;
  let faultOf: (request: ProxiedRequest) => Fault | undefined;
  let consumer: DeployedConsumer;
  let queueUrl: string;
  /** The ids of each batch that the consumer was given, and whether it answered. */
  let deliveries: { ids: string[]; isAnswered: boolean }[];
  let cleanups: (() => Promise<unknown>)[];

  beforeEach(async () => {
    cleanups = [];
    deliveries = [];
    faultOf = () => undefined;
    tableName = await engine.newTable();
    queues = await startTestQueues();
    const proxy = await startFaultProxy(engine.endpoint, (request) => faultOf(request));
    cleanups.push(proxy.close, queues.stop);
    for (const name of ['quarantine', 'dead-letter']) await queues.create(name);
    queueUrl = await createCallbackQueue(VISIBILITY_SECONDS);
    consumer = await deployConsumer({
      dynamodb: proxy.origin,
      sqs: queues.origin,
      tableName,
      quarantineQueueName: 'quarantine',
    });
    const poller = startPoller({
      client: queues.client,
      source: {
        queueLogicalId: 'CallbackQueue',
        batchSize: 10,
        maximumBatchingWindowSeconds: 0,
        reportsBatchItemFailures: true,
      },
      queueUrl,
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:callbacks',
      region: 'us-east-1',
      invoke: async (event) => {
        const delivery = { ids: event.Records.map(recordIdOf), isAnswered: false };
        deliveries.push(delivery);
        const answer = await consumer.invoke(event);
        delivery.isAnswered = true;
        return answer;
      },
      log: () => {},
    });
    cleanups.unshift(poller.stop, consumer.kill);
  });
  afterEach(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  /** Creates the queue, or changes its visibility timeout. */
  function createCallbackQueue(visibilitySeconds: number): Promise<string> {
    return queues.create('callbacks', {
      VisibilityTimeout: String(visibilitySeconds),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead-letter',
        maxReceiveCount: String(MAXIMUM_RECEIVES),
      }),
    });
  }

  const recordIdOf = (record: SQSEvent['Records'][number]) => decode(record.body).recordId as string;
  const decode = (message: string) =>
    JSON.parse(Buffer.from(JSON.parse(message).body, 'base64').toString('utf8'));
  const deliveriesOf = (recordId: string) => deliveries.filter(({ ids }) => ids.includes(recordId)).length;

  async function send(...messages: QueueMessage[]): Promise<void> {
    const Entries = messages.map(({ body }, index) => ({ Id: String(index), MessageBody: body }));
    await queues.client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }

  /** The events of a task, once the queue is empty. */
  async function eventsWhenDone(recordId: string): Promise<string[]> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    await vi.waitFor(async () => {
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
      const { Attributes } = await queues.client.send(command);
      expect(Attributes).toMatchObject(Object.fromEntries(names.map((name) => [name, '0'])));
    }, PATIENCE);
    const reader = readerOf({ client: engine.client, tableName });
    const pages = await reader.task(ownerOf('rongcloud'), recordId);
    return pages.flatMap((page) => (page.events ?? []).map(({ type }) => type));
  }

  it('comes again after the visibility timeout, alone', async () => {
    faultOf = ({ body }) => (body.includes('failing') && deliveriesOf('failing') < 2 ? '500' : undefined);
    await send(...['good', 'failing', 'better'].map(upload));
    expect(await eventsWhenDone('failing')).toEqual(['recording 4']);
    expect(await eventsWhenDone('good')).toEqual(['recording 4']);
    expect(['good', 'failing', 'better'].map(deliveriesOf)).toEqual([1, 2, 1]);
    expect(await queues.drain('dead-letter')).toEqual([]);
  });

  it('comes again with its batch when the function dies', async () => {
    faultOf = ({ body }) => {
      if (!body.includes('fatal') || deliveriesOf('fatal') > 1) return undefined;
      void consumer.kill();
      return 'drop after';
    };
    await send(...['good', 'fatal'].map(upload));
    expect(await eventsWhenDone('fatal')).toEqual(['recording 4']);
    expect(await eventsWhenDone('good')).toEqual(['recording 4']);
    expect(deliveriesOf('fatal')).toBe(2);
    expect(deliveries.some(({ isAnswered }) => !isAnswered)).toBe(true);
  });

  it('is applied once when it comes again while it is still worked on', async () => {
    let isHeld = true;
    faultOf = ({ body }) => {
      if (!body.includes('slow') || !body.includes('bodyBytes')) return undefined;
      if (deliveriesOf('slow') > 1) isHeld = false;
      return isHeld ? 'stall before' : undefined;
    };
    await send(upload('slow'));
    expect(await eventsWhenDone('slow')).toEqual(['recording 4']);
    expect(deliveriesOf('slow')).toBeGreaterThan(1);
    expect(consumer.lines.filter(({ message }) => message === 'retry')).toEqual([]);
  });

  it('is a dead letter after five receives, unchanged', async () => {
    faultOf = ({ body }) => (body.includes('hopeless') ? 'drop before' : undefined);
    await createCallbackQueue(1);
    const hopeless = upload('hopeless');
    await send(upload('good'), hopeless);
    const QueueUrl = `${queues.origin}/000000000000/dead-letter`;
    const dead = await vi.waitFor(async () => {
      const { Messages = [] } = await queues.client.send(new ReceiveMessageCommand({ QueueUrl }));
      expect(Messages).toHaveLength(1);
      return Messages;
    }, PATIENCE);
    expect(dead).toMatchObject([{ Body: hopeless.body }]);
    expect(deliveriesOf('hopeless')).toBe(MAXIMUM_RECEIVES);
    expect(await eventsWhenDone('hopeless')).toEqual([]);
    expect(await eventsWhenDone('good')).toEqual(['recording 4']);
  });
});
