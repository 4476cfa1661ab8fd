import { EVENT_PREFIX, eventSortKey, FILE_PREFIX, fileSortKey, HEAD } from '../ledger/keys.ts';
import { firstOfPartition } from '../ledger/read-task.ts';
import { keyOfItem, type LedgerTable } from '../ledger/table.ts';
import { fileFacets, type Item, phaseOf, type TaskFacets, taskFacets } from '../ledger/view.ts';
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
  if (sk !== HEAD) return fileExpectations(fileFacets(item), facets, head?.watch !== undefined);
  const isRunning = phaseOf(facets)?.value.status === 'started';
  return taskExpectations({
    facets,
    lastHeardAt: isRunning ? await lastHeardAt(table, pk, facets) : 0,
    isFileKnown: !isRunning && (await isFileKnown(table, pk, facets)),
  });
}

async function isFileKnown(table: LedgerTable, pk: string, { end }: TaskFacets): Promise<boolean> {
  const name = end?.value.file?.name;
  const file =
    name === undefined
      ? await firstOfPartition(table, pk, FILE_PREFIX)
      : await table.get({ pk, sk: fileSortKey(name) });
  return file !== undefined;
}

/** When the last of all callbacks of a task happened, or was received where the vendor does not tell. */
async function lastHeardAt(table: LedgerTable, pk: string, facets: TaskFacets): Promise<number> {
  const event = await table.last(pk, EVENT_PREFIX, ['at', 'receivedAt']);
  const ofFacets = Object.values(facets).map((facet) => facet?.at ?? 0);
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
    ProjectionExpression: '#start, #segment, #upload, receivedAt',
    ExpressionAttributeNames: { '#start': 'start', '#segment': 'segment', '#upload': 'upload' },
  });
  for await (const items of pages) latest = Math.max(latest, ...items.map(timeOf));
  return latest;
}

function timeOfFile(item: Item): number {
  return Math.max(...Object.values(fileFacets(item)).map((facet) => facet?.at ?? 0));
}
