import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { reasonText } from '../lib/callback/reasons.ts';
import { durationText, timeLeftText, verdictWords } from '../lib/page/text.ts';
import { field, type Json, type JsonObject } from '../lib/platform/json.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import type { LineBatch } from './connection.ts';
import { actionOf, type Context, pastTime, type Session } from './context.ts';
import {
  createEventReader,
  EVENT_MESSAGES,
  type EventFilters,
  type EventIds,
  type EventLine,
  isWanted,
  textOf,
} from './event-lines.ts';
import { EXIT, explain, isPassing } from './failure.ts';
import { type Mood, painted, printable, writeJsonLine, writeLine, writeNote } from './output.ts';

const HELP_AFTER = `
A line for each callback when it is received, with the verdict and the reason, and one when it was applied or quarantined;
locally also one for each change of a task, a file or a room. Only the lines that tell of what is applied name the task.
They come from the local stack, or from the stage's log groups in CloudWatch, where they are seen a few seconds later.
The queries of URLs are redacted. --json writes the log lines as they are, one JSON document a line (docs/operations.md
says what is in them). Ctrl-C ends it with exit code 0,
and so does the first line that nobody reads (| head -1).

Examples:
  rtc-callbacks events tail
  rtc-callbacks events tail --stage prod --since 10m --vendor tencent
  rtc-callbacks events tail --stage prod --json | jq -r 'select(.verdict == "refused") | .reason'`;

/** Adds `events tail`. */
export function addEvents(program: Command, session: Session): void {
  program
    .command('events')
    .description('what happens: callbacks with their verdicts, and what they change')
    .command('tail')
    .description('follow what happens, as it happens')
    .option('--since <time>', 'begin with what happened this long ago: 30s, 10m, 2h or 1d')
    .addOption(
      new Option('--source <source>', 'only those of this callback source').choices(
        SAMPLE_SOURCES.map(({ name }) => name),
      ),
    )
    .addOption(new Option('--vendor <vendor>', 'only those of this vendor').choices(VENDOR_NAMES))
    .option('--app <id>', 'only those of this app')
    .option('--task <id>', 'only those of this task')
    .addHelpText('after', HELP_AFTER)
    .action(
      actionOf(session, (context, options: EventFilters & { since?: string }) =>
        tailEvents(context, options),
      ),
    );
}

/** The functions beside those that receive callbacks whose lines tell of events. */
const OTHER_FUNCTIONS = ['consumer', 'drain', 'watch'];

