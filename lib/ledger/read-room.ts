import { forEachConcurrently } from '../platform/concurrency.ts';
import type { Room, StoredCallback, Task } from './answers.ts';
import { encodeCursor } from './cursor.ts';
import { taskFacets } from './facets.ts';
import { EVENT_PREFIX, FILE_PREFIX, HEAD, idsOfItem, roomKey } from './keys.ts';
import { eventPage } from './read-events.ts';
import { readParts } from './read-parts.ts';
import { firstOfPartition, type ListOptions, listPart } from './read-task.ts';
import type { LedgerTable } from './table.ts';
import type { Owner } from './updates.ts';
import { roomView, taskView } from './view.ts';

/** How many entries of the room index are read at a time; a task has one for itself and one for each file. */
const ENTRIES_PER_READ = 100;

/** How many tasks are read at a time. */
const CONCURRENT_READS = 16;

/** A room with a page of its tasks, and of its own events where they were asked for. */
export interface RoomAnswer {
  room: Room;
  tasks: Task[];
  events?: StoredCallback[];
  next?: string;
}

/** Reads a room with its tasks in order of their ids; `undefined` when nothing is known of it. */
export async function readRoom(
  table: LedgerTable,
  owner: Owner,
  roomId: string,
  options: ListOptions,
): Promise<RoomAnswer | undefined> {
  const pk = roomKey(owner.vendor, owner.appId, roomId);
  const [head, taskKeys, events] = await Promise.all([
    table.get({ pk, sk: HEAD }),
    listTaskKeys(table, pk, options),
    options.events ? listPart(table, pk, EVENT_PREFIX, 'events', options) : undefined,
  ]);
  const isFirstPage = options.cursor === undefined;
  if (isFirstPage && head === undefined && taskKeys.keys.length === 0) {
    const known = events?.items[0] ?? (await firstOfPartition(table, pk, EVENT_PREFIX));
    if (known === undefined) return undefined;
  }
  const shown = events && eventPage(events);
  const next = encodeCursor({ tasks: taskKeys.last, events: shown?.last });
  return {
    room: roomView(owner, roomId, head),
    tasks: await readTasks(table, owner, taskKeys.keys),
    ...(shown === undefined ? {} : { events: shown.events }),
    ...(next === undefined ? {} : { next }),
  };
}

/** The partitions of a page of the room's tasks. Skips the entries of a task's files by asking for larger keys. */
async function listTaskKeys(
  table: LedgerTable,
  room: string,
  { limit, cursor }: ListOptions,
): Promise<{ keys: string[]; last?: string }> {
  if (cursor !== undefined && cursor.tasks === undefined) return { keys: [] };
  const found: string[] = [];
  let after = cursor?.tasks ?? ' ';
  while (found.length <= limit) {
    const entries = await table.keys({
      IndexName: 'rooms',
      KeyConditionExpression: 'roomKey = :room AND pk > :after',
      ExpressionAttributeValues: { ':room': { S: room }, ':after': { S: after } },
      Limit: ENTRIES_PER_READ,
    });
    if (entries.length === 0) break;
    const keys = [...new Set(entries.map((entry) => entry.pk?.S ?? ''))];
    found.push(...keys);
    after = keys.at(-1) ?? after;
  }
  const keys = found.slice(0, limit);
  const last = keys.at(-1);
  return found.length > limit && last !== undefined ? { keys, last } : { keys };
}

async function readTasks(table: LedgerTable, owner: Owner, keys: readonly string[]): Promise<Task[]> {
  const tasks = new Map<string, Task>();
  await forEachConcurrently(keys, CONCURRENT_READS, async (pk) => {
    const head = await table.get({ pk, sk: HEAD });
    const file = await firstOfPartition(table, pk, FILE_PREFIX);
    const event = (head ?? file) ? undefined : await firstOfPartition(table, pk, EVENT_PREFIX);
    const item = head ?? file ?? event;
    if (item === undefined) return;
    const facets = taskFacets(head);
    const parts = await readParts(table, pk, facets);
    tasks.set(pk, taskView(owner, idsOfItem(item).id, facets, { file, event, parts }));
  });
  return keys.map((pk) => tasks.get(pk)).filter((task) => task !== undefined);
}
