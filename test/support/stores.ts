import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import { startDynamodb } from '../../stack/embedded.ts';
import { createTable } from '../../stack/resources.ts';
import { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from './fault-proxy.ts';
import { ledgerTableDefinition } from './ledger-table.ts';
import { startTestQueues } from './test-queues.ts';

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
  /** The largest message that the queue takes. */
  maximumMessageBytes: number;
  tableName: string;
  /** A client of the table that meets no faults. */
  dynamodb: DynamoDBClient;
  /** Takes every message out of the queue. */
  takeMessages(): Promise<QueueMessage[]>;
  close(): Promise<void>;
}

/** Starts an SQS with a callback queue and a DynamoDB with the ledger table, empty and healthy. */
export async function startStores(maximumMessageBytes = 1_048_576): Promise<TestStores> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-stores-'));
  const [queues, dynamodbService] = await Promise.all([startTestQueues(), startDynamodb(directory)]);
  const faults: TestStores['faults'] = { sqs: () => undefined, dynamodb: () => undefined };
  const proxies: FaultProxy[] = await Promise.all([
    startFaultProxy(queues.origin, (request) => faults.sqs(request)),
    startFaultProxy(dynamodbService.origin, (request) => faults.dynamodb(request)),
  ]);
  const [sqsProxy, dynamodbProxy] = proxies as [FaultProxy, FaultProxy];
  const dynamodb = new DynamoDBClient({ ...CLIENT, endpoint: dynamodbService.origin });
  const tableName = 'ledger';
  const queueUrl = await queues.create('callbacks', {
    MaximumMessageSize: String(maximumMessageBytes),
  });
  await createTable(dynamodb, ledgerTableDefinition(tableName));

  async function takeMessages(): Promise<QueueMessage[]> {
    const messages = await queues.drain('callbacks');
    return messages.map(({ MessageId = '', Body = '' }) => ({ messageId: MessageId, body: Body }));
  }

  return {
    faults,
    sqsEndpoint: sqsProxy.origin,
    dynamodbEndpoint: dynamodbProxy.origin,
    queueUrl,
    maximumMessageBytes,
    tableName,
    dynamodb,
    takeMessages,
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      dynamodb.destroy();
      await Promise.all([queues.stop(), dynamodbService.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
