import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

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
  /** The id under which log lines tell of it. */
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
export function holdQueue(sqs: SQSClient, queueUrl: string): HeldQueue {
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
