import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type ConsumerServices, consume, type QueueMessage } from '../lib/consume/consume.ts';
import { consumerSettings } from '../lib/consume/settings.ts';
import { createHeartbeat } from '../lib/ledger/heartbeat.ts';
import { createLedger } from '../lib/ledger/ledger.ts';
import { createTombstones } from '../lib/ledger/tombstones.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';
import { createBodyReader } from '../lib/queue/body-reader.ts';
import { messageGroup } from '../lib/queue/queue.ts';

/** What answering takes at most, in ms: a function that is ended by its timeout fails its whole batch. */
const ANSWER_MS = 3_000;

const environment = process.env;
const sqs = new SQSClient(AWS_CLIENT_SETTINGS);
const queueUrl = required(environment, 'QUEUE_URL');
const quarantineQueueUrl = required(environment, 'QUARANTINE_QUEUE_URL');

const dynamodb = new DynamoDBClient(AWS_CLIENT_SETTINGS);
const tableName = required(environment, 'TABLE_NAME');

const services: ConsumerServices = {
  ledger: createLedger(dynamodb, tableName),
  isErased: createTombstones(dynamodb, tableName, Date.now),
  heartbeat: createHeartbeat(dynamodb, tableName),
  readBody: createBodyReader(dynamodb, tableName),
  async quarantine(message, reason) {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: quarantineQueueUrl,
        MessageBody: message.body,
        MessageAttributes: {
          reason: { DataType: 'String', StringValue: reason },
          // The quarantine gives it another id than the one in the log.
          messageId: { DataType: 'String', StringValue: message.replayOf ?? message.messageId },
        },
      }),
    );
  },
  async requeue({ body, attributes }, group) {
    const trace = attributes?.AWSTraceHeader;
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        ...messageGroup(group),
        ...(trace === undefined
          ? {}
          : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
      }),
    );
  },
  log: createLog(environment),
  now: Date.now,
};

const settings = consumerSettings(environment);

/** Applies a batch of queued callbacks and reports those that must be delivered again. */
export async function handler(
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<SQSBatchResponse> {
  const timeLeftMs = context.getRemainingTimeInMillis() - ANSWER_MS;
  const failed = await consume(event.Records.map(messageOf), services, settings, timeLeftMs);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function messageOf({ messageId, body, attributes, messageAttributes }: SQSRecord): QueueMessage {
  return { messageId, body, attributes, replayOf: messageAttributes?.replayOf?.stringValue };
}
