import { isoTime } from '../callback/time.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import type { Task } from './answers.ts';
import { fileFacets, hasCallback, type Item, isKnown, taskFacets } from './facets.ts';
import { createHeadReader } from './heads.ts';
import { EVENT_PREFIX, FILE_PREFIX, idsOfItem } from './keys.ts';
import { readFileWithKind } from './read-kind.ts';
import { readParts } from './read-parts.ts';
import { firstOfPartition } from './read-task.ts';
import type { LedgerTable } from './table.ts';
import type { Owner } from './updates.ts';
import { taskView } from './view.ts';

/** How many tasks are read at a time. */
const CONCURRENT_READS = 32;

/** Reads the tasks with these partitions, without their files; those that are not known are left out. */
export async function readTasks(
  table: LedgerTable,
  owner: Owner,
  keys: readonly string[],
  readHeads = createHeadReader(table),
): Promise<Map<string, Task>> {
  const heads = await readHeads(keys);
  const tasks = new Map<string, Task>();
  await forEachConcurrently(keys, CONCURRENT_READS, async (pk) => {
    const head = heads.get(pk);
    const file = await firstOfPartition(table, pk, FILE_PREFIX);
    const facets = taskFacets(head);
    const isCalled = hasCallback(facets) || file !== undefined;
    const event = isCalled ? undefined : await firstOfPartition(table, pk, EVENT_PREFIX);
    const item = isCalled || isKnown(facets) ? (head ?? file) : event;
    if (item === undefined) return;
    const [parts, withKind] = await Promise.all([
      readParts(table, pk, facets),
      readFileWithKind(table, pk, facets, file),
    ]);
    tasks.set(pk, taskView(owner, idsOfItem(item).id, facets, { ...withKind, event, parts, head }));
  });
  return tasks;
}

/** When the tasks with these partitions began, as ISO times; those that are not known are left out. */
export async function timesOfTasks(
  table: LedgerTable,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const heads = await createHeadReader(table)(keys);
  const times = new Map<string, string>();
  await forEachConcurrently(keys, CONCURRENT_READS, async (pk) => {
    const head = heads.get(pk);
    const facets = taskFacets(head);
    const item = hasCallback(facets)
      ? head
      : ((await firstOfPartition(table, pk, FILE_PREFIX)) ??
        (await firstOfPartition(table, pk, EVENT_PREFIX)));
    const { expected } = facets;
    if (item !== undefined) times.set(pk, beganAt(item));
    else if (expected !== undefined) times.set(pk, isoTime(expected.value.startedAt ?? expected.at));
  });
  return times;
}

/** An item that was last written by an earlier version has no place. */
function beganAt(item: Item): string {
  const { start, segment, end, upload } = { ...taskFacets(item), ...fileFacets(item) };
  const times = [start, segment, end, upload].flatMap((facet) => facet?.at ?? []);
  return (
    item.placeAt?.S ??
    (times.length > 0 ? isoTime(Math.min(...times)) : (item.at?.S ?? item.receivedAt?.S ?? ''))
  );
}
