import { setTimeout } from 'node:timers/promises';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import type { Context } from './context.ts';
import { createEventReader, EVENT_MESSAGES, type EventFilters, isWanted } from './event-lines.ts';
import { eventText } from './event-text.ts';
import { explain, isPassing } from './explanation.ts';
import { EXIT } from './failure.ts';
import type { LineBatch } from './log-lines.ts';
import { pastTime } from './option-values.ts';
import { writeJsonLine, writeLine, writeNote } from './output.ts';

/** The functions beside those that receive callbacks whose lines tell of events. */
const OTHER_FUNCTIONS = ['consumer', 'drain', 'watch'];

/** Writes events as they come, until it is interrupted. Returns the exit code. */
export async function tailEvents(
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
