import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteMessageBatchCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startSqs } from '../../stack/embedded.ts';
import { createQueue } from '../../stack/resources.ts';

/** An SQS with queues of a test's own. */
export interface TestQueues {
  /** Its endpoint, such as `http://127.0.0.1:40123`. */
  origin: string;
  client: SQSClient;
  /** Creates a queue; returns its URL. */
  create(name: string, attributes?: Partial<Record<QueueAttributeName, string>>): Promise<string>;
  /** Takes all messages that are visible out of a queue. */
  drain(name: string): Promise<Message[]>;
  stop(): Promise<void>;
}

/** Starts an embedded SQS in a temporary folder. */
export async function startTestQueues(): Promise<TestQueues> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-queues-'));
  const { origin, stop } = await startSqs(directory);
  const client = new SQSClient({
    endpoint: origin,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    origin,
    client,
    create: (QueueName, attributes = {}) => createQueue(client, { QueueName, ...attributes }),
    async drain(name) {
      const QueueUrl = `${origin}/000000000000/${name}`;
      const all: Message[] = [];
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) return all;
        all.push(...Messages);
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    async stop() {
      client.destroy();
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
