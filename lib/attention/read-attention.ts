import { isoTime } from '../callback/time.ts';
import type { AttentionAnswer, AttentionFile } from '../ledger/answers.ts';
import { encodeCursor } from '../ledger/cursor.ts';
import { type Item, speaksOf, type TaskFacets, taskFacets } from '../ledger/facets.ts';
import { ATTENTION_SHARDS, FILE_PREFIX, HEAD, idsOfItem, OVERDUE_SHARDS } from '../ledger/keys.ts';
import type { ListOptions } from '../ledger/read-task.ts';
import { headOf, type Key, keyOfItem, keyText, type LedgerTable } from '../ledger/table.ts';
import { fileView } from '../ledger/view.ts';
import { parseJson } from '../platform/json.ts';
import { type AttentionKey, attentionId } from './attention-id.ts';
import { failureAt } from './attention-item.ts';
import { hiddenOf, isHidden } from './hidden.ts';
import { readOverdueExpectations } from './read-overdue-expectations.ts';

/** Where attention items are found, and in which order they are listed: a list has one partition for each shard. */
interface AttentionList {
  index: 'attention' | 'watch';
  sort: 'attentionAt' | 'watchAt';
  shards: readonly string[];
  /** Which side of `now` the sort key is on; either where it is absent. */
  isPast?: boolean;
  /** Put before the names of shards in cursors, as two lists are of one index. */
  prefix: string;
}

/** What can still be saved by its deadline, overdue expectations by when they were raised, then what is lost. */
const LISTS: readonly AttentionList[] = [
  { index: 'attention', sort: 'attentionAt', shards: ATTENTION_SHARDS, isPast: false, prefix: '' },
  { index: 'watch', sort: 'watchAt', shards: OVERDUE_SHARDS, prefix: '' },
  { index: 'attention', sort: 'attentionAt', shards: ATTENTION_SHARDS, isPast: true, prefix: 'lost-' },
];

/** The lists of the answer, by the names that its cursor gives them. */
export const ATTENTION_LISTS: readonly string[] = LISTS.flatMap(({ shards, prefix }) =>
  shards.map((shard) => prefix + shard),
);

/** How attention items are asked for. */
export interface AttentionOptions extends ListOptions {
  /** Whether those are listed too that somebody has hidden. */
  hidden?: boolean | undefined;
}

/** An entry of an index. */
interface IndexEntry {
  /** The position of its list in `LISTS`. */
  list: number;
  /** The name of its partition in cursors. */
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
    LISTS.flatMap((list, index) => list.shards.map((shard) => readShard(table, list, index, shard, options))),
  );
  const entries = lists.flat().sort(inOrder);
  const page = entries.slice(0, options.limit);
  const next = entries.length > page.length ? encodeCursor(positionsAfter(page, options)) : undefined;
  const keysOf = (list: number) => page.filter((entry) => entry.list === list).map(({ key }) => key);
  const [savable, overdue, lost] = await Promise.all([
    readFailedUploads(table, keysOf(0), options),
    readOverdueExpectations(table, keysOf(1), options),
    readFailedUploads(table, keysOf(2), options),
  ]);
  return {
    files: [...savable, ...overdue.files, ...lost],
    ...(overdue.tasks.length === 0 ? {} : { tasks: overdue.tasks }),
    ...(overdue.apps.length === 0 ? {} : { apps: overdue.apps }),
    ...(next === undefined ? {} : { next }),
  };
}

/**
 * Reads one attention item, hidden or not; `undefined` where it needs no attention now. Several files may share the item. `now`
 * is Unix time in ms.
 */
export async function readAttentionItem(
  table: LedgerTable,
  { kind, key }: AttentionKey,
  now: number,
): Promise<AttentionAnswer | undefined> {
  const options = { now, hidden: true };
  const { files, tasks, apps } =
    kind === 'failure'
      ? { files: await readFailedUploads(table, [key], options), tasks: [], apps: [] }
      : await readOverdueExpectations(table, [key], options);
  return files.length + tasks.length + apps.length > 0 ? { files, tasks, apps } : undefined;
}

/** The next entries of one shard: one more than fits the page, which shows whether there is a next page. */
async function readShard(
  table: LedgerTable,
  { index, sort, isPast, prefix }: AttentionList,
  list: number,
  shard: string,
  { limit, cursor, now }: ListOptions,
): Promise<IndexEntry[]> {
  const name = prefix + shard;
  const position = positionOf(cursor?.[name]);
  const isPositionPast = position !== undefined && position.sort <= isoTime(now);
  // DynamoDB takes no position outside the condition: the deadline of the last one may have passed since, or clocks differ.
  if (isPast === true && position !== undefined && !isPositionPast) return [];
  const isUsable = position !== undefined && (isPast === undefined || isPast === isPositionPast);
  const side = isPast === undefined ? '' : ` AND ${sort} ${isPast ? '<=' : '>'} :now`;
  const entries = await table.keys({
    IndexName: index,
    KeyConditionExpression: `${index} = :shard${side}`,
    ExpressionAttributeValues: {
      ':shard': { S: shard },
      ...(isPast === undefined ? {} : { ':now': { S: isoTime(now) } }),
    },
    Limit: limit + 1,
    ...(isUsable
      ? { ExclusiveStartKey: { [index]: { S: shard }, [sort]: { S: position.sort }, ...position.key } }
      : {}),
  });
  return entries.map((entry) => ({ list, shard: name, key: keyOfItem(entry), sort: entry[sort]?.S ?? '' }));
}

/** Each shard's last entry on this page, or where the shard stood before. */
function positionsAfter(page: readonly IndexEntry[], { cursor }: ListOptions): Record<string, string> {
  const positions: Record<string, string> = { ...cursor };
  for (const { shard, key, sort } of page) positions[shard] = JSON.stringify([sort, key.pk, key.sk]);
  return positions;
}

/** Where a list of an earlier page ended. */
function positionOf(text: string | undefined): { sort: string; key: Item } | undefined {
  const parts = text === undefined ? undefined : parseJson(text);
  if (!Array.isArray(parts)) return undefined;
  const [sort = '', pk = '', sk = ''] = parts.map(String);
  return { sort, key: { pk: { S: pk }, sk: { S: sk } } };
}

async function readFailedUploads(
  table: LedgerTable,
  keys: readonly Key[],
  { now, hidden = false }: Pick<AttentionOptions, 'now' | 'hidden'>,
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
  if (a.list !== b.list) return a.list - b.list;
  return a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0;
}
