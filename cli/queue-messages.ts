import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { CallbackRequest } from '../lib/callback/callback.ts';
import { verifyWith } from '../lib/callback/verification.ts';
import { describeError } from '../lib/platform/log.ts';
import { createBodyReader } from '../lib/queue/body-reader.ts';
import {
  decodeEnvelope,
  type Envelope,
  storedBodyOf,
  type UnverifiedEnvelope,
} from '../lib/queue/envelope.ts';
import type { StoredBody } from '../lib/queue/stored-body.ts';
import { SOURCES, VENDORS } from '../lib/vendors/index.ts';
import type { Connection, QueueName } from './connection.ts';
import type { Context } from './context.ts';
import { createProgress, writeNote } from './output.ts';

/** How long a message is hidden from everybody else while it is looked at, in seconds. */
const HIDDEN_SECONDS = 300;

/** 0 would do on AWS; the embedded SQS refuses it. */
const VISIBLE_AGAIN_SECONDS = 1;

/** A long poll asks all of a queue's servers, so that an empty answer means an empty queue. In seconds. */
const WAIT_SECONDS = 1;

/** A message that waits for a person in the quarantine or the dead-letter queue. */
export interface WaitingMessage {
  messageId: string;
  /** The text of the message, exactly as it was sent. */
  body: string;
  /** Its id in the log lines. */
  loggedId: string;
  /** Why it is in quarantine. */
  reason?: string;
  /** When it came into this queue, Unix time in ms. */
  sentAt?: number;
  receiptHandle: string;
}

/** The messages of a queue, held back from everybody else until they are released. */
export interface HeldQueue {
  /** Every message once, in batches, until the queue has no others or `signal` is aborted. */
  batches(signal: AbortSignal): AsyncGenerator<WaitingMessage[]>;
  /** Takes a message out of the queue for good. */
  remove(message: Pick<WaitingMessage, 'messageId' | 'receiptHandle'>): Promise<void>;
  /** Makes all others visible again. */
  release(): Promise<void>;
}

/** Looks at a queue without taking anything out of it. Rejects with the SDK's exceptions. */
function holdQueue(sqs: SQSClient, queueUrl: string): HeldQueue {
  const held = new Map<string, string>();
  const removed = new Set<string>();

  async function receive(signal: AbortSignal): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: WAIT_SECONDS,
      MessageAttributeNames: ['reason', 'messageId', 'replayOf'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    // Not aborted on the way: messages of an answer that nobody reads would stay hidden.
    return signal.aborted ? [] : ((await sqs.send(command)).Messages ?? []);
  }

  return {
    async *batches(signal) {
      for (;;) {
        const messages = (await receive(signal)).map(waitingMessage);
        const unseen = messages.filter(({ messageId }) => !held.has(messageId) && !removed.has(messageId));
        for (const { messageId, receiptHandle } of messages) held.set(messageId, receiptHandle);
        if (unseen.length === 0) return;
        yield unseen;
      }
    },
    async remove({ messageId, receiptHandle }) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
      held.delete(messageId);
      removed.add(messageId);
    },
    async release() {
      const handles = [...held.values()];
      held.clear();
      for (let start = 0; start < handles.length; start += 10) {
        const Entries = handles.slice(start, start + 10).map((ReceiptHandle, index) => ({
          Id: String(index),
          ReceiptHandle,
          VisibilityTimeout: VISIBLE_AGAIN_SECONDS,
        }));
        await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
    },
  };
}

function waitingMessage({
  MessageId = '',
  Body = '',
  ReceiptHandle = '',
  MessageAttributes,
  Attributes,
}: Message): WaitingMessage {
  const attribute = (name: string) => MessageAttributes?.[name]?.StringValue;
  const reason = attribute('reason');
  const sentAt = Number(Attributes?.SentTimestamp);
  return {
    messageId: MessageId,
    // A message keeps id and attributes on its way into the dead-letter queue, and gets others in the quarantine.
    loggedId: attribute('messageId') ?? attribute('replayOf') ?? MessageId,
    body: Body,
    receiptHandle: ReceiptHandle,
    ...(reason === undefined ? {} : { reason }),
    ...(Number.isFinite(sentAt) ? { sentAt } : {}),
  };
}

/** A message with what is inside, or why that cannot be read. */
export interface OpenedMessage extends WaitingMessage {
  envelope?: Envelope | UnverifiedEnvelope;
  /** The message is ours, but its large body cannot be read from the table. */
  bodyProblem?: string;
}

/** Opens a message. Rejects when the table cannot be reached. */
async function openMessage(
  message: WaitingMessage,
  readBody: (stored: StoredBody) => Promise<Buffer>,
): Promise<OpenedMessage> {
  const stored = storedBodyOf(message.body);
  let bytes: Buffer | undefined;
  try {
    bytes = stored && (await readBody(stored));
  } catch (error) {
    if (error instanceof Error && '$metadata' in error) throw error;
    return { ...message, bodyProblem: describeError(error) };
  }
  const envelope = decodeEnvelope(message.body, bytes);
  return envelope === undefined ? message : { ...message, envelope };
}

