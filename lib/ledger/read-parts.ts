import type { Target } from './answers.ts';
import {
  fileFacets,
  filesOfHead,
  type Item,
  type NamedFile,
  partsOf,
  phaseOf,
  type TaskFacets,
  targetFacets,
} from './facets.ts';
import { FILE_PREFIX, idsOfItem, TARGET_PREFIX } from './keys.ts';
import { isUnfinished, type Recordings, recordingsOf } from './recordings.ts';
import type { LedgerTable } from './table.ts';
import { targetView } from './view.ts';

/** What is known of those parts of a task that run on their own. */
export interface TaskParts {
  /** Whether one of them runs although another has ended. */
  isRunning: boolean;
  /** When the last of them ended, Unix time in ms, where the task's own end may be that of another. */
  lastEndAt?: number;
  targets?: Target[];
  /** Temporary names of files that have a final one. */
  replaced: ReadonlySet<string>;
}

const NO_PARTS: TaskParts = { isRunning: false, replaced: new Set() };

/** Files of a task that a reader has: one with a temporary name makes it worth to look for the final one. */
export interface ListedFiles {
  items: readonly Item[];
  /** Whether these are all files of the task. */
  areAll: boolean;
}

/** Reads the parts of a task with one query, and with none where its own facets and the listed files say all. */
export async function readParts(
  table: LedgerTable,
  pk: string,
  facets: TaskFacets,
  listed?: ListedFiles,
): Promise<TaskParts> {
  const parts = partsOf(facets);
  if (parts === 'targets') return targetParts(await itemsOf(table, pk, TARGET_PREFIX));
  const mayRunOn = parts === 'files' && facets.end !== undefined && phaseOf(facets) === facets.end;
  const known = listed === undefined ? [] : namedFiles(listed.items, facets);
  if (!mayRunOn && !known.some((file) => isUnfinished(file.facets))) return NO_PARTS;
  const files = listed?.areAll ? known : namedFiles(await itemsOf(table, pk, FILE_PREFIX), facets);
  const { running, replaced } = recordingsOf(files);
  return { isRunning: mayRunOn && running.size > 0, replaced };
}

function targetParts(items: readonly Item[]): TaskParts {
  const targets = items.map(targetFacets).flatMap((facets) => targetView(facets) ?? []);
  const ends = targets.flatMap(({ endedAt }) => (endedAt === undefined ? [] : [Date.parse(endedAt)]));
  const began = ({ startedAt, endedAt }: Target) => startedAt ?? endedAt ?? '';
  return {
    ...NO_PARTS,
    isRunning: targets.some(({ status }) => status === 'started'),
    ...(ends.length > 0 ? { lastEndAt: Math.max(...ends) } : {}),
    targets: targets.sort((a, b) => (began(a) < began(b) ? -1 : began(a) > began(b) ? 1 : 0)),
  };
}

/** The recordings of a task, out of all its files. */
export async function readRecordings(
  table: LedgerTable,
  pk: string,
  facets: TaskFacets,
): Promise<Recordings> {
  return recordingsOf(namedFiles(await itemsOf(table, pk, FILE_PREFIX), facets));
}

/** The files with an item of their own, and those that only the task's names. */
function namedFiles(items: readonly Item[], facets: TaskFacets): NamedFile[] {
  const files = items.map((item) => ({ name: idsOfItem(item).fileName, facets: fileFacets(item) }));
  const names = new Set(files.map(({ name }) => name));
  return [...files, ...filesOfHead(facets).filter(({ name }) => !names.has(name))];
}

/** The files that have a start or an end, or the targets. */
async function itemsOf(table: LedgerTable, pk: string, prefix: string): Promise<Item[]> {
  const found: Item[] = [];
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    FilterExpression: 'attribute_exists(#start) OR attribute_exists(#end)',
    ExpressionAttributeNames: { '#start': 'start', '#end': 'end' },
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
    ConsistentRead: true,
  });
  for await (const items of pages) found.push(...items);
  return found;
}
