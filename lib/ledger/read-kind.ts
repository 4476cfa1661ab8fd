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

/** The file of a task that says what the task is, else its first file. */
export interface FileWithKind {
  file?: Item | undefined;
  /** Whether the task is taken for what the file is, as no file says what the task is. */
  isKindOfFile?: boolean;
}

/** Where the place index lists pictures. */
const PICTURES = 'f#';

/**
 * Reads the file that says what a task is. That is its first file, unless this is a picture that may be of a running
 * recording: then the other files are looked at, those in `listed` first. Where none of them says it, the first file stays.
 */
export async function readFileWithKind(
  table: LedgerTable,
  pk: string,
  facets: TaskFacets,
  first: Item | undefined,
  listed: ListedFiles = { items: [], areAll: false },
): Promise<FileWithKind> {
  if (first === undefined) return {};
  if (!isUndecided(first, facets)) return { file: first, isKindOfFile: true };
  const known = firstWithKind(listed.items);
  const file = known ?? (listed.areAll ? undefined : await findFileWithKind(table, pk));
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

function firstWithKind(items: readonly Item[]): Item | undefined {
  return items.find((item) => saysKindOfTask(fileFacets(item)));
}

/** Looks at one page of a query, 1 MB of files: a screenshot session of any length costs no more. */
async function findFileWithKind(table: LedgerTable, pk: string): Promise<Item | undefined> {
  const items = await table.keys({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    FilterExpression: 'NOT begins_with(place, :pictures)',
    ExpressionAttributeValues: {
      ':pk': { S: pk },
      ':prefix': { S: FILE_PREFIX },
      ':pictures': { S: PICTURES },
    },
    ConsistentRead: true,
  });
  return firstWithKind(items);
}
