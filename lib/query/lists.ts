import type { File, FilesAnswer, Task, TasksAnswer } from '../ledger/answers.ts';
import { fileFacets } from '../ledger/facets.ts';
import { createHeadReader } from '../ledger/heads.ts';
import type { PlaceList } from '../ledger/keys.ts';
import { readFiles } from '../ledger/read-task.ts';
import { readTasks } from '../ledger/read-tasks.ts';
import { keyOfItem, type LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { createTaskEntries } from './entries.ts';
import { KINDS, type List, listOf, type Query, rangeCursor } from './parameters.ts';
import { createFileReader } from './read-files.ts';
import { createBound, type Entry, entriesOf, type Position, positionAfter, takeEntries } from './walk.ts';

/** How many entries are read at a time, at least; more where a row may be rare. */
const ENTRIES_PER_READ = 50;
const ENTRIES_PER_SEARCH = 200;
const CONCURRENT_READS = 32;
const FILES_PER_READ = 500;

/** What a search for recordings without an uploaded file reads at most: the page's gateway waits 30 s. */
const MOST_ENTRIES_OF_SEARCH = 200_000;
const MOST_TIME_OF_SEARCH_MS = 22_000;

export const TASK_FILTERS = {
  status: ['expected', 'started', 'ended', 'failed', 'unknown'],
  kind: KINDS,
  roomId: undefined,
  sessionId: undefined,
  label: undefined,
} as const;

export const FILE_FILTERS = {
  status: ['recording', 'closed', 'uploaded', 'upload_failed', 'lost'],
  kind: KINDS,
  roomId: undefined,
  sessionId: undefined,
  userId: undefined,
} as const;

/** The tasks of an app by the time they began. `now` is Unix time in ms. Rejects with `WrongParameter`. */
export async function listTasks(table: LedgerTable, query: Query, now: number): Promise<TasksAnswer> {
  const list = listOf(query, TASK_FILTERS, now);
  const readHeads = createHeadReader(table);
  const taskEntries = createTaskEntries(table, list.owner, list.range, readHeads);
  const { rows, next } = await readPage<Task>(table, list, ['t', 'b', 'd'], async (entries) => {
    const shown = await taskEntries.shown(entries);
    const keys = [...shown].map(({ key }) => key.pk);
    const tasks = await readTasks(table, list.owner, keys, readHeads);
    return (entry) => (shown.has(entry) ? tasks.get(entry.key.pk) : undefined);
  });
  return { tasks: rows, ...(next === undefined ? {} : { next }) };
}

/** A page of recordings without an uploaded file, and how many recordings were looked at for it. */
export interface WithoutUploadAnswer extends TasksAnswer {
  lookedAt: number;
}

/**
 * The recordings of an app none of whose files is uploaded, by the time they began. `now` is Unix time in ms. Rejects with
 * `WrongParameter`. The latest entries come first, so a file comes before its task. Without filters nothing else is read of
 * a task whose file is uploaded.
 */
export async function listWithoutUpload(
  table: LedgerTable,
  query: Query,
  now: number,
): Promise<WithoutUploadAnswer> {
  const list = listOf({ ...query, kind: 'recording' }, TASK_FILTERS, now);
  const { owner, range, filters } = list;
  const readHeads = createHeadReader(table);
  const taskEntries = createTaskEntries(table, owner, range, readHeads);
  const isFiltered = Object.keys(filters).length > 1;
  const uploaded = new Set<string>();
  const recordings = new Set<string>();
  const lookedAt = new Set<string>();
  const bound = createBound(MOST_ENTRIES_OF_SEARCH, MOST_TIME_OF_SEARCH_MS);
  const read = async (entries: Entry[]) => {
    if (!isFiltered) {
      for (const [pk, kind] of await kindsOfUploads(table, entries, uploaded)) {
        uploaded.add(pk);
        if (kind === undefined || kind === 'recording') recordings.add(pk);
      }
    }
    const shown = await taskEntries.shown(entries.filter(({ key }) => !uploaded.has(key.pk)));
    const keys = [...shown].map(({ key }) => key.pk);
    const tasks = await readTasks(table, owner, keys, readHeads);
    const without = new Map<string, Task>();
    await forEachConcurrently([...tasks], CONCURRENT_READS, async ([pk, task]) => {
      if (!matches(task, filters)) return;
      recordings.add(pk);
      if (!(await hasUpload(table, owner, { pk, taskId: task.taskId }, now))) without.set(pk, task);
    });
    return (entry: Entry) => {
      if (recordings.has(entry.key.pk)) lookedAt.add(entry.key.pk);
      return shown.has(entry) ? without.get(entry.key.pk) : undefined;
    };
  };
  const { rows, next } = await readPage<Task>(table, list, ['t', 'b', 'd'], read, bound);
  return { tasks: rows, lookedAt: lookedAt.size, ...(next === undefined ? {} : { next }) };
}

/** The tasks whose latest file in these entries is uploaded, each with the kind that the file names. Leaves out known ones. */
async function kindsOfUploads(
  table: LedgerTable,
  entries: readonly Entry[],
  known: ReadonlySet<string>,
): Promise<[string, string | undefined][]> {
  const files = entries.filter(({ list, key }) => list === 'b' && !known.has(key.pk)).toReversed();
  const keys = [...new Map(files.map(({ key }) => [key.pk, key])).values()];
  const items = await table.getAll(keys, ['upload', 'answer', 'storage']);
  return [...items.values()].flatMap((item): [string, string | undefined][] => {
    const upload = fileFacets(item).upload?.value;
    return upload?.status === 'uploaded' ? [[keyOfItem(item).pk, upload.task.kind ?? upload.kind]] : [];
  });
}

/** Whether a file of a task is uploaded. */
async function hasUpload(
  table: LedgerTable,
  owner: Owner,
  task: { pk: string; taskId: string },
  now: number,
): Promise<boolean> {
  let after: string | undefined;
  do {
    const from = after === undefined ? task : { ...task, after };
    const { files, last } = await readFiles(table, owner, from, { limit: FILES_PER_READ, now });
    if (files.some(({ status }) => status === 'uploaded')) return true;
    after = last;
  } while (after !== undefined);
  return false;
}

/** The files of an app by the time they began. `now` is Unix time in ms. Rejects with `WrongParameter`. */
export async function listFiles(table: LedgerTable, query: Query, now: number): Promise<FilesAnswer> {
  const list = listOf(query, FILE_FILTERS, now);
  const readEntries = createFileReader(table, list.owner, now, createHeadReader(table));
  const { rows, next } = await readPage<File>(table, list, ['f', 'b'], async (entries) => {
    const files = await readEntries(entries);
    return (entry) => files.get(entry)?.file;
  });
  return { files: rows, ...(next === undefined ? {} : { next }) };
}

/** Reads rows of entries until the page is full, the list has ended, or it has read enough for one answer. */
async function readPage<Row extends object>(
  table: LedgerTable,
  { owner, range, limit, filters }: List,
  lists: readonly PlaceList[],
  read: (entries: Entry[]) => Promise<(entry: Entry) => Row | undefined>,
  bound = createBound(),
): Promise<{ rows: Row[]; next?: string }> {
  const rows: Row[] = [];
  let position = range.position;
  const perRead = Object.keys(filters).length > 0 ? ENTRIES_PER_SEARCH : ENTRIES_PER_READ;
  const pageSize = Math.max(limit, perRead);
  const walk = entriesOf(table, owner, lists, range, { position, pageSize });
  for (;;) {
    const entries = await takeEntries(walk, Math.max(limit - rows.length, perRead));
    if (entries.length === 0) return { rows };
    const rowOf = await read(entries);
    for (const [index, entry] of entries.entries()) {
      const row = rowOf(entry);
      position = positionAfter(position, entry);
      if (row !== undefined && matches(row, filters)) rows.push(row);
      if (rows.length < limit) continue;
      const hasMore = index + 1 < entries.length || !(await walk.next()).done;
      return { rows, ...(hasMore ? { next: rangeCursor(range, position) } : {}) };
    }
    if (bound.isReached(entries.length)) return { rows, next: rangeCursor(range, position as Position) };
  }
}

function matches(row: object, filters: List['filters']): boolean {
  return Object.entries(filters).every(([name, value]) => (row as Record<string, unknown>)[name] === value);
}
