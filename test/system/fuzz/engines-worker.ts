/** SQS and DynamoDB with the queues and the table of the service, in a worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startDynamodb, startSqs } from '../../../stack/embedded.ts';
import { createQueue, createTable } from '../../../stack/resources.ts';
import type { EngineOrigins, EngineSettings } from './engines.ts';

const { directory, region, queues, table } = workerData as EngineSettings;
const [sqs, dynamodb] = await Promise.all([startSqs(), startDynamodb(directory)]);
const settings = { region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const queueClient = new SQSClient({ ...settings, endpoint: sqs.origin });
const tableClient = new DynamoDBClient({ ...settings, endpoint: dynamodb.origin });
await Promise.all([
  ...queues.map((queue) => createQueue(queueClient, queue)),
  createTable(tableClient, table),
]);
queueClient.destroy();
tableClient.destroy();
parentPort?.postMessage({ sqs: sqs.origin, dynamodb: dynamodb.origin } satisfies EngineOrigins);
