import type {
  CloudWatchLogsClient,
  CloudWatchLogsClientConfig,
  FilteredLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import { isoTime } from '../lib/callback/time.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { type Json, parseJson } from '../lib/platform/json.ts';
import type { LineSearch, LineSelection, NewLines, PastLines, SearchOptions } from './connection.ts';

/** The log groups of a stage: how they are reached, and what their names begin with. */
export interface LogGroups {
  settings: CloudWatchLogsClientConfig;
  prefix: string;
}

/** A region allows five `FilterLogEvents` a second at least, to all who ask. */
const PAUSE_MS = 3_000;
const CONCURRENT_READS = 2;

/** How much later than others, by its own time, a line may become visible, in ms. */
const LATEST_MS = 20_000;

/** The log lines of deployed functions as they come, in the order of their time. */
export function newLines(groups: LogGroups, { since, functions, messages }: LineSelection): NewLines {
  const [filterPattern = ''] = patternsOf(['message'], messages);
  const client = createClient(groups);
  let startTime = since ?? Date.now();
  /** The times of the lines that were given and could be read once more, by their ids. */
  const given = new Map<string, number>();

  return {
    pauseMs: PAUSE_MS,
    async next() {
      const all = await readGroups(groups, functions, async (logGroupName) => {
        const events: FilteredLogEvent[] = [];
        const query = { logGroupName, startTime, filterPattern };
        for await (const page of eachPage(await client, query)) events.push(...page);
        return events;
      });
      const fresh = all.filter(({ eventId = '' }) => !given.has(eventId));
      fresh.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
      for (const { eventId = '', timestamp = 0 } of fresh) given.set(eventId, timestamp);
      // By CloudWatch's clock: that of this machine may be another one.
      startTime = Math.max(startTime, (fresh.at(-1)?.timestamp ?? 0) - LATEST_MS);
      for (const [eventId, timestamp] of given) if (timestamp < startTime) given.delete(eventId);
      return { lines: linesOf(fresh), missed: 0 };
    },
  };
}

/** How many pages of one function's log are read, each of up to 1 MB: some 40,000 lines. */
const MOST_PAGES = 20;

/** Where the log of a function is larger, only this latest part of the time is read, again and again, down to so many ms. */
const LATEST_PART = 1 / 4;
const SHORTEST_MS = 10_000;

/** The log lines of deployed functions since a moment; of a function that says too much only the latest. */
export async function pastLines(
  groups: LogGroups,
  { since, functions, messages }: LineSelection & { since: number },
): Promise<PastLines> {
  const client = await createClient(groups);
  const [filterPattern = ''] = patternsOf(['message'], messages);
  const omissions: string[] = [];
  const events = await readGroups(groups, functions, async (logGroupName, name) => {
    const now = Date.now();
    let startTime = since;
    let read = await readPages(client, { logGroupName, filterPattern, startTime });
    while (read.isCut && now - startTime > SHORTEST_MS) {
      startTime = Math.round(now - (now - startTime) * LATEST_PART);
      read = await readPages(client, { logGroupName, filterPattern, startTime });
    }
    if (startTime > since) omissions.push(`log of ${name}: too large, read only since ${isoTime(startTime)}`);
    else if (read.isCut) omissions.push(`log of ${name}: too large, not read to its end`);
    return read.events;
  });
  return { lines: linesOf(events), omissions };
}

/** The events of a log group, the earliest first, and whether there are more than those of `MOST_PAGES` pages. */
async function readPages(
  client: CloudWatchLogsClient,
  query: GroupQuery,
): Promise<{ events: FilteredLogEvent[]; isCut: boolean }> {
  const events: FilteredLogEvent[] = [];
  let pages = 0;
  let isCut = false;
  const mayAsk = () => {
    isCut = pages >= MOST_PAGES;
    pages += 1;
    return !isCut;
  };
  for await (const page of eachPage(client, query, mayAsk)) for (const event of page) events.push(event);
  return { events, isCut };
}

/** The log lines of deployed functions in the past that fit questions, read with a limited number of requests. */
export function searchLines(
  groups: LogGroups,
  { mostRequests, onRequest, signal }: SearchOptions,
): LineSearch {
  const client = createClient(groups);
  let requests = 0;
  let isCut = false;

  /** Whether another request may be sent. */
  function mayAsk(): boolean {
    isCut ||= signal.aborted || requests >= mostRequests;
    if (isCut) return false;
    requests += 1;
    onRequest();
    return true;
  }

  return {
    async read({ from, to, fields, values }) {
      const events = await readGroups(groups, Object.keys(fields), async (logGroupName, name) => {
        const found: FilteredLogEvent[] = [];
        for (const filterPattern of patternsOf(fields[name] ?? [], values)) {
          const query = { logGroupName, startTime: from, endTime: to - 1, filterPattern };
          for await (const page of eachPage(await client, query, mayAsk)) found.push(...page);
        }
        return found;
      });
      return linesOf(events);
    },
    missing: () =>
      isCut
        ? `The search ended after ${requests} requests to CloudWatch Logs, and is not whole. Narrow --from and --to, or raise --requests.`
        : undefined,
  };
}

async function createClient({ settings }: LogGroups): Promise<CloudWatchLogsClient> {
  const { CloudWatchLogsClient: Client } = await import('@aws-sdk/client-cloudwatch-logs');
  return new Client(settings);
}

/** Reads the log groups of functions. One that is not deployed is left out; rejects when not one of them is. */
async function readGroups(
  { prefix }: LogGroups,
  functions: readonly string[],
  read: (logGroupName: string, name: string) => Promise<FilteredLogEvent[]>,
): Promise<FilteredLogEvent[]> {
  const events: FilteredLogEvent[] = [];
  let absent: Error | undefined;
  let found = 0;
  await forEachConcurrently(functions, CONCURRENT_READS, async (name) => {
    try {
      for (const event of await read(prefix + name, name)) events.push(event);
      found += 1;
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      absent = error as Error;
    }
  });
  if (found === 0 && absent !== undefined) throw absent;
  return events;
}

interface GroupQuery {
  logGroupName: string;
  startTime: number;
  endTime?: number;
  filterPattern: string;
}

/** The pages of a query, while `mayAsk` allows another request. A page may be empty. */
async function* eachPage(
  client: CloudWatchLogsClient,
  query: GroupQuery,
  mayAsk: () => boolean = () => true,
): AsyncGenerator<FilteredLogEvent[]> {
  const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  let nextToken: string | undefined;
  do {
    if (!mayAsk()) return;
    const page = await client.send(new FilterLogEventsCommand({ ...query, nextToken }));
    yield page.events ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

function linesOf(events: readonly FilteredLogEvent[]): Json[] {
  return events.flatMap(({ message = '' }) => parseJson(message) ?? []);
}

/** CloudWatch Logs takes no longer pattern, in characters. */
const LONGEST_PATTERN = 1_024;

/** A value is cut to so many characters: a line has at most 256 of it. */
const LONGEST_VALUE = 200;

/**
 * Filter patterns that together fit every line with one of the values in one of the fields.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function patternsOf(fields: readonly string[], values: readonly string[]): string[] {
  const terms = values.flatMap((value) => fields.map((field) => `($.${field} = "${patternText(value)}")`));
  const patterns: string[] = [];
  let open = '';
  for (const term of terms) {
    const longer = open === '' ? term : `${open} || ${term}`;
    if (longer.length + 4 <= LONGEST_PATTERN) open = longer;
    else {
      patterns.push(`{ ${open} }`);
      open = term;
    }
  }
  return open === '' ? patterns : [...patterns, `{ ${open} }`];
}

/** A value in a pattern; from its first character that means something there on, `*` stands for the rest. */
function patternText(value: string): string {
  const [plain = ''] = /^[\w.:/@ -]*/.exec(value) ?? [];
  return plain === value && value.length <= LONGEST_VALUE ? value : `${plain.slice(0, LONGEST_VALUE)}*`;
}
