import type { AttentionAnswer, AttentionFile } from '../ledger/answers.ts';
import { encodeCursor } from '../ledger/cursor.ts';
import { type Item, speaksOf, type TaskFacets, taskFacets } from '../ledger/facets.ts';
import { ATTENTION_SHARDS, FILE_PREFIX, HEAD, idsOfItem, OVERDUE_SHARDS } from '../ledger/keys.ts';
import type { ListOptions } from '../ledger/read-task.ts';
import { headOf, type Key, keyOfItem, keyText, type LedgerTable } from '../ledger/table.ts';
import { fileView } from '../ledger/view.ts';
import { parseJson } from '../platform/json.ts';
import { attentionId } from './attention-id.ts';
import { failureAt } from './attention-item.ts';
import { hiddenOf, isHidden } from './hidden.ts';
import { readOverdueExpectations } from './read-overdue-expectations.ts';

/** Where attention items are found: failed uploads by their deadline, then overdue expectations by when they were raised. */
const INDEXES = [
  { name: 'attention', sort: 'attentionAt', shards: ATTENTION_SHARDS },
  { name: 'watch', sort: 'watchAt', shards: OVERDUE_SHARDS },
];

/** The lists of the answer, by the names that its cursor gives them. */
export const ATTENTION_LISTS: readonly string[] = INDEXES.flatMap(({ shards }) => shards);

/** How attention items are asked for. */
export interface AttentionOptions extends ListOptions {
  /** Whether those are listed too that somebody has hidden. */
  hidden?: boolean | undefined;
}

/** An entry of an index. */
interface IndexEntry {
  /** The position of its index in `INDEXES`. */
  index: number;
  shard: string;
  key: Key;
  /** ISO time, or `NO_DEADLINE`. */
  sort: string;
}

/**
 * Reads the failed uploads that have not succeeded since, and the overdue expectations whose callback has not come
 * since, without those that are hidden. A page may hold a few more or less than asked for.
 */
export async function readAttention(table: LedgerTable, options: AttentionOptions): Promise<AttentionAnswer> {
  const lists = await Promise.all(
    INDEXES.flatMap(({ shards }, index) => shards.map((shard) => readShard(table, index, shard, options))),
  );
  const entries = lists.flat().sort(inOrder);
  const page = entries.slice(0, options.limit);
  const next = entries.length > page.length ? encodeCursor(positionsAfter(page, options)) : undefined;
  const keysOf = (index: number) => page.filter((entry) => entry.index === index).map(({ key }) => key);
  const [failed, overdue] = await Promise.all([
    readFailedUploads(table, keysOf(0), options),
    readOverdueExpectations(table, keysOf(1), options),
  ]);
  return {
    files: [...failed, ...overdue.files],
    ...(overdue.tasks.length === 0 ? {} : { tasks: overdue.tasks }),
    ...(overdue.apps.length === 0 ? {} : { apps: overdue.apps }),
    ...(next === undefined ? {} : { next }),
  };
}

/** The next entries of one shard: one more than fits the page, which tells whether there is a next page. */
async function readShard(
  table: LedgerTable,
  index: number,
  shard: string,
  { limit, cursor }: ListOptions,
): Promise<IndexEntry[]> {
  const { name = '', sort = '' } = INDEXES[index] ?? {};
  const position = cursor?.[shard];
  const entries = await table.keys({
    IndexName: name,
    KeyConditionExpression: `${name} = :shard`,
    ExpressionAttributeValues: { ':shard': { S: shard } },
    Limit: limit + 1,
    ...(position === undefined
      ? {}
      : { ExclusiveStartKey: { [name]: { S: shard }, ...startKey(sort, position) } }),
  });
  return entries.map((entry) => ({ index, shard, key: keyOfItem(entry), sort: entry[sort]?.S ?? '' }));
}

/** Each shard's last entry on this page, or where the shard stood before. */
function positionsAfter(page: readonly IndexEntry[], { cursor }: ListOptions): Record<string, string> {
  const positions: Record<string, string> = { ...cursor };
  for (const { shard, key, sort } of page) positions[shard] = JSON.stringify([sort, key.pk, key.sk]);
  return positions;
}

function startKey(sort: string, position: string): Item {
  const parts = parseJson(position);
  const [value = '', pk = '', sk = ''] = Array.isArray(parts) ? parts.map(String) : [];
  return { [sort]: { S: value }, pk: { S: pk }, sk: { S: sk } };
}

async function readFailedUploads(
  table: LedgerTable,
  keys: readonly Key[],
  { now, hidden = false }: AttentionOptions,
): Promise<AttentionFile[]> {
  const items = await table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  const lists = keys.map(async (key): Promise<AttentionFile[]> => {
    const [item, head] = [items.get(keyText(key)), items.get(keyText(headOf(key)))];
    const failure = failureAt(item, now);
    // The index follows the table a moment later: what was uploaded in between no longer needs attention.
    if (item === undefined || failure === undefined) return [];
    if (!hidden && isHidden('failure', item, failure, now)) return [];
    const { owner, id } = idsOfItem(item);
    const facets = taskFacets(head);
    const fileItems = key.sk === HEAD ? await filesWithoutUpload(table, key.pk, facets) : [item];
    const files = fileItems.map((file) => fileView(owner, id, idsOfItem(file).fileName, file, facets, now));
    const { reason } = failure;
    const shared = {
      reason,
      id: attentionId({ kind: 'failure', key }),
      hidden: hiddenOf('failure', item),
      label: facets.expected?.value.label,
    };
    return files.map((file) => ({ ...file, ...shared }));
  });
  // A file that failed on its own may have been recovered with the others of its task.
  return (await Promise.all(lists))
    .flat()
    .filter(({ status, reason }) => status !== 'uploaded' || reason === 'not_in_storage');
}

/** The files of a task without an upload of their own, which share the task's; one without a name where no file is known. */
async function filesWithoutUpload(table: LedgerTable, pk: string, { upload }: TaskFacets): Promise<Item[]> {
  const files: Item[] = [];
  const isOne = (item: Item) =>
    item.upload === undefined && upload !== undefined && speaksOf(upload.value, idsOfItem(item).fileName);
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: FILE_PREFIX } },
    ConsistentRead: true,
  });
  for await (const items of pages) files.push(...items.filter(isOne));
  return files.length > 0 ? files : [{}];
}

function inOrder(a: IndexEntry, b: IndexEntry): number {
  if (a.index !== b.index) return a.index - b.index;
  return a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0;
}
