import { forEachConcurrently } from '../platform/concurrency.ts';
import { parseJson } from '../platform/json.ts';
import type { File, RoomAnswer, Task } from './answers.ts';
import { encodeCursor } from './cursor.ts';
import { EVENT_PREFIX, EXPECTED, HEAD, roomKey, taskKey } from './keys.ts';
import { eventPage } from './read-events.ts';
import {
  type FilePage,
  type FilesAfter,
  firstOfPartition,
  type ListOptions,
  listPart,
  readFiles,
} from './read-task.ts';
import { readTasks, timesOfTasks } from './read-tasks.ts';
import type { LedgerTable } from './table.ts';
import type { Owner } from './updates.ts';
import { roomView } from './view.ts';

/** How many entries of the room index are read at a time; a task has one for itself and one for each file. */
const ENTRIES_PER_READ = 100;

/** How many tasks are read before it is known how many of them the page has room for. */
const TASKS_PER_READ = 32;

/** How a room is asked for. */
export interface RoomOptions extends ListOptions {
  /** Whether the files of the tasks are listed too. */
  files?: boolean | undefined;
  /** Keeps the tasks of one session. */
  sessionId?: string | undefined;
}

/** Where a task is in the list of its room: the latest first. */
interface TaskPosition {
  /** ISO time. */
  beganAt: string;
  pk: string;
  /** Whether nothing but your backend may say that it is in this room. */
  isOnlyExpected?: boolean;
}

/** A page of a room's tasks. */
interface TaskPage {
  tasks: Task[];
  files: File[];
  /** The last task of the page where there may be more; and of its files the last, where those go on. */
  last?: { tasks?: string | undefined; taskFiles?: string };
}

/** Reads a room with its tasks, the latest first; `undefined` when nothing is known of it. */
export async function readRoom(
  table: LedgerTable,
  owner: Owner,
  roomId: string,
  options: RoomOptions,
): Promise<RoomAnswer | undefined> {
  const pk = roomKey(owner.vendor, owner.appId, roomId);
  const [head, positions, events] = await Promise.all([
    table.get({ pk, sk: HEAD }),
    listTasks(table, owner, roomId, options),
    options.events ? listPart(table, pk, EVENT_PREFIX, 'events', options) : undefined,
  ]);
  const page = await readPage(table, owner, roomId, positions, options);
  if (
    options.cursor === undefined &&
    head === undefined &&
    page.tasks.length === 0 &&
    page.last === undefined
  ) {
    const isKnown = options.sessionId !== undefined && positions.length > 0;
    if (!isKnown && (events?.items[0] ?? (await firstOfPartition(table, pk, EVENT_PREFIX))) === undefined) {
      return undefined;
    }
  }
  const shown = events && eventPage(events);
  const next = encodeCursor({ ...page.last, events: shown?.last });
  return {
    room: roomView(owner, roomId, head),
    tasks: page.tasks,
    ...(options.files ? { files: page.files } : {}),
    ...(shown === undefined ? {} : { events: shown.events }),
    ...(next === undefined ? {} : { next }),
  };
}

/** The tasks of a room after those of earlier pages. All of them are found, as the index has them by their ids. */
async function listTasks(
  table: LedgerTable,
  owner: Owner,
  roomId: string,
  { cursor }: RoomOptions,
): Promise<TaskPosition[]> {
  if (cursor !== undefined && cursor.tasks === undefined) return [];
  const room = roomKey(owner.vendor, owner.appId, roomId);
  // A task whose id is the room's has no entry in the index.
  const keys = new Set([taskKey(owner.vendor, owner.appId, roomId)]);
  const called = new Set(keys);
  let after = ' ';
  for (;;) {
    const entries = await table.keys({
      IndexName: 'rooms',
      KeyConditionExpression: 'roomKey = :room AND pk > :after',
      ExpressionAttributeValues: { ':room': { S: room }, ':after': { S: after } },
      Limit: ENTRIES_PER_READ,
    });
    if (entries.length === 0) break;
    for (const { pk, sk } of entries) {
      keys.add(pk?.S ?? '');
      if (sk?.S !== EXPECTED) called.add(pk?.S ?? '');
    }
    // The entries of a task's other files are skipped by asking for larger keys.
    after = entries.at(-1)?.pk?.S ?? after;
  }
  const times = await timesOfTasks(table, [...keys]);
  const positions = [...times]
    .map(([pk, beganAt]) => ({ pk, beganAt, isOnlyExpected: !called.has(pk) }))
    .sort(latestFirst);
  const last = cursor?.tasks === undefined ? undefined : positionOf(cursor.tasks);
  return last === undefined ? positions : positions.filter((position) => latestFirst(last, position) < 0);
}

