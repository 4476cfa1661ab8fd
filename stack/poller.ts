import { setTimeout } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import type { QueueSource } from './template.ts';

/** How many batches the function may work on at once. */
const CONCURRENT_BATCHES = 4;

/** What SQS allows in one call. */
const MAXIMUM_MESSAGES = 10;
const MAXIMUM_WAIT_SECONDS = 20;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** A queue, the function that takes its messages, and how. */
export interface Subscription {
  client: SQSClient;
  source: QueueSource;
  queueUrl: string;
  queueArn: string;
  region: string;
  invoke(event: SQSEvent): Promise<unknown>;
  /** Gets why a batch failed or the queue could not be read. */
  log(line: string): void;
}

/** A running event source mapping. */
export interface Poller {
  /** Takes no more messages and resolves when the function is done with those that it has. */
  stop(): Promise<void>;
}

/**
 * Does what Lambda's event source mapping does: hands batches of messages to the function and deletes those that
 * it did not report as failed. Those reappear after the queue's visibility timeout.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function startPoller(subscription: Subscription): Poller {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const polling = poll();

  async function poll(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      try {
        if (running.size >= CONCURRENT_BATCHES) await Promise.race(running);
        const messages = await receiveBatch(subscription, stopping.signal);
        if (messages.length > 0) start(messages);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (stopping.signal.aborted) break;
        subscription.log(`cannot receive from ${subscription.queueUrl}: ${error}`);
        await setTimeout(pause, undefined, { signal: stopping.signal }).catch(() => {});
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
    await Promise.all(running);
  }

  function start(messages: Message[]): void {
    const batch = work(subscription, messages)
      .catch((error) =>
        subscription.log(`batch of ${messages.length} messages failed: ${(error as Error).message}`),
      )
      .finally(() => running.delete(batch));
    running.add(batch);
  }

  return {
    stop: () => {
      stopping.abort();
      return polling;
    },
  };
}

/** Receives until the batch is full, or until its window is over once it has a first message. */
async function receiveBatch(subscription: Subscription, abortSignal: AbortSignal): Promise<Message[]> {
  const { batchSize, maximumBatchingWindowSeconds } = subscription.source;
  const messages = await receive(subscription, batchSize, MAXIMUM_WAIT_SECONDS, abortSignal);
  if (messages.length === 0) return messages;
  const windowEnd = Date.now() + maximumBatchingWindowSeconds * 1000;
  while (messages.length < batchSize && Date.now() < windowEnd) {
    const wait = Math.ceil((windowEnd - Date.now()) / 1000);
    messages.push(...(await receive(subscription, batchSize - messages.length, wait, abortSignal)));
  }
  return messages;
}

async function receive(
  { client, queueUrl }: Subscription,
  count: number,
  waitSeconds: number,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: Math.min(count, MAXIMUM_MESSAGES),
    WaitTimeSeconds: Math.min(waitSeconds, MAXIMUM_WAIT_SECONDS),
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return (await client.send(command, { abortSignal })).Messages ?? [];
}

async function work(subscription: Subscription, messages: Message[]): Promise<void> {
  const Records = messages.map((message) => recordOf(message, subscription));
  const result = await subscription.invoke({ Records });
  const failed = subscription.source.reportsBatchItemFailures ? failedIds(result, messages) : new Set();
  if (failed.size > 0)
    subscription.log(`${failed.size} of ${messages.length} messages failed and will be retried`);
  await deleteMessages(
    subscription,
    messages.filter((message) => !failed.has(message.MessageId)),
  );
}

/** Throws when the function's answer does not say clearly which messages failed: Lambda then retries them all. */
function failedIds(result: unknown, messages: readonly Message[]): Set<string | undefined> {
  const failures = (result as SQSBatchResponse | null)?.batchItemFailures ?? [];
  const known = new Set(messages.map((message) => message.MessageId));
  const failed = new Set<string | undefined>();
  for (const { itemIdentifier } of failures) {
    if (!known.has(itemIdentifier))
      throw new Error(`unknown itemIdentifier ${JSON.stringify(itemIdentifier)}`);
    failed.add(itemIdentifier);
  }
  return failed;
}

async function deleteMessages(
  { client, queueUrl }: Subscription,
  messages: readonly Message[],
): Promise<void> {
  for (let start = 0; start < messages.length; start += MAXIMUM_MESSAGES) {
    const Entries = messages
      .slice(start, start + MAXIMUM_MESSAGES)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0)
      throw new Error(`${Failed.length} messages could not be deleted: ${Failed[0]?.Code}`);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function recordOf(message: Message, { queueArn, region }: Subscription): SQSRecord {
  const { MD5OfMessageAttributes } = message;
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes as unknown as SQSRecord['attributes'],
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    ...(MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function attributeOf({ StringValue, BinaryValue, DataType }: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: (DataType ?? 'String') as SQSMessageAttribute['dataType'],
  };
}
