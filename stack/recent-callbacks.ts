import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { RecentCallback } from '../lib/page/recent.ts';
import { field, type Json, parseJson } from '../lib/platform/json.ts';

/** How many callbacks are listed and kept for the next stack. */
const MOST_LISTED = 500;

/**
 * How many are remembered: in a burst the consumer speaks of a callback long after its reception. Both lines of one have
 * to be there to know what became of it.
 */
const MOST_REMEMBERED = 10_000;

/** The latest callbacks, as the log lines of the functions describe them. */
export interface RecentCallbacks {
  /** Takes a line that a function has printed; those without a callback are ignored. */
  observe(line: string): void;
  /** The latest first. */
  list(): RecentCallback[];
  /** Writes them to the file, where the next stack finds them. */
  save(): void;
}

/** What the receiving function said of a callback, and what the consumer did. */
interface Known {
  received?: Json;
  consumed?: Json;
  /** Somebody has taken it out of the queue where it waited. */
  removed?: Json | undefined;
}

/**
 * Remembers the last callbacks in memory, and from one stack to the next in `file`. Lines of different functions may
 * come in any order; the id of the message links them, and for a spilled callback the line about its second
 * message.
 */
export function createRecentCallbacks(file: string): RecentCallbacks {
  const saved = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined;
  const callbacks = new Map(Array.isArray(saved) ? (saved as [string, Known][]) : []);
  /** The id of a spilled message, by that of the message that it became. */
  const spilledIds = new Map<string, string>();

  function note(id: string, facts: Known): void {
    callbacks.set(id, { ...callbacks.get(id), ...facts });
    const [oldest] = callbacks.keys();
    if (callbacks.size > MOST_REMEMBERED && oldest !== undefined) callbacks.delete(oldest);
  }

  function link(spillId: string, messageId: string): void {
    spilledIds.set(messageId, spillId);
    const early = callbacks.get(messageId);
    if (early === undefined) return;
    callbacks.delete(messageId);
    note(spillId, early);
  }

  return {
    observe(text) {
      const line = text.startsWith('{') ? parseJson(text) : undefined;
      const id = textOf(line, 'messageId');
      const message = textOf(line, 'message');
      if (line === undefined || message === undefined) return;
      if (message === 'callback' && textOf(line, 'verdict') !== 'probe') {
        note(id ?? randomUUID(), { received: line });
      }
      if (id === undefined) return;
      const firstId = firstIdOf(line) ?? id;
      const known = spilledIds.get(firstId) ?? firstId;
      if (message === 'consumed' || message === 'retry') note(known, { consumed: line, removed: undefined });
      if (message === 'removed' && callbacks.has(known)) note(known, { removed: line });
      const spillId = textOf(line, 'spillId');
      if (message === 'drained' && spillId !== undefined) link(spillId, id);
    },
    save: () => writeFileSync(file, JSON.stringify([...callbacks].slice(-MOST_LISTED))),
    list: () =>
      [...callbacks.values()]
        .slice(-MOST_LISTED)
        .map(callbackOf)
        .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)),
  };
}

function callbackOf({ received, consumed, removed }: Known): RecentCallback {
  const latest = consumed ?? received;
  const isRetried = textOf(consumed, 'message') === 'retry';
  const either = (name: string) => textOf(consumed, name) ?? textOf(received, name);
  return {
    at: textOf(received, 'time') ?? textOf(consumed, 'time') ?? '',
    verdict: isRetried ? 'retrying' : (textOf(removed, 'verdict') ?? textOf(latest, 'verdict') ?? ''),
    reason: textOf(latest, 'reason'),
    source: either('source'),
    status: numberOf(received, 'status'),
    appId: either('appId'),
    type: textOf(consumed, 'type'),
    taskId: textOf(consumed, 'taskId'),
    roomId: textOf(consumed, 'roomId'),
    messageId: firstIdOf(consumed) ?? either('messageId'),
    replayed: textOf(consumed, 'replayOf') === undefined ? undefined : true,
    spilled: field(received, 'spilled') === true ? true : undefined,
    lagMs: numberOf(consumed, 'lagMs'),
  };
}

/** What is replayed, or the rest of a large callback, is another message and the same callback. */
function firstIdOf(line: Json | undefined): string | undefined {
  return textOf(line, 'restOf') ?? textOf(line, 'replayOf');
}

function textOf(line: Json | undefined, name: string): string | undefined {
  const value = field(line, name);
  return typeof value === 'string' ? value : undefined;
}

function numberOf(line: Json | undefined, name: string): number | undefined {
  const value = field(line, name);
  return typeof value === 'number' ? value : undefined;
}
