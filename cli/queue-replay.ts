import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describeError } from '../lib/platform/log.ts';
import { messageGroup } from '../lib/queue/queue.ts';
import type { Connection, QueueName } from './connection.ts';
import type { Context } from './context.ts';
import { EXIT } from './failure.ts';
import { type OpenQueue, withOpenQueue } from './held-messages.ts';
import { type MessageSummary, type OpenedMessage, summaryOf } from './message-content.ts';
import { writeJson, writeLine, writeNote, writeTable } from './output.ts';
import { HIDDEN_HINT } from './queue-list.ts';
import { asItIs, replayOf } from './replay.ts';
import { createSecretsReader } from './secrets.ts';
import { type Selection, type SelectionOptions, selectionOf } from './selection.ts';

/** What became of a message. */
interface Outcome extends MessageSummary {
  result: 'replayed' | 'would be replayed' | 'stays' | 'came back' | 'failed';
  /** Why it is still there. */
  why?: string;
}

/** Sends messages of a queue back to the callback queue. Returns the exit code. */
export async function replayMessages(
  context: Context,
  queue: QueueName,
  ids: readonly string[],
  options: SelectionOptions & { dryRun?: boolean },
): Promise<number> {
  const selection = selectionOf(ids, options);
  const callbackQueueUrl = await context.connection.queueUrl('callbacks');
  const replayer = createReplayer(context.connection, {
    queue,
    callbackQueueUrl,
    isDryRun: options.dryRun ?? false,
  });
  const outcomes: Outcome[] = [];
  await withOpenQueue(context, queue, async (open) => {
    for await (const batch of open.batches()) {
      outcomes.push(...(await replayer.replay(batch.filter(selection.includes), open, selection)));
      if (selection.isComplete(outcomes.length)) break;
      // What one message meets the next will meet too: the queue is out, or may not be written to.
      if (outcomes.some(({ result }) => result === 'failed')) break;
    }
  });
  const missing = selection.missing(outcomes);
  writeOutcomes(outcomes, missing, context.json);
  if (context.signal.aborted) return EXIT.interrupted;
  if (outcomes.some(({ result }) => !/replayed/.test(result))) return EXIT.failed;
  return missing.length > 0 ? EXIT.notFound : EXIT.ok;
}

interface ReplaySettings {
  queue: QueueName;
  callbackQueueUrl: string;
  isDryRun: boolean;
}

function createReplayer(connection: Connection, settings: ReplaySettings) {
  const { queue, callbackQueueUrl, isDryRun } = settings;
  const secrets = createSecretsReader(connection);
  const sent = new Set<string>();

  async function replayOne(message: OpenedMessage, open: OpenQueue, isChosen: boolean): Promise<Outcome> {
    const summary = summaryOf(message);
    // It went through the consumer and into quarantine again while we were at work; once more would be for ever.
    if (sent.has(hashOf(message.body))) return { ...summary, result: 'came back' };
    try {
      const replay = queue === 'quarantine' ? await replayOf(message, secrets, isChosen) : asItIs(message);
      if (!replay.ok) return { ...summary, result: 'stays', why: replay.why };
      if (isDryRun) return { ...summary, result: 'would be replayed' };
      const group = replay.group === undefined ? {} : messageGroup(replay.group);
      await connection.sqs.send(
        new SendMessageCommand({
          QueueUrl: callbackQueueUrl,
          MessageBody: replay.text,
          // The log line of the consumer repeats it, which links it to those of before.
          MessageAttributes: { replayOf: { DataType: 'String', StringValue: message.loggedId } },
          ...group,
        }),
      );
      // Only now: a crash in between leaves it in both queues, and applying it twice changes nothing.
      await open.remove(message);
      sent.add(hashOf(replay.text));
      return { ...summary, result: 'replayed' };
    } catch (error) {
      return { ...summary, result: 'failed', why: describeError(error) };
    }
  }

  return {
    replay: (messages: readonly OpenedMessage[], open: OpenQueue, { names }: Selection): Promise<Outcome[]> =>
      Promise.all(messages.map((message) => replayOne(message, open, names(message)))),
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function writeOutcomes(outcomes: readonly Outcome[], missing: readonly string[], json: boolean): void {
  if (json) {
    writeJson({ messages: outcomes, missing });
    return;
  }
  if (outcomes.length > 0) {
    writeTable(
      ['message', 'source', 'app', 'result', 'why'],
      outcomes.map(({ messageId, source, appId, result, why }) => [messageId, source, appId, result, why]),
    );
  } else if (missing.length === 0) writeLine('No message matches.');
  for (const id of missing) writeNote(`There is no message ${id} here. ${HIDDEN_HINT}`);
  if (outcomes.some(({ result }) => result === 'came back')) {
    writeNote('What came back still cannot be applied; its reason is in the list.');
  }
}