function latestFirst(a: TaskPosition, b: TaskPosition): number {
  const [first, second] = [b.beganAt + b.pk, a.beganAt + a.pk];
  return first < second ? -1 : first > second ? 1 : 0;
}

function positionOf(text: string): TaskPosition {
  const parts = parseJson(text);
  const [beganAt = '', pk = ''] = Array.isArray(parts) ? parts.map(String) : [];
  return { beganAt, pk };
}

/** Fills a page with tasks, and with their files where they were asked for, until it is full of either. */
async function readPage(
  table: LedgerTable,
  owner: Owner,
  roomId: string,
  positions: readonly TaskPosition[],
  options: RoomOptions,
): Promise<TaskPage> {
  const page: TaskPage = { tasks: [], files: [] };
  let last = options.cursor?.tasks;
  const rest = restOf(options.cursor?.taskFiles);
  if (options.files && rest !== undefined) {
    const files = await readFiles(table, owner, rest, options);
    page.files.push(...files.files);
    if (files.last !== undefined)
      return { ...page, last: { tasks: last, taskFiles: restText(rest, files.last) } };
  }
  const withoutEntry = taskKey(owner.vendor, owner.appId, roomId);
  for (let from = 0; from < positions.length; from += TASKS_PER_READ) {
    const chunk = positions.slice(from, from + TASKS_PER_READ);
    const found = await readTasks(
      table,
      owner,
      chunk.map(({ pk }) => pk),
    );
    const listed = chunk.flatMap((position) => {
      const task = found.get(position.pk);
      const isEntry = position.pk !== withoutEntry && position.isOnlyExpected !== true;
      const isOfRoom = isEntry || task?.roomId === roomId;
      const isOfSession = options.sessionId === undefined || task?.sessionId === options.sessionId;
      return task !== undefined && isOfRoom && isOfSession ? [{ ...position, task }] : [];
    });
    const files = options.files ? await filesOfTasks(table, owner, listed, options) : undefined;
    for (const { pk, beganAt, task } of listed) {
      const left = options.limit - page.files.length;
      if (page.tasks.length >= options.limit || left <= 0) return { ...page, last: { tasks: last } };
      page.tasks.push(task);
      last = JSON.stringify([beganAt, pk]);
      if (files === undefined) continue;
      const ofTask = { pk, taskId: task.taskId };
      const known = files.get(pk);
      const fits = known !== undefined && known.last === undefined && known.files.length <= left;
      const some = fits ? known : await readFiles(table, owner, ofTask, { ...options, limit: left });
      page.files.push(...some.files);
      if (some.last !== undefined)
        return { ...page, last: { tasks: last, taskFiles: restText(ofTask, some.last) } };
    }
  }
  return page;
}

/** The first files of each task. */
async function filesOfTasks(
  table: LedgerTable,
  owner: Owner,
  tasks: readonly { pk: string; task: Task }[],
  options: RoomOptions,
): Promise<Map<string, FilePage>> {
  const files = new Map<string, FilePage>();
  await forEachConcurrently(tasks, TASKS_PER_READ, async ({ pk, task }) => {
    files.set(pk, await readFiles(table, owner, { pk, taskId: task.taskId }, options));
  });
  return files;
}

/** A task whose other files are on the next page, in a cursor. */
function restText({ pk, taskId }: FilesAfter, after: string): string {
  return JSON.stringify([pk, taskId, after]);
}

function restOf(text: string | undefined): FilesAfter | undefined {
  const parts = text === undefined ? undefined : parseJson(text);
  if (!Array.isArray(parts)) return undefined;
  const [pk = '', taskId = '', after = ''] = parts.map(String);
  return { pk, taskId, after };
}
