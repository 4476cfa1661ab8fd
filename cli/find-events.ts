import type { Command } from 'commander';
import type { Json } from '../lib/platform/json.ts';
import { rangeOf, WrongParameter } from '../lib/query/parameters.ts';
import type { LineQuestion, LineSearch } from './connection.ts';
import { actionOf, type Context, pastTime, type Session, wholeNumber } from './context.ts';
import { EXIT, wrongUsage } from './failure.ts';
import { lineText } from './line-text.ts';
import {
  createLineReader,
  isWanted,
  type LineFilters,
  LOGGED_MESSAGES,
  type LogLine,
  receiversOf,
  textOf,
} from './log-lines.ts';
import { createProgress, writeJson, writeLine, writeNote } from './output.ts';

const MOST_LINES = 100;
const MOST_REQUESTS = 200;

const HELP_AFTER = `
The log lines of callbacks in a time that is over, the earliest first: with --task or --room those of what was applied, with
--request-id (of the receiving function) or --message-id those of one callback. With each comes the rest of its way:
reception, spill, consumption and replays. Without any of the four it lists what happened in that time.
They come from the local stack, which remembers the last 4 MB of them, or from the stage's log groups in CloudWatch. A page
of CloudWatch Logs may be empty, so a search sends at most --requests requests; where it needs more, it says so and ends
with exit code 1. Exit code 3 means that there is no such line. --json writes { "lines": [ … ] }.

Examples:
  rtc-callbacks events find --task <recordId> --since 2h
  rtc-callbacks events find --stage prod --from 2026-01-15T10:00 --to 2026-01-15T11:00 --time-zone Asia/Shanghai --room maths
  rtc-callbacks events find --stage prod --message-id <messageId of a stored callback> --since 7d --json`;

interface FindOptions extends LineFilters {
  from?: string;
  to?: string;
  since?: string;
  timeZone?: string;
  limit?: string;
  requests?: string;
}

/** Makes a command, which has the filters of lines already, `events find`. */
export function addFindEvents(command: Command, session: Session): void {
  command
    .description('find what happened to a callback, a task or a room')
    .option('--from <time>', 'from this date or time (default: 24 hours before the end)')
    .option('--to <time>', 'before this date or time (default: now)')
    .option('--since <time>', 'instead of --from: such as 2h or 7d')
    .option('--time-zone <name>', 'of dates and times, such as Asia/Shanghai (default: UTC)')
    .option('--task <id>', 'of this task')
    .option('--room <id>', 'of this room')
    .option('--request-id <id>', 'of the callback that this request brought')
    .option('--message-id <id>', 'of the callback with this message in the queue')
    .option(
      '--limit <count>',
      `at most this many, not counting the rest of their way (default: ${MOST_LINES})`,
    )
    .option('--requests <count>', `at most this many to CloudWatch Logs (default: ${MOST_REQUESTS})`)
    .addHelpText('after', HELP_AFTER)
    .action(actionOf(session, (context, options: FindOptions) => findEvents(context, options)));
}

async function findEvents(context: Context, options: FindOptions): Promise<number> {
  const range = timesOf(options);
  const limit = options.limit === undefined ? MOST_LINES : wholeNumber('--limit', options.limit);
  const mostRequests =
    options.requests === undefined ? MOST_REQUESTS : wholeNumber('--requests', options.requests);
  const receivers = receiversOf(options);
  const search = { ...searchOf(options, receivers), ...range };
  const progress = createProgress('Requests to CloudWatch Logs:');
  const { signal } = context;
  const past = context.connection.searchLines({ mostRequests, onRequest: progress.step, signal });
  const found = await find(past, search, receivers, (line) => isWanted(line, options), limit).finally(
    progress.done,
  );
  write(context, found);
  if (signal.aborted) writeNote('Stopped: the search is not whole.');
  const missing = past.missing();
  if (signal.aborted) return EXIT.interrupted;
  if (missing !== undefined) {
    writeNote(missing);
    return EXIT.failed;
  }
  return found.lines.length === 0 ? EXIT.notFound : EXIT.ok;
}

/** The time that is searched, Unix times in ms. */
function timesOf({ from, to, since, timeZone }: FindOptions): { from: number; to: number } {
  if (since !== undefined && from !== undefined) throw wrongUsage('Give --since or --from, not both');
  const now = Date.now();
  const begin = since === undefined ? from : new Date(pastTime('--since', since, now)).toISOString();
  try {
    const range = rangeOf({ from: begin, to, timeZone }, now);
    return { from: Date.parse(range.from), to: Date.parse(range.to) };
  } catch (error) {
    if (error instanceof WrongParameter)
      throw wrongUsage(`--${error.message.replace('timeZone', 'time-zone')}`);
    throw error;
  }
}