/** Writes events as they come, until it is interrupted. Returns the exit code. */
async function tailEvents(
  context: Context,
  { since, ...filters }: EventFilters & { since?: string },
): Promise<number> {
  const { connection, signal } = context;
  const name = connection.name;
  const lines = connection.logLines({
    since: since === undefined ? undefined : pastTime('--since', since, Date.now()),
    functions: [...receivers(filters), ...OTHER_FUNCTIONS],
    messages: EVENT_MESSAGES,
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

/** The functions that receive what passes the filters; each is named after its source. */
function receivers({ source, vendor }: EventFilters): string[] {
  return SAMPLE_SOURCES.filter(
    (candidate) =>
      (source === undefined || candidate.name === source) &&
      (vendor === undefined || candidate.vendor === vendor),
  ).map(({ name }) => name);
}

function createWriter(json: boolean, filters: EventFilters): (batch: LineBatch) => void {
  const read = createEventReader();
  return ({ lines, missed }) => {
    if (missed > 0) writeNote(`${missed} lines came faster than they could be read.`);
    for (const line of lines) {
      const event = read(line);
      if (event === undefined || !isWanted(event, filters)) continue;
      if (json) writeJsonLine(event.fields);
      else writeLine(eventText(event, Date.now()));
    }
  };
}

/** How wide the columns are before the last: the longest word of each that is usual. */
const VERDICT_WIDTH = 'quarantined'.length;
const WHAT_WIDTH = 'rtc.file.upload_failed'.length;

const MOODS = { good: 'good', busy: 'quiet', plain: 'quiet', warn: 'careful', bad: 'bad' } as const;

/** An event in words: what became of it, of what, and what else is known. */
interface Told {
  verdict: string;
  mood: Mood;
  what: string | undefined;
  details: readonly (string | undefined)[];
}

/** An event on one line for people, printable. `now` is Unix time in ms. */
export function eventText(event: EventLine, now: number): string {
  const { verdict, mood, what = '', details } = told(event, now);
  const columns = [
    printable(textOf(event.fields, 'time') ?? ''),
    painted(printable(verdict).padEnd(VERDICT_WIDTH), mood),
    printable(what).padEnd(WHAT_WIDTH),
    ...details
      .filter((detail) => detail !== undefined && detail !== '')
      .map((detail) => printable(String(detail))),
  ];
  return columns.join('  ').trimEnd();
}

function told({ message, fields, ids }: EventLine, now: number): Told {
  switch (message) {
    case 'callback':
      return { ...judged(textOf(fields, 'verdict')), what: ids.source, details: reception(fields, ids) };
    case 'consumed':
      return { ...judged(textOf(fields, 'verdict')), what: ids.source, details: consumption(fields, ids) };
    case 'retry':
      return { ...judged('retrying'), what: ids.source, details: [app(ids), textOf(fields, 'reason')] };
    case 'removed':
      return {
        ...judged('removed'),
        what: ids.source,
        details: [app(ids), 'by hand, out of the queue where it waited'],
      };
    case 'drained':
      return {
        verdict: 'drained',
        mood: 'quiet',
        what: ids.source,
        details: [app(ids), 'out of the table into the queue', duration(field(fields, 'waitedMs'), 'after')],
      };
    case 'attention': {
      const change = textOf(fields, 'change') ?? '';
      return {
        verdict: 'attention',
        mood: change === 'raised' ? 'bad' : 'quiet',
        what: ids.vendor,
        details: [`${textOf(fields, 'reason') ?? ''} ${change}`, subject(ids), app(ids)],
      };
    }
    case 'change':
      return change(fields, ids, now);
  }
}

function judged(verdict = ''): Pick<Told, 'verdict' | 'mood'> {
  return { verdict, mood: MOODS[verdictWords(verdict).tone] };
}

function reception(fields: JsonObject, ids: EventIds): Told['details'] {
  return [
    String(field(fields, 'status') ?? ''),
    reason(fields),
    field(fields, 'spilled') === true ? 'spilled' : undefined,
    app(ids),
    duration(field(fields, 'ackMs'), 'in'),
  ];
}

function consumption(fields: JsonObject, ids: EventIds): Told['details'] {
  const changes = field(fields, 'changes');
  return [
    textOf(fields, 'type'),
    subject(ids) ?? app(ids),
    reason(fields),
    typeof changes === 'number' && changes > 0
      ? `${changes} ${changes === 1 ? 'change' : 'changes'}`
      : undefined,
    duration(field(fields, 'lagMs'), 'after'),
    textOf(fields, 'replayOf') === undefined ? undefined : 'by a replay',
  ];
}

function change(fields: JsonObject, ids: EventIds, now: number): Told {
  const event = field(fields, 'event');
  const type = textOf(event, 'type');
  const data = field(event, 'data');
  const changed = field(data, 'file') ?? field(data, 'task') ?? field(data, 'room');
  const status = textOf(changed, 'status') ?? textOf(field(data, 'otherFiles'), 'status');
  const before = textOf(data, 'previousStatus');
  const purgeAt = textOf(changed, 'purgeAt');
  return {
    verdict: 'changed',
    mood: isBad(type, status) ? 'bad' : 'good',
    what: type,
    details: [
      subject(ids) ?? app(ids),
      textOf(data, 'reason'),
      before === undefined || before === status ? status : `${before} → ${status}`,
      purgeAt === undefined ? undefined : `time left ${timeLeftText(Date.parse(purgeAt), now)}`,
    ],
  };
}

function isBad(type: string | undefined, status: string | undefined): boolean {
  return type === 'rtc.attention.raised' || status === 'upload_failed' || status === 'failed';
}

function reason(fields: JsonObject): string | undefined {
  const name = textOf(fields, 'reason');
  const meaning = name === undefined ? undefined : reasonText(name);
  return meaning === undefined ? name : `${name}: ${meaning}`;
}

function subject({ taskId, roomId, fileName }: EventIds): string | undefined {
  const task = taskId === undefined ? undefined : `task ${taskId}`;
  if (fileName !== undefined) return `file ${fileName} of ${task}`;
  return task ?? (roomId === undefined ? undefined : `room ${roomId}`);
}

function app({ appId, claimedAppId }: EventIds): string | undefined {
  if (appId !== undefined) return `app ${appId}`;
  return claimedAppId === undefined ? undefined : `says it is of app ${claimedAppId}`;
}

function duration(ms: Json | undefined, word: string): string | undefined {
  return typeof ms === 'number' ? `${word} ${durationText(ms)}` : undefined;
}
