import { isoTime } from '../callback/time.ts';
import type { Usage, UsageAnswer } from '../ledger/answers.ts';
import { createHeadReader, type ReadHeads } from '../ledger/heads.ts';
import { readTasks } from '../ledger/read-tasks.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import { createTaskEntries } from './entries.ts';
import { KINDS, type ListRange, listOf, type Query, rangeCursor } from './parameters.ts';
import { createFileReader, type MeasuredFile, type ReadFiles } from './read-files.ts';
import { sumOf } from './sums.ts';
import { dateAt, timeIn } from './time-zone.ts';
import {
  type Bound,
  createBound,
  type Entry,
  entriesOf,
  lastTimeOf,
  type Position,
  partsOf,
  positionAfter,
  type Range,
  type Walk,
  walkOf,
} from './walk.ts';

/** How many entries are read at a time, of all partitions together and of one. */
const ENTRIES_PER_READ = 500;
const ENTRIES_OF_PARTITION = 250;

const DAY_MS = 24 * 60 * 60_000;

/** What the sums of one answer are made with. */
interface Reading {
  table: LedgerTable;
  owner: Owner;
  readFiles: ReadFiles;
  readHeads: ReadHeads;
  /** The kind of the tasks and files that count. */
  kind: string | undefined;
  bound: Bound;
  /** The tasks and files of all days, the latest first. */
  walk: Walk;
}

/** A day, as far as it is in the range that is asked for. */
interface Day extends Range {
  date: string;
}

/** What an app did, by days of a time zone. `now` is Unix time in ms. Rejects with `WrongParameter`. */
export async function readUsage(table: LedgerTable, query: Query, now: number): Promise<UsageAnswer> {
  const { owner, range, limit, filters } = listOf(query, { kind: KINDS }, now);
  const readHeads = createHeadReader(table);
  const readFiles = createFileReader(table, owner, now, readHeads);
  const walk = walkOf(
    entriesOf(table, owner, ['t', 'f', 'b'], range, {
      position: range.position,
      pageSize: ENTRIES_OF_PARTITION,
    }),
  );
  const reading = { table, owner, readFiles, readHeads, kind: filters.kind, bound: createBound(), walk };
  const { from } = range;
  const days: Usage[] = [];
  let rest = range;
  for (;;) {
    const day = await latestDay(reading, rest);
    if (day === undefined) return answer(days);
    if (days.length === limit) return answer(days, rangeCursor({ from, to: day.to }));
    const { usage, position } = await usageOf(reading, day, rest.position);
    if (usage.tasks + usage.files > 0) days.push({ day: day.date, ...usage });
    if (position !== undefined) return answer(days, rangeCursor({ from, to: day.to }, position));
    if (day.from === from) return answer(days);
    if (reading.bound.isReached(0)) return answer(days, rangeCursor({ from, to: day.from }));
    rest = { ...range, to: day.from, position: undefined };
  }
}

function answer(days: Usage[], next?: string): UsageAnswer {
  return { days, total: sumOf(days), ...(next === undefined ? {} : { next }) };
}

/** The latest day that has anything; the day itself where an earlier page has begun it. */
async function latestDay({ walk }: Reading, range: ListRange): Promise<Day | undefined> {
  const { from, to, timeZone, position } = range;
  const latest = position === undefined ? (await walk.head())?.at : lastTimeOf(range);
  if (latest === undefined) return undefined;
  const date = dateAt(Date.parse(latest), timeZone);
  const [begin, end] = [0, DAY_MS].map((ms) => isoTime(timeIn(timeZone, Date.parse(date) + ms)));
  return { date, from: begin && begin > from ? begin : from, to: end && end < to ? end : to };
}

/** The sums of a day from a position on; another position where the day does not fit the answer. */
async function usageOf(
  reading: Reading,
  day: Day,
  begun: Position | undefined,
): Promise<{ usage: Usage; position?: Position | undefined }> {
  const { table, owner, readFiles, readHeads, kind, bound } = reading;
  const usage: Usage = sumOf([]);
  const taskEntries = createTaskEntries(table, owner, day, readHeads);
  const picturesOfDay = entriesOf(table, owner, ['d'], day, { position: begun, pageSize: ENTRIES_PER_READ });
  const ofDay = entriesOfDay(reading.walk, walkOf(picturesOfDay), day);
  const read = (entries: readonly Entry[]) =>
    Promise.all([
      taskEntries.shown(entries.filter(({ list }) => list !== 'f')),
      readFiles(entries.filter(({ list }) => list === 'f' || list === 'b')),
    ]);
  let position = begun;
  for await (const [entries, [shown, files]] of partsOf(ofDay, ENTRIES_PER_READ, read)) {
    usage.tasks += await countTasks(reading, shown);
    for (const file of files.values())
      if (kind === undefined || file.file.kind === kind) addFile(usage, file);
    position = entries.reduce<Position | undefined>(positionAfter, position);
    if (entries.length === ENTRIES_PER_READ && bound.isReached(entries.length)) return { usage, position };
  }
  return { usage };
}

/** The entries of a walk in a day, and those of the day's tasks of pictures, the latest first. */
async function* entriesOfDay(walk: Walk, pictures: Walk, { from }: Day): AsyncGenerator<Entry> {
  for (;;) {
    const [entry, picture] = await Promise.all([walk.head(), pictures.head()]);
    const isBefore = entry !== undefined && entry.at >= from && !(picture && picture.at > entry.at);
    const latest = isBefore ? entry : picture;
    if (latest === undefined) return;
    (isBefore ? walk : pictures).take();
    yield latest;
  }
}

async function countTasks(
  { table, owner, readHeads, kind }: Reading,
  entries: ReadonlySet<Entry>,
): Promise<number> {
  if (kind === undefined) return entries.size;
  const keys = [...entries].map(({ key }) => key.pk);
  const tasks = await readTasks(table, owner, keys, readHeads);
  return [...tasks.values()].filter((task) => task.kind === kind).length;
}

function addFile(usage: Usage, { file, durationMs = 0 }: MeasuredFile): void {
  usage.files += 1;
  usage.sizeBytes += file.sizeBytes ?? 0;
  usage.durationMs += durationMs;
  if (file.status === 'uploaded') usage.uploaded += 1;
  if (file.status === 'upload_failed') usage.uploadFailed += 1;
  if (file.status === 'lost') usage.lost += 1;
}
