import { isoTime } from '../callback/time.ts';
import type { Item } from '../ledger/facets.ts';
import { type PlaceList, placeShards } from '../ledger/keys.ts';
import { type Key, keyOfItem, type LedgerQuery, type LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';

/** Times of the place index, ISO 8601: from `from` on, before `to`. */
export interface Range {
  from: string;
  to: string;
}

/** An entry of the place index. */
export interface Entry {
  list: PlaceList;
  key: Key;
  /** ISO time. */
  at: string;
  /** Its partition, by the short name that positions have for it. */
  shard: string;
}

/** How far a walk has come: after every entry later than `at`, and those of `at` up to these of some shards. */
export interface Position {
  at: string;
  /** The last key of each shard that had an entry at `at`. */
  ties: Readonly<Record<string, Key>>;
}

/** The position of a walk that was at `position` and has taken one more entry. */
export function positionAfter(position: Position | undefined, { at, shard, key }: Entry): Position {
  const ties = position?.at === at ? position.ties : {};
  return { at, ties: { ...ties, [shard]: key } };
}

/** The beginning of the UTC day of an ISO time. */
export function midnightOf(time: string): string {
  return `${time.slice(0, 10)}T00:00:00.000Z`;
}

/**
 * The entries of some lists of an app, the latest first. A day counts as one that begins in the range where it ends in
 * it. `pageSize` entries of a partition are read at a time.
 */
export async function* entriesOf(
  table: LedgerTable,
  owner: Owner,
  lists: readonly PlaceList[],
  range: Range,
  { position, pageSize }: { position?: Position | undefined; pageSize: number },
): AsyncGenerator<Entry> {
  const sources = lists.flatMap((list) =>
    placeShards(list, owner).map((place, shard) => {
      const from = list === 'd' ? midnightOf(range.from) : range.from;
      const name = `${list}${shard}`;
      const isDone = position !== undefined && position.at < from;
      const query = shardQuery(place, { from, to: range.to }, name, position);
      return bufferOf(isDone ? undefined : table.pages({ ...query, Limit: pageSize }), list, name);
    }),
  );
  await Promise.all(sources.map(({ fill }) => fill()));
  for (;;) {
    let latest: EntryBuffer | undefined;
    for (const source of sources) {
      const head = source.head();
      if (head !== undefined && (latest === undefined || head.at > (latest.head()?.at ?? '')))
        latest = source;
    }
    const entry = latest?.head();
    if (latest === undefined || entry === undefined) return;
    latest.take();
    yield entry;
    await latest.fill();
  }
}

/** The next entries of a partition. */
interface EntryBuffer {
  head(): Entry | undefined;
  take(): void;
  /** Reads on where nothing is left. */
  fill(): Promise<void>;
}

function bufferOf(pages: AsyncIterable<Item[]> | undefined, list: PlaceList, shard: string): EntryBuffer {
  const iterator = pages?.[Symbol.asyncIterator]();
  let entries: Entry[] = [];
  let next = 0;
  let isDone = iterator === undefined;
  return {
    head: () => entries[next],
    take: () => {
      next += 1;
    },
    async fill() {
      while (!isDone && next >= entries.length) {
        const page = await iterator?.next();
        if (page === undefined || page.done) isDone = true;
        else {
          entries = page.value.map((item) => ({
            list,
            shard,
            key: keyOfItem(item),
            at: item.placeAt?.S ?? '',
          }));
          next = 0;
        }
      }
    },
  };
}

/** The last time of a range, as all times are in ms. */
export function lastTimeOf({ to }: Range): string {
  return isoTime(Date.parse(to) - 1);
}

/** A query for the entries of a partition in a range, the latest first. */
export function rangeQuery(place: string, range: Range): LedgerQuery {
  return {
    IndexName: 'place',
    KeyConditionExpression: 'place = :place AND placeAt BETWEEN :from AND :last',
    ExpressionAttributeValues: {
      ':place': { S: place },
      ':from': { S: range.from },
      ':last': { S: lastTimeOf(range) },
    },
    ScanIndexForward: false,
  };
}

/** The same from a position on. */
function shardQuery(place: string, range: Range, shard: string, position: Position | undefined): LedgerQuery {
  if (position === undefined || position.at >= range.to) return rangeQuery(place, range);
  const query = rangeQuery(place, { ...range, to: isoTime(Date.parse(position.at) + 1) });
  const tie = position.ties[shard];
  if (tie === undefined) return query;
  const start = { place, placeAt: position.at, pk: tie.pk, sk: tie.sk };
  const ExclusiveStartKey = Object.fromEntries(
    Object.entries(start).map(([name, key]) => [name, { S: key }]),
  );
  return { ...query, ExclusiveStartKey };
}

/** A walk that shows its next entry before it is taken. */
export interface Walk {
  head(): Promise<Entry | undefined>;
  take(): void;
}

/** Reads an entry only when it is asked for. */
export function walkOf(entries: AsyncIterator<Entry>): Walk {
  let next: Promise<IteratorResult<Entry>> | undefined;
  return {
    async head() {
      next ??= entries.next();
      const { done, value } = await next;
      return done ? undefined : value;
    },
    take() {
      next = undefined;
    },
  };
}

/**
 * The parts of a walk, and what `read` makes of each. A part has `count` entries; the last one has fewer, perhaps none. The
 * next part is read while the caller looks at one. Rejects as the walk and `read` do.
 */
export async function* partsOf<Read>(
  walk: AsyncIterator<Entry>,
  count: number,
  read: (entries: readonly Entry[]) => Promise<Read>,
): AsyncGenerator<[entries: Entry[], read: Read]> {
  const readPart = async () => {
    const entries = await takeEntries(walk, count);
    const reading = read(entries);
    // A caller that stops early never waits for it.
    reading.catch(() => {});
    return { entries, reading };
  };
  let next = readPart();
  for (;;) {
    const { entries, reading } = await next;
    const isLast = entries.length < count;
    if (!isLast) {
      next = readPart();
      next.catch(() => {});
    }
    yield [entries, await reading];
    if (isLast) return;
  }
}

/** The next entries of a walk, at most `count`. */
export async function takeEntries(walk: AsyncIterator<Entry>, count: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  while (entries.length < count) {
    const next = await walk.next();
    if (next.done) break;
    entries.push(next.value);
  }
  return entries;
}

/** The most entries that one answer is made of, and how long it reads them, in ms. */
const MOST_ENTRIES = 5_000;
const MOST_TIME_MS = 2_500;

/** Decides when an answer has read enough: the rest is on the next page. */
export interface Bound {
  /** Whether the entries that were read until now, and these, are enough. */
  isReached(entries: number): boolean;
}

export function createBound(mostEntries = MOST_ENTRIES, mostTimeMs = MOST_TIME_MS): Bound {
  const startedAt = performance.now();
  let count = 0;
  return {
    isReached(entries) {
      count += entries;
      return count >= mostEntries || performance.now() - startedAt >= mostTimeMs;
    },
  };
}