/** The fields of the lines that are asked for, and the values that they have there. */
type Search = Pick<LineQuestion, 'fields' | 'values'>;

function searchOf({ task, room, requestId, messageId }: FindOptions, receivers: readonly string[]): Search {
  const searches: Search[] = [
    ...(task === undefined ? [] : [{ fields: APPLYING_FIELDS.task, values: [task] }]),
    ...(room === undefined ? [] : [{ fields: APPLYING_FIELDS.room, values: [room] }]),
    ...(requestId === undefined ? [] : [{ fields: fieldsOf(receivers, ['requestId']), values: [requestId] }]),
    ...(messageId === undefined ? [] : [{ fields: linkFields(receivers), values: [messageId] }]),
  ];
  if (searches.length > 1) throw wrongUsage('Give one of --task, --room, --request-id and --message-id');
  const all = [...receivers, 'consumer', 'drain', 'watch'];
  return searches[0] ?? { fields: fieldsOf(all, ['message']), values: LOGGED_MESSAGES };
}

/** Where the lines of what was applied, or needs attention, have their ids. */
const APPLYING_FIELDS = {
  task: fieldsOf(['consumer', 'watch'], ['taskId']),
  room: fieldsOf(['consumer', 'watch'], ['roomId']),
};

function fieldsOf(functions: readonly string[], fields: readonly string[]): LineQuestion['fields'] {
  return Object.fromEntries(functions.map((name) => [name, fields]));
}

/** Where the lines of each function have the ids of messages. */
function linkFields(receivers: readonly string[]): LineQuestion['fields'] {
  return {
    ...fieldsOf(receivers, ['messageId']),
    drain: ['messageId', 'spillId'],
    consumer: ['messageId', 'replayOf', 'restOf'],
  };
}

interface Found {
  lines: LogLine[];
  /** Whether more lines are meant than these. */
  hasMore: boolean;
}

/** A line is written this long after what it says at most, in ms. */
const MARGIN_MS = 60_000;

/** Finds the lines that are meant, at most `limit` of them, and all others of the same callbacks. */
async function find(
  past: LineSearch,
  search: LineQuestion,
  receivers: readonly string[],
  isMeant: (line: LogLine) => boolean,
  limit: number,
): Promise<Found> {
  const pool = new Map<string, Json>();
  const ask = async (question: LineQuestion) => {
    for (const line of await past.read(question)) pool.set(JSON.stringify(line), line);
  };
  const { from, to } = search;
  await ask(search);
  const asked = new Set<string>();
  const isInTime = ({ fields: line }: LogLine) => timeOf(line) >= from;
  for (;;) {
    const lines = linesOf(pool.values());
    const meant = lines.filter((line) => isInTime(line) && isMeant(line));
    const { ids, related } = withRelated(lines, meant.slice(0, limit));
    const news = [...ids].filter((id) => !asked.has(id));
    if (news.length === 0) return { lines: related, hasMore: meant.length > limit };
    for (const id of news) asked.add(id);
    const begin = Math.min(from, ...related.map(receptionOf)) - MARGIN_MS;
    await ask({ from: begin, to, fields: linkFields(receivers), values: news });
  }
}

/** Lines in the order of their time; a line of a message gets the source and app that an earlier one has. */
function linesOf(pool: Iterable<Json>): LogLine[] {
  const read = createLineReader();
  return [...pool].sort((a, b) => timeOf(a) - timeOf(b)).flatMap((line) => read(line) ?? []);
}

/** Some lines and all that have an id of a message in common with them, and these ids. */
function withRelated(lines: readonly LogLine[], meant: readonly LogLine[]) {
  const ids = new Set(meant.flatMap((line) => line.ids.messageIds));
  const chosen = new Set(meant);
  let size: number;
  do {
    size = chosen.size;
    for (const line of lines) {
      if (chosen.has(line) || !line.ids.messageIds.some((id) => ids.has(id))) continue;
      chosen.add(line);
      for (const id of line.ids.messageIds) ids.add(id);
    }
  } while (chosen.size > size);
  return { ids, related: lines.filter((line) => chosen.has(line)) };
}

/** When the callback of a line was received, Unix time in ms. */
function receptionOf({ fields }: LogLine): number {
  const { lagMs, waitedMs } = fields;
  return timeOf(fields) - (typeof lagMs === 'number' ? lagMs : typeof waitedMs === 'number' ? waitedMs : 0);
}

function timeOf(line: Json): number {
  return Date.parse(textOf(line, 'time') ?? '') || 0;
}

function write({ json }: Context, { lines, hasMore }: Found): void {
  if (json) writeJson({ lines: lines.map(({ fields }) => fields) });
  else if (lines.length === 0) writeLine('No such line.');
  else for (const line of lines) writeLine(lineText(line, Date.now()));
  if (hasMore) writeNote('There are more; --limit has the rest.');
}
