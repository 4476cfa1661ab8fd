import { bodyReader, type QueueName } from './connection.ts';
import type { Context } from './context.ts';
import { type OpenedMessage, openMessage } from './message-content.ts';
import { writeNote } from './output.ts';
import { createProgress } from './progress.ts';
import { holdQueue, type WaitingMessage } from './waiting-messages.ts';

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
  const readBody = bodyReader(connection);
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
