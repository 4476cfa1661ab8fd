import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { QueueMessage } from '../../lib/consumer.ts';
import { startDynamodb, startSqs } from '../../local/stack/embedded.ts';
import { createQueue, createTable } from '../../local/stack/resources.ts';
import { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from './fault-proxy.ts';
import { ledgerTableDefinition } from './ledger-table.ts';

const CLIENT = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** What goes wrong with the requests to a store; nothing when it is `undefined`. */
export type FaultOf = (request: ProxiedRequest) => Fault | undefined;

/** A real queue and a real table, and whatever goes wrong on the way to them. */
export interface TestStores {
  /** What goes wrong from now on. */
  faults: { sqs: FaultOf; dynamodb: FaultOf };
  /** The endpoints that lead through the faults. */
  sqsEndpoint: string;
  dynamodbEndpoint: string;
  queueUrl: string;
  tableName: string;
  /** A client of the table that meets no faults. */
  dynamodb: DynamoDBClient;
  /** Takes every message out of the queue. */
  takeMessages(): Promise<QueueMessage[]>;
  close(): Promise<void>;
}

/** Starts an SQS with a callback queue and a DynamoDB with the ledger table, empty and healthy. */
export async function startStores(): Promise<TestStores> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-stores-'));
  const [sqsService, dynamodbService] = await Promise.all([
    startSqs(join(directory, 'sqs')),
    startDynamodb(join(directory, 'dynamodb')),
  ]);
  const faults: TestStores['faults'] = { sqs: () => undefined, dynamodb: () => undefined };
  const proxies: FaultProxy[] = await Promise.all([
    startFaultProxy(sqsService.origin, (request) => faults.sqs(request)),
    startFaultProxy(dynamodbService.origin, (request) => faults.dynamodb(request)),
  ]);
  const [sqsProxy, dynamodbProxy] = proxies as [FaultProxy, FaultProxy];
  const sqs = new SQSClient({ ...CLIENT, endpoint: sqsService.origin });
  const dynamodb = new DynamoDBClient({ ...CLIENT, endpoint: dynamodbService.origin });
  const tableName = 'ledger';
  const queueUrl = await createQueue(sqs, { QueueName: 'callbacks', MaximumMessageSize: 1_048_576 });
  await createTable(dynamodb, ledgerTableDefinition(tableName));

  async function takeMessages(): Promise<QueueMessage[]> {
    const taken: QueueMessage[] = [];
    for (;;) {
      const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
      const { Messages = [] } = await sqs.send(command);
      if (Messages.length === 0) return taken;
      for (const { MessageId = '', Body = '', ReceiptHandle } of Messages) {
        taken.push({ messageId: MessageId, body: Body });
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  }

  return {
    faults,
    sqsEndpoint: sqsProxy.origin,
    dynamodbEndpoint: dynamodbProxy.origin,
    queueUrl,
    tableName,
    dynamodb,
    takeMessages,
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      sqs.destroy();
      dynamodb.destroy();
      await Promise.all([sqsService.stop(), dynamodbService.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
