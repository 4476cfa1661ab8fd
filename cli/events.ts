import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import type { LineBatch } from './connection.ts';
import { actionOf, type Context, pastTime, type Session } from './context.ts';
import { EXIT, explain, isPassing } from './failure.ts';
import { addFindEvents } from './find-events.ts';
import { lineText } from './line-text.ts';
import { createLineReader, isWanted, type LineFilters, LOGGED_MESSAGES, receiversOf } from './log-lines.ts';
import { writeJsonLine, writeLine, writeNote } from './output.ts';

const HELP_AFTER = `
A line for each callback when it is received, with the verdict and the reason, and one when it was applied or quarantined;
locally also one for each change of a task, a file or a room. Only lines of what was applied name the task.
They come from the local stack, or from the stage's log groups in CloudWatch, where they are seen a few seconds later.
The queries of URLs are redacted. --json writes the log lines as they are, one JSON document a line (docs/operations.md
lists their fields). Ctrl-C ends it with exit code 0,
and so does the first line that nobody reads (| head -1).

Examples:
  rtc-callbacks events tail
  rtc-callbacks events tail --stage prod --since 10m --vendor tencent
  rtc-callbacks events tail --stage prod --json | jq -r 'select(.verdict == "refused") | .reason'`;

/** Adds `events tail` and `events find`. */
export function addEvents(program: Command, session: Session): void {
  const events = program
    .command('events')
    .description('what happens: callbacks with their verdicts, and what they change');
  withLineFilters(
    events
      .command('tail')
      .description('follow what happens, as it happens')
      .option('--since <time>', 'begin with what happened this long ago: 30s, 10m, 2h or 1d'),
  )
    .option('--task <id>', 'only those of this task')
    .addHelpText('after', HELP_AFTER)
    .action(
      actionOf(session, (context, options: LineFilters & { since?: string }) => tailEvents(context, options)),
    );
  addFindEvents(withLineFilters(events.command('find')), session);
}

function withLineFilters(command: Command): Command {
  return command
    .addOption(
      new Option('--source <source>', 'only those of this callback source').choices(
        SAMPLE_SOURCES.map(({ name }) => name),
      ),
    )
    .addOption(new Option('--vendor <vendor>', 'only those of this vendor').choices(VENDOR_NAMES))
    .option('--app <id>', 'only those of this app');
}

/** The functions beside those that receive callbacks whose lines are read. */
const OTHER_FUNCTIONS = ['consumer', 'drain', 'watch'];

/** Writes lines as they come, until it is interrupted. Returns the exit code. */
async function tailEvents(
  context: Context,
  { since, ...filters }: LineFilters & { since?: string },
): Promise<number> {
  const { connection, signal } = context;
  const name = connection.name;
  const lines = connection.logLines({
    since: since === undefined ? undefined : pastTime('--since', since, Date.now()),
    functions: [...receiversOf(filters), ...OTHER_FUNCTIONS],
    messages: LOGGED_MESSAGES,
  });
  const write = createWriter(context.json, filters);
  let state: 'new' | 'following' | 'lost' = 'new';
  for (;;) {
    // What has come until the interruption is written too.
    const isLast = signal.aborted;
    try {
      const batch = await lines.next();
      if (state === 'new') writeNote(`Following ${name}; Ctrl-C ends it.`);
      if (state === 'lost') writeNote(`There is an answer from ${name} again.`);
      state = 'following';
      write(batch);
    } catch (error) {
      if (state === 'new' || !isPassing(error)) throw error;
      if (state === 'following' && !isLast) writeNote(`${explain(error, connection)?.message} Trying again.`);
      state = 'lost';
    }
    if (isLast) return EXIT.ok;
    await setTimeout(lines.pauseMs, undefined, { signal }).catch(() => {});
  }
}

function createWriter(json: boolean, filters: LineFilters): (batch: LineBatch) => void {
  const read = createLineReader();
  return ({ lines, missed }) => {
    if (missed > 0) writeNote(`${missed} lines came faster than they could be read.`);
    for (const text of lines) {
      const line = read(text);
      if (line === undefined || !isWanted(line, filters)) continue;
      if (json) writeJsonLine(line.fields);
      else writeLine(lineText(line, Date.now()));
    }
  };
}
