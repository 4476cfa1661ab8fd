import {
  fileFacets,
  type Item,
  isMadeByTask,
  isOfAnyTask,
  saysKindOfTask,
  type TaskFacets,
} from './facets.ts';
import { FILE_PREFIX } from './keys.ts';
import type { ListedFiles } from './read-parts.ts';
import type { LedgerTable } from './table.ts';

/** The file of a task that says the most of it, and whether no other file says what the task is. */
export interface TellingFile {
  file?: Item | undefined;
  isKindOfFile?: boolean;
}

/** Where the place index lists pictures. */
const PICTURES = 'f#';

/**
 * The first file of a task; the first one that says what the task is, where that is a picture which may be of a running
 * recording. Then it reads the other files, unless those that the reader has are all.
 */
export async function readTellingFile(
  table: LedgerTable,
  pk: string,
  facets: TaskFacets,
  first: Item | undefined,
  listed: ListedFiles = { items: [], areAll: false },
): Promise<TellingFile> {
  if (first === undefined) return {};
  if (!isUndecided(first, facets)) return { file: first, isKindOfFile: true };
  const known = firstTelling(listed.items);
  const file = known ?? (listed.areAll ? undefined : await findTellingFile(table, pk));
  return file === undefined ? { file: first, isKindOfFile: true } : { file };
}

/** Whether the task's own item leaves open what the task is that a picture is of. */
function isUndecided(item: Item, facets: TaskFacets): boolean {
  const file = fileFacets(item);
  if (!isOfAnyTask(file)) return false;
  const { start, end, upload, risk } = facets;
  const isKnown = [start, end, upload, risk].some((facet) => facet?.value.task.kind !== undefined);
  return !isKnown || isMadeByTask(file, facets);
}

function firstTelling(items: readonly Item[]): Item | undefined {
  return items.find((item) => saysKindOfTask(fileFacets(item)));
}

async function findTellingFile(table: LedgerTable, pk: string): Promise<Item | undefined> {
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    FilterExpression: 'NOT begins_with(place, :pictures)',
    ExpressionAttributeValues: {
      ':pk': { S: pk },
      ':prefix': { S: FILE_PREFIX },
      ':pictures': { S: PICTURES },
    },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    const file = firstTelling(items);
    if (file !== undefined) return file;
  }
  return undefined;
}