/** Whether a message holds a callback that did not verify. */
export function isUnverified(envelope: OpenedMessage['envelope']): envelope is UnverifiedEnvelope {
  return envelope !== undefined && 'refusal' in envelope;
}

/** A message as a list shows it. */
export interface MessageSummary {
  messageId: string;
  /** Its id in the log, where that is another one. */
  loggedId?: string;
  reason?: string;
  source?: string;
  appId?: string;
  /** The app that a callback names that is not verified. */
  claimedAppId?: string;
  taskId?: string;
  roomId?: string;
  /** Why a callback that is not verified was refused. */
  refusal?: string;
  /** ISO 8601 in UTC. */
  receivedAt?: string;
  sentAt?: string;
  bodyBytes?: number;
  problem?: string;
}

/** Sums up a message for a list. */
export function summaryOf(message: OpenedMessage): MessageSummary {
  const { messageId, loggedId, reason, sentAt, envelope, bodyProblem } = message;
  const received =
    envelope === undefined
      ? { problem: bodyProblem ?? 'not an envelope of this version' }
      : {
          source: envelope.source,
          ...idsOf(envelope),
          receivedAt: new Date(envelope.receivedAt).toISOString(),
          bodyBytes: envelope.body.length,
        };
  return {
    messageId,
    ...(loggedId === messageId ? {} : { loggedId }),
    ...(reason === undefined ? {} : { reason }),
    ...received,
    ...(sentAt === undefined ? {} : { sentAt: new Date(sentAt).toISOString() }),
  };
}

/** The app, task and room that a callback names, as far as its source can read them; verified or not. */
function idsOf(envelope: Envelope | UnverifiedEnvelope): Partial<MessageSummary> {
  const { source: name, body, receivedAt } = envelope;
  const source = SOURCES.get(name);
  const owner = isUnverified(envelope)
    ? { refusal: envelope.refusal, ...claimOf(envelope) }
    : { appId: envelope.appId };
  const appId = 'appId' in owner ? owner.appId : (owner.claimedAppId ?? '');
  const parsed = source?.parse(body, { appId, receivedAt, source: name });
  if (!parsed?.ok) return owner;
  const { taskId, roomId } = parsed.event;
  return {
    ...owner,
    ...(taskId === undefined ? {} : { taskId }),
    ...(roomId === undefined ? {} : { roomId }),
  };
}

function claimOf(envelope: UnverifiedEnvelope): { claimedAppId?: string } {
  const vendor = SOURCES.get(envelope.source)?.vendor;
  if (vendor === undefined) return {};
  const refused = verifyWith(VENDORS[vendor].verify, requestAsReceived(envelope), new Map());
  return refused.ok || refused.claimedAppId === undefined ? {} : { claimedAppId: refused.claimedAppId };
}

/** The request of a callback that did not verify, as it came. */
export function requestAsReceived(envelope: UnverifiedEnvelope): CallbackRequest {
  const { headers, query, pathSegment, sourceIp, receivedAt, body } = envelope;
  return { method: 'POST', path: '', headers, query, body, sourceIp, pathSegment, receivedAt };
}

/** How many messages a queue has: in all, and those that somebody works on or looks at. */
export async function countMessages(
  { sqs, queueUrl }: Connection,
  queue: QueueName,
): Promise<{ total: number; inFlight: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await queueUrl(queue),
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
      ],
    }),
  );
  const inFlight = Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
  const waiting = Number(Attributes.ApproximateNumberOfMessages ?? 0);
  return { total: waiting + inFlight + Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0), inFlight };
}

/** The messages of a queue while a command works on it. */
export interface OpenQueue {
  /** Every message once, in batches; ends early when the command is interrupted. */
  batches(): AsyncIterable<OpenedMessage[]>;
  /** Takes a message out for good. */
  remove(message: Pick<WaitingMessage, 'messageId' | 'receiptHandle'>): Promise<void>;
}

/**
 * Lets `work` look at the messages of a queue. Whatever is still in the queue afterwards is visible again, also when
 * the work fails or is interrupted.
 */
export async function withOpenQueue(
  { connection, signal }: Context,
  queue: QueueName,
  work: (open: OpenQueue) => Promise<void>,
): Promise<void> {
  const readBody = async (stored: StoredBody) =>
    createBodyReader(connection.dynamodb, await connection.tableName())(stored);
  const held = holdQueue(connection.sqs, await connection.queueUrl(queue));
  const progress = createProgress('Messages read:');
  async function* batches(): AsyncGenerator<OpenedMessage[]> {
    try {
      for await (const batch of held.batches(signal)) {
        const opened = await Promise.all(batch.map((message) => openMessage(message, readBody)));
        for (const _ of batch) progress.step();
        yield opened;
      }
    } finally {
      progress.done();
    }
  }
  try {
    await work({ batches, remove: held.remove });
  } finally {
    await held.release();
  }
  if (signal.aborted) writeNote('Interrupted; the messages are visible again.');
}
