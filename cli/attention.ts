import type { Command } from 'commander';
import type { AttentionAnswer } from '../lib/ledger/answers.ts';
import type { Hidden } from '../types/index.d.ts';
import { actionOf, type Context, type Session, timeSpan } from './context.ts';
import { EXIT } from './failure.ts';
import { writeJson, writeLine, writeTable } from './output.ts';
import { readPath, saidOf, timeLeft } from './reading.ts';
import { write } from './writing.ts';

/** Adds `attention list`, `attention dismiss` and `attention snooze`. */
export function addAttention(program: Command, session: Session): void {
  const group = program
    .command('attention')
    .description('what needs a person: failed uploads, callbacks that did not come, silent apps');
  group
    .command('list')
    .description('list attention items, the soonest to be deleted first')
    .option('--hidden', 'also those that somebody dismissed or snoozed')
    .addHelpText(
      'after',
      `\nExample:\n  rtc-callbacks attention list --stage prod --json | jq -r '.files[].name'`,
    )
    .action(actionOf(session, (context, { hidden }: { hidden?: boolean }) => list(context, hidden)));
  group
    .command('dismiss')
    .description('hide an attention item until its reason changes')
    .argument('<id>', 'its id, from "attention list"')
    .requiredOption('--why <text>', 'why nobody needs to act; stored with your name')
    .addHelpText('after', '\nExample:\n  rtc-callbacks attention dismiss <id> --why "test recording"')
    .action(
      actionOf(session, (context, { why }: { why: string }, id: string) =>
        hide(context, 'dismiss', { id, why }),
      ),
    );
  group
    .command('snooze')
    .description('hide an attention item for a time, or until its reason changes')
    .argument('<id>', 'its id, from "attention list"')
    .requiredOption('--for <time>', 'such as 2h or 1d')
    .requiredOption('--why <text>', 'why it can wait; kept with your name')
    .addHelpText(
      'after',
      '\nExample:\n  rtc-callbacks attention snooze <id> --for 2h --why "bucket is being repaired"',
    )
    .action(
      actionOf(session, (context, options: { why: string; for: string }, id: string) => {
        const until = new Date(Date.now() + timeSpan('--for', options.for)).toISOString();
        return hide(context, 'snooze', { id, why: options.why, until });
      }),
    );
}

async function list(context: Context, hidden = false): Promise<number> {
  const path = `/attention?limit=500${hidden ? '&hidden=true' : ''}`;
  const attention = await readPath<AttentionAnswer>(context, path, 'The list');
  if (context.json) writeJson(attention);
  else writeAttention(attention);
  return EXIT.ok;
}

async function hide(
  context: Context,
  action: 'dismiss' | 'snooze',
  request: { id: string; why: string; until?: string },
): Promise<number> {
  const by = await context.connection.identity();
  const answer = await write<{ hidden: Hidden }>(context, 'POST', `/attention/${action}`, { ...request, by });
  const { reason, until } = answer.hidden;
  if (context.json) writeJson(answer);
  else writeLine(`Hidden while its reason is ${reason}${until === undefined ? '' : `, until ${until}`}.`);
  return EXIT.ok;
}

/** What needs attention: files, tasks and apps, each in a table of its own. */
function writeAttention({ files, tasks = [], apps = [] }: AttentionAnswer): void {
  const tables: [head: string[], rows: (string | undefined)[][]][] = [
    [
      ['vendor', 'app', 'task', 'file', 'status', 'why', 'since', 'time left', 'hidden', 'id'],
      files.map((file) => [
        file.vendor,
        file.appId,
        file.taskId,
        file.name,
        file.status,
        [file.reason === file.status ? undefined : file.reason, saidOf(file)].filter(Boolean).join(': '),
        file.since ?? file.failedAt,
        timeLeft(file),
        hiddenText(file.hidden),
        file.id,
      ]),
    ],
    [
      ['vendor', 'app', 'task', 'status', 'why', 'since', 'hidden', 'id'],
      tasks.map(({ vendor, appId, taskId, status, reason, since, hidden, id }) => [
        ...[vendor, appId, taskId, status, reason, since],
        ...[hiddenText(hidden), id],
      ]),
    ],
    [
      ['vendor', 'app', 'why', 'last callback', 'hidden', 'id'],
      apps.map(({ vendor, appId, reason, lastReceivedAt, hidden, id }) => [
        ...[vendor, appId, reason, lastReceivedAt],
        ...[hiddenText(hidden), id],
      ]),
    ],
  ];
  const filled = tables.filter(([, rows]) => rows.length > 0);
  if (filled.length === 0) writeLine('Nothing needs attention.');
  for (const [index, [head, rows]] of filled.entries()) {
    if (index > 0) writeLine();
    writeTable(head, rows);
  }
}

/** The last decision to hide an item; it is listed again where its reason has changed or the time is up. */
function hiddenText(hidden: Hidden | undefined): string | undefined {
  if (hidden === undefined) return undefined;
  const { by, why, reason, until } = hidden;
  return `${reason}${until === undefined ? '' : ` until ${until}`}, by ${by}: ${why}`;
}
