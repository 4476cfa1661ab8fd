import { createInterface } from 'node:readline/promises';
import type { QueueName } from './connection.ts';
import type { Context } from './context.ts';
import { EXIT, wrongUsage } from './failure.ts';
import { writeJson, writeLine, writeNote } from './output.ts';
import { HIDDEN_HINT, writeMessages } from './queue-list.ts';
import { type MessageSummary, summaryOf, withOpenQueue } from './queue-messages.ts';
import { type SelectionOptions, selectionOf } from './selection.ts';

/** What became of a message. */
interface Outcome extends MessageSummary {
  result: 'removed' | 'would be removed' | 'stays';
}

/** Takes messages out of a queue for good, once a person has agreed. Returns the exit code. */
export async function removeMessages(
  context: Context,
  queue: QueueName,
  ids: readonly string[],
  options: SelectionOptions & { dryRun?: boolean; yes?: boolean },
): Promise<number> {
  const selection = selectionOf(ids, options);
  const isDryRun = options.dryRun === true;
  if (options.yes !== true && !isDryRun && !(process.stdin.isTTY && process.stderr.isTTY)) {
    throw wrongUsage('Nobody can be asked here: pass --yes to remove the messages for good, or --dry-run.');
  }
  const outcomes: Outcome[] = [];
  await withOpenQueue(context, queue, async (open) => {
    // What is needed to remove them; the bodies of a whole queue need not be kept.
    const chosen: { receiptHandle: string; loggedId: string; summary: MessageSummary }[] = [];
    for await (const batch of open.batches()) {
      for (const message of batch.filter(selection.includes)) {
        const { receiptHandle, loggedId } = message;
        chosen.push({ receiptHandle, loggedId, summary: summaryOf(message) });
      }
      if (selection.isComplete(chosen.length)) break;
    }
    const summaries = chosen.map(({ summary }) => summary);
    const isAgreed = !isDryRun && (options.yes === true || (await isAgreedTo(summaries, context.signal)));
    for (const { receiptHandle, loggedId, summary } of chosen) {
      const isRemoved = isAgreed && !context.signal.aborted;
      if (isRemoved) {
        await open.remove({ messageId: summary.messageId, receiptHandle });
        await context.connection.tellRemoved(loggedId);
      }
      outcomes.push({ ...summary, result: isRemoved ? 'removed' : isDryRun ? 'would be removed' : 'stays' });
    }
  });
  const missing = selection.missing(outcomes);
  writeOutcomes(outcomes, missing, context.json);
  if (context.signal.aborted) return EXIT.interrupted;
  if (outcomes.some(({ result }) => result === 'stays')) return EXIT.failed;
  return missing.length > 0 ? EXIT.notFound : EXIT.ok;
}

/** Asks on the terminal; nothing but a clear yes counts. */
async function isAgreedTo(summaries: readonly MessageSummary[], signal: AbortSignal): Promise<boolean> {
  if (summaries.length === 0 || signal.aborted) return false;
  writeMessages(summaries);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Remove ${summaries.length} for good? What is removed cannot be replayed. [y/N] `;
    // The terminal interface takes Ctrl-C for itself.
    terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    return /^y(?:es)?$/i.test((await terminal.question(question, { signal })).trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

function writeOutcomes(outcomes: readonly Outcome[], missing: readonly string[], json: boolean): void {
  if (json) {
    writeJson({ messages: outcomes, missing });
    return;
  }
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length;
  if (count('would be removed') > 0) writeMessages(outcomes);
  for (const result of ['removed', 'would be removed', 'stays'] as const) {
    if (count(result) > 0) writeLine(`${count(result)} ${result}`);
  }
  if (outcomes.length === 0 && missing.length === 0) writeLine('No message matches.');
  for (const id of missing) writeNote(`There is no message ${id} here. ${HIDDEN_HINT}`);
}
