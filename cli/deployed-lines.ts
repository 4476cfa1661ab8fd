import type { CloudWatchLogsClient, FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { parseJson } from '../lib/platform/json.ts';
import type { CLIENT_SETTINGS } from './client-settings.ts';
import type { LineSelection, NewLines } from './log-lines.ts';

/** A region allows five `FilterLogEvents` a second at least, to all who ask. */
const PAUSE_MS = 3_000;
const CONCURRENT_READS = 2;

/** How much later than others, by its own time, an event may become visible, in ms. */
const LATEST_MS = 20_000;

/** The log lines of deployed functions, out of CloudWatch Logs, in the order of their time. */
export function deployedLines(
  settings: typeof CLIENT_SETTINGS & { region?: string },
  groupPrefix: string,
  { since, functions, messages }: LineSelection,
): NewLines {
  const filterPattern = `{ ${messages.map((message) => `($.message = "${message}")`).join(' || ')} }`;
  const client = import('@aws-sdk/client-cloudwatch-logs').then(
    ({ CloudWatchLogsClient: Client }) => new Client(settings),
  );
  let startTime = since ?? Date.now();
  /** The times of the events that were given and could be read once more, by their ids. */
  const given = new Map<string, number>();

  async function readAll(): Promise<FilteredLogEvent[]> {
    const events: FilteredLogEvent[] = [];
    let absent: Error | undefined;
    let found = 0;
    await forEachConcurrently(functions, CONCURRENT_READS, async (name) => {
      try {
        const logGroupName = `${groupPrefix}${name}`;
        events.push(...(await readGroup(await client, { logGroupName, startTime, filterPattern })));
        found += 1;
      } catch (error) {
        // A function may not be deployed; not one of them may not.
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
        absent = error as Error;
      }
    });
    if (found === 0 && absent !== undefined) throw absent;
    return events;
  }

  return {
    pauseMs: PAUSE_MS,
    async next() {
      const fresh = (await readAll()).filter(({ eventId = '' }) => !given.has(eventId));
      fresh.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
      for (const { eventId = '', timestamp = 0 } of fresh) given.set(eventId, timestamp);
      // By CloudWatch's clock: that of this machine may be another one.
      startTime = Math.max(startTime, (fresh.at(-1)?.timestamp ?? 0) - LATEST_MS);
      for (const [eventId, timestamp] of given) if (timestamp < startTime) given.delete(eventId);
      return { lines: fresh.flatMap(({ message = '' }) => parseJson(message) ?? []), missed: 0 };
    },
  };
}

interface GroupQuery {
  logGroupName: string;
  startTime: number;
  filterPattern: string;
}

async function readGroup(client: CloudWatchLogsClient, query: GroupQuery): Promise<FilteredLogEvent[]> {
  const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
  const events: FilteredLogEvent[] = [];
  for await (const page of paginateFilterLogEvents({ client }, query)) events.push(...(page.events ?? []));
  return events;
}
