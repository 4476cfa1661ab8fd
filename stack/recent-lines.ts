import { randomUUID } from 'node:crypto';
import { field, type Json, parseJson } from '../lib/platform/json.ts';

/** How much is remembered, in characters: some minutes under load, days on a desk. */
const MOST_CHARACTERS = 4_000_000;

/** Lines that came after a position. */
export interface LinesAnswer {
  lines: Json[];
  /** How many lines between the position and the first of these are forgotten already. */
  missed: number;
  /** Whether lines since the moment that was asked for are forgotten already; nobody knows how many. */
  isCut: boolean;
  /** The position behind the last line. */
  next: string;
}

/** Where to begin: behind a position, or with what was said since a moment, Unix time in ms; else with what comes. */
export interface LinesQuery {
  after?: string | undefined;
  since?: number | undefined;
}

/** What this stack's functions and changes have said lately, for who follows it. */
export interface RecentLines {
  /** Takes a line; one that is no JSON object is passed over. */
  add(line: string): void;
  read(query: LinesQuery): LinesAnswer;
}

/**
 * Remembers the last lines in memory. Positions are of one run of the stack: a request with one of an earlier run
 * gets all that this one has said.
 */
export function createRecentLines(): RecentLines {
  const run = randomUUID();
  const lines: string[] = [];
  /** How many lines are forgotten. */
  let forgotten = 0;
  let characters = 0;
  /** When the last forgotten line was said, Unix time in ms. */
  let forgottenAt = Number.NEGATIVE_INFINITY;

  /** The number of the first line that is wanted. */
  function firstWanted({ after, since }: LinesQuery): number {
    if (after !== undefined) {
      const [ofRun, count = ''] = after.split(':');
      return ofRun === run ? Number(count) || 0 : 0;
    }
    if (since === undefined) return forgotten + lines.length;
    const index = lines.findIndex((line) => timeOf(line) >= since);
    return forgotten + (index < 0 ? lines.length : index);
  }

  return {
    add(line) {
      if (!line.startsWith('{')) return;
      lines.push(line);
      characters += line.length;
      while (characters > MOST_CHARACTERS) {
        const line = lines.shift() ?? '';
        characters -= line.length;
        forgotten += 1;
        forgottenAt = Math.max(forgottenAt, timeOf(line) || forgottenAt);
      }
    },
    read(query) {
      const first = firstWanted(query);
      const wanted = lines.slice(Math.max(0, first - forgotten));
      return {
        lines: wanted.flatMap((line) => parseJson(line) ?? []),
        missed: Math.max(0, forgotten - first),
        isCut: query.since !== undefined && forgottenAt >= query.since,
        next: `${run}:${forgotten + lines.length}`,
      };
    },
  };
}

function timeOf(line: string): number {
  return Date.parse(String(field(parseJson(line), 'time')));
}
