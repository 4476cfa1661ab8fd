import type { File, FilesAnswer, Task, TasksAnswer } from '../ledger/answers.ts';
import type { PlaceList } from '../ledger/keys.ts';
import { readTasks } from '../ledger/read-tasks.ts';
import type { LedgerTable } from '../ledger/table.ts';
import { createTaskEntries } from './entries.ts';
import { KINDS, type List, listOf, type Query, rangeCursor } from './parameters.ts';
import { createFileReader } from './read-files.ts';
import { createBound, type Entry, entriesOf, type Position, positionAfter, takeEntries } from './walk.ts';

/** How many entries are read at a time, at least. */
const ENTRIES_PER_READ = 50;

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
  const taskEntries = createTaskEntries(table, list.owner, list.range);
  const { rows, next } = await readPage<Task>(table, list, ['t', 'b', 'd'], async (entries) => {
    const shown = await taskEntries.shown(entries);
    const keys = [...shown].map(({ key }) => key.pk);
    const tasks = await readTasks(table, list.owner, keys);
    return (entry) => (shown.has(entry) ? tasks.get(entry.key.pk) : undefined);
  });
  return { tasks: rows, ...(next === undefined ? {} : { next }) };
}

/** The files of an app by the time they began. `now` is Unix time in ms. Rejects with `WrongParameter`. */
export async function listFiles(table: LedgerTable, query: Query, now: number): Promise<FilesAnswer> {
  const list = listOf(query, FILE_FILTERS, now);
  const readFiles = createFileReader(table, list.owner, now);
  const { rows, next } = await readPage<File>(table, list, ['f', 'b'], async (entries) => {
    const files = await readFiles(entries);
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
): Promise<{ rows: Row[]; next?: string }> {
  const rows: Row[] = [];
  const bound = createBound();
  let position = range.position;
  const pageSize = Math.max(limit, ENTRIES_PER_READ);
  const walk = entriesOf(table, owner, lists, range, { position, pageSize });
  for (;;) {
    const entries = await takeEntries(walk, Math.max(limit - rows.length, ENTRIES_PER_READ));
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
