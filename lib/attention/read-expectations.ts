import {
  type FileFacets,
  fileFacets,
  hasCallback,
  type Item,
  isMadeByTask,
  phaseOf,
  type TaskFacets,
  taskFacets,
} from '../ledger/facets.ts';
import {
  EVENT_PREFIX,
  eventSortKey,
  FILE_PREFIX,
  fileSortKey,
  HEAD,
  idsOfItem,
  TARGET_PREFIX,
} from '../ledger/keys.ts';
import { readParts } from '../ledger/read-parts.ts';
import { firstOfPartition } from '../ledger/read-task.ts';
import { keyOfItem, type LedgerTable } from '../ledger/table.ts';
import { type Expectations, fileExpectations, taskExpectations } from './expectation.ts';

/** The beginning of the sort key of every event that has no vendor time. */
const TIMELESS_EVENT_PREFIX = eventSortKey(0, '');

/** The expectations of an item of the watch index: a task's own item or a file's. `head` is that of its task. */
export async function readExpectations(
  table: LedgerTable,
  item: Item,
  head: Item | undefined,
): Promise<Expectations> {
  const { pk, sk } = keyOfItem(item);
  const facets = taskFacets(head);
  if (sk !== HEAD) {
    return fileExpectations(idsOfItem(item).fileName, fileFacets(item), facets, head?.watch !== undefined);
  }
  if (facets.expected !== undefined && !hasCallback(facets)) {
    const isCalled = await hasOtherItems(table, pk);
    return taskExpectations({ facets, lastHeardAt: 0, isFileKnown: false, isCalled });
  }
  const { isRunning } = await readParts(table, pk, facets);
  const isStarted = phaseOf(facets, isRunning)?.value.status === 'started';
  return taskExpectations({
    facets,
    lastHeardAt: isStarted ? await lastHeardAt(table, pk, facets) : 0,
    isRunning,
    isFileKnown: !isStarted && (await isFileKnown(table, pk, facets)),
  });
}

/**
 * Whether the file is known that the end of a task names, or where it names none, any file of the kind that the task
 * makes. A picture of a running recording does not count; one that is reported after the end is all that there was to upload.
 */
async function isFileKnown(table: LedgerTable, pk: string, facets: TaskFacets): Promise<boolean> {
  const { end } = facets;
  if (end === undefined) return false;
  const name = end.value.file?.name;
  if (name !== undefined) return (await table.get({ pk, sk: fileSortKey(name) })) !== undefined;
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: FILE_PREFIX } },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    if (items.some((item) => isExpected(fileFacets(item), facets))) return true;
  }
  return false;
}

function isExpected(file: FileFacets, facets: TaskFacets): boolean {
  const kinds = Object.values(file).map((facet) => facet?.value.kind ?? facet?.value.task.kind);
  const kind = facets.end?.value.task.kind;
  const isOfKind = kind === undefined || kinds.includes(kind);
  return isOfKind || isMadeByTask(file, facets);
}

/** Whether a callback came of a task whose own item has none. */
async function hasOtherItems(table: LedgerTable, pk: string): Promise<boolean> {
  const prefixes = [FILE_PREFIX, EVENT_PREFIX, TARGET_PREFIX];
  const first = await Promise.all(prefixes.map((prefix) => firstOfPartition(table, pk, prefix)));
  return first.some((item) => item !== undefined);
}

/** When the last of all callbacks of a task happened, or was received where the vendor sends no time. */
async function lastHeardAt(table: LedgerTable, pk: string, facets: TaskFacets): Promise<number> {
  const event = await table.last(pk, EVENT_PREFIX, ['at', 'receivedAt']);
  const { start, end, upload, risk } = facets;
  const ofFacets = [start, end, upload, risk].map((facet) => facet?.at ?? 0);
  if (event?.at?.S !== undefined) return Math.max(Date.parse(event.at.S), ...ofFacets);
  // Without a history, and where no event has a time, nothing is in the order of time.
  const latest =
    event === undefined
      ? await latestIn(table, pk, FILE_PREFIX, timeOfFile)
      : await latestIn(table, pk, TIMELESS_EVENT_PREFIX, (item) => Date.parse(item.receivedAt?.S ?? ''));
  return Math.max(latest, ...ofFacets);
}

/** The largest time of the items of a partition whose sort key begins with `prefix`; 0 when there are none. */
async function latestIn(
  table: LedgerTable,
  pk: string,
  prefix: string,
  timeOf: (item: Item) => number,
): Promise<number> {
  let latest = 0;
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
    ProjectionExpression: '#start, #segment, #end, #upload, receivedAt',
    ExpressionAttributeNames: {
      '#start': 'start',
      '#segment': 'segment',
      '#end': 'end',
      '#upload': 'upload',
    },
  });
  for await (const items of pages) latest = Math.max(latest, ...items.map(timeOf));
  return latest;
}

function timeOfFile(item: Item): number {
  return Math.max(...Object.values(fileFacets(item)).map((facet) => facet?.at ?? 0));
}
