import type { Command } from 'commander';
import { actionOf, type Context, type Session } from './context.ts';
import { EXIT } from './failure.ts';
import { countItems, fillLists } from './filling.ts';
import { createProgress, writeFields, writeJson, writeNote } from './output.ts';

const HELP = `
Needed once, after a deployed stage has its index "place": until then the lists have only what came since. It reads
the whole table, writes an item once or twice, and may be stopped with Ctrl-C and run again. Callbacks go on meanwhile.

Example:
  rtc-callbacks lists fill --stage prod`;

/** Adds `lists fill`. */
export function addFillLists(program: Command, session: Session): void {
  program
    .command('lists')
    .description('the lists of tasks and files by time')
    .command('fill')
    .description('put tasks and files of earlier versions into the lists')
    .addHelpText('after', HELP)
    .action(actionOf(session, (context) => fill(context)));
}

async function fill({ connection, json, signal }: Context): Promise<number> {
  const table = { client: connection.dynamodb, tableName: await connection.tableName() };
  // DynamoDB counts the items of a table every six hours.
  const progress = createProgress('Items read, of about:', await countItems(table.client, table.tableName));
  const counts = await fillLists({ ...table, signal, onProgress: progress.stepTo }).finally(progress.done);
  if (json) writeJson(counts);
  else writeFields({ 'items read': counts.read, 'items placed': counts.placed });
  if (!signal.aborted) return EXIT.ok;
  writeNote('Stopped. Run it again: what has been placed is only read then.');
  return EXIT.interrupted;
}
