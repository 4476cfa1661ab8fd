import { isoTime } from '../callback/time.ts';
import { type Item, taskFacets } from '../ledger/facets.ts';
import type { ReadHeads } from '../ledger/heads.ts';
import { DAY_PREFIX, EVENT_PREFIX, EXPECTED, FILE_PREFIX, HEAD } from '../ledger/keys.ts';
import { placeIn } from '../ledger/place.ts';
import { firstOfPartition } from '../ledger/read-task.ts';
import { type Key, keyOfItem, keyText, type LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { type Entry, lastTimeOf, type Range, rangeQuery } from './walk.ts';

/*
 * A task may have many entries in a range of the place index. It is shown at one of them:
 *
 *   a task with a known start or end             at its own entry, else at that of its earliest file
 *   another one with pictures in the range       at the latest day on which it had some
 *   another one without                          as the first
 *   a task with stored callbacks only            at that of its first event
 *   one that is expected, without callbacks      where your backend says
 */

const CONCURRENT_READS = 32;
const DAY_MS = 24 * 60 * 60_000;

/** Finds out at which of its entries a task is shown. Remembers what it has read: it is made for one answer. */
export interface TaskEntries {
  /** The entries, out of some of a walk, that their tasks are shown at. */
  shown(entries: readonly Entry[]): Promise<Set<Entry>>;
}

/** For the entries of a range of an app. */
export function createTaskEntries(
  table: LedgerTable,
  owner: Owner,
  range: Range,
  readHeads: ReadHeads,
): TaskEntries {
  const places = new Map<string, string | undefined>();
  const hasPictures = createPictureSearch(table, owner, range);

  /** The latest day of the range on which a task had pictures. */
  async function latestDay(pk: string): Promise<string | undefined> {
    for (const day of await daysOf(table, pk, range)) if (await hasPictures(pk, day)) return day;
    return undefined;
  }

  /** The entry at which a task is shown, as text; `undefined` when it is in no list. */
  async function placeOfTask(pk: string, head: Item | undefined): Promise<string | undefined> {
    const { start, end } = taskFacets(head);
    const day = (start ?? end) === undefined ? await latestDay(pk) : undefined;
    if (day !== undefined) return keyText({ pk, sk: DAY_PREFIX + day });
    if (head?.place !== undefined) return keyText({ pk, sk: HEAD });
    const file = await earliestFile(table, pk);
    if (file !== undefined) return keyText(file);
    const event = await firstOfPartition(table, pk, EVENT_PREFIX);
    if (event !== undefined) return keyText(keyOfItem(event));
    return taskFacets(head).expected === undefined ? undefined : keyText({ pk, sk: EXPECTED });
  }

  return {
    async shown(entries) {
      const unread = [...new Set(entries.map(({ key }) => key.pk))].filter((pk) => !places.has(pk));
      const heads = await readHeads(unread);
      await forEachConcurrently(unread, CONCURRENT_READS, async (pk) => {
        places.set(pk, await placeOfTask(pk, heads.get(pk)));
      });
      return new Set(entries.filter(({ key }) => places.get(key.pk) === keyText(key)));
    },
  };
}

/** The file of a task that began first, of those which stand for it. */
async function earliestFile(table: LedgerTable, pk: string): Promise<Key | undefined> {
  let earliest: { key: Key; at: string } | undefined;
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    FilterExpression: 'begins_with(place, :list)',
    ProjectionExpression: 'pk, sk, placeAt',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: FILE_PREFIX }, ':list': { S: 'b#' } },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    for (const item of items) {
      const at = item.placeAt?.S ?? '';
      if (earliest === undefined || at < earliest.at) earliest = { key: keyOfItem(item), at };
    }
  }
  return earliest?.key;
}

/** The UTC days of a range on which a task had pictures, such as `2026-01-15`, the latest first. */
async function daysOf(table: LedgerTable, pk: string, range: Range): Promise<string[]> {
  const days: string[] = [];
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: {
      ':pk': { S: pk },
      ':first': { S: DAY_PREFIX + range.from.slice(0, 10) },
      ':last': { S: DAY_PREFIX + lastTimeOf(range).slice(0, 10) },
    },
    ScanIndexForward: false,
    ConsistentRead: true,
  });
  for await (const items of pages)
    days.push(...items.map(({ sk }) => (sk?.S ?? '').slice(DAY_PREFIX.length)));
  return days;
}

/** Whether a task had pictures on that part of a day which is in a range. */
type HasPictures = (pk: string, day: string) => Promise<boolean>;

/** Reads the pictures of a day that is partly in the range, each once, and no more of them than are needed. */
function createPictureSearch(table: LedgerTable, owner: Owner, range: Range): HasPictures {
  const searches = new Map<string, (pk: string) => Promise<boolean>>();
  return async (pk, day) => {
    const [midnight, nextMidnight] = [timeAfter(day, 0), timeAfter(day, DAY_MS)];
    if (range.from <= midnight && nextMidnight <= range.to) return true;
    const place = placeIn('f', owner, pk);
    const part = {
      from: range.from > midnight ? range.from : midnight,
      to: range.to < nextMidnight ? range.to : nextMidnight,
    };
    const search = searches.get(day + place) ?? searchOf(table.pages(rangeQuery(place, part)));
    searches.set(day + place, search);
    return search(pk);
  };
}

/** Whether there is an entry of a task among those of some pages. */
function searchOf(pages: AsyncIterable<Item[]>): (pk: string) => Promise<boolean> {
  const iterator = pages[Symbol.asyncIterator]();
  const found = new Set<string>();
  let reading: Promise<void> | undefined;
  let isDone = false;

  async function readOn(): Promise<void> {
    const page = await iterator.next();
    if (page.done) isDone = true;
    else for (const { pk } of page.value) found.add(pk?.S ?? '');
    reading = undefined;
  }

  return async (pk) => {
    while (!found.has(pk) && !isDone) {
      reading ??= readOn();
      await reading;
    }
    return found.has(pk);
  };
}

function timeAfter(day: string, ms: number): string {
  return isoTime(Date.parse(day) + ms);
}
