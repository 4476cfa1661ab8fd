import { parseJson } from '../json.ts';
import type { File } from './answers.ts';
import { encodeCursor } from './cursor.ts';
import { ATTENTION_SHARDS, FILE_PREFIX, HEAD, idsOfItem } from './keys.ts';
import type { ListOptions } from './read-task.ts';
import { type Key, keyOfItem, keyText, type LedgerTable } from './table.ts';
import { fileView, type Item, taskFacets } from './view.ts';

const FILES_PER_READ = 500;

/** A page of the files that need attention, soonest `purgeAt` first. */
export interface AttentionAnswer {
  files: File[];
  next?: string;
}

/** An entry of the attention index. */
interface Entry {
  shard: string;
  key: Key;
  /** ISO time, or `NO_DEADLINE`. */
  attentionAt: string;
}

/** Reads the files whose upload failed and has not succeeded since. A page may hold a few more or less than asked for. */
export async function readAttention(table: LedgerTable, options: ListOptions): Promise<AttentionAnswer> {
  const lists = await Promise.all(ATTENTION_SHARDS.map((shard) => readShard(table, shard, options)));
  const entries = lists.flat().sort(byDeadline);
  const page = entries.slice(0, options.limit);
  const next = entries.length > page.length ? encodeCursor(positionsAfter(page, options)) : undefined;
  return { files: await readFiles(table, page, options.now), ...(next === undefined ? {} : { next }) };
}

/** The next entries of one shard: one more than fits the page, which tells whether there is a next page. */
async function readShard(
  table: LedgerTable,
  shard: string,
  { limit, cursor }: ListOptions,
): Promise<Entry[]> {
  const position = cursor?.[shard];
  const entries = await table.keys({
    IndexName: 'attention',
    KeyConditionExpression: 'attention = :shard',
    ExpressionAttributeValues: { ':shard': { S: shard } },
    Limit: limit + 1,
    ...(position === undefined ? {} : { ExclusiveStartKey: startKey(shard, position) }),
  });
  return entries.map((entry) => ({ shard, key: keyOfItem(entry), attentionAt: entry.attentionAt?.S ?? '' }));
}

/** Each shard's last entry on this page, or where the shard stood before. */
function positionsAfter(page: readonly Entry[], { cursor }: ListOptions): Record<string, string> {
  const positions: Record<string, string> = { ...cursor };
  for (const { shard, key, attentionAt } of page)
    positions[shard] = JSON.stringify([attentionAt, key.pk, key.sk]);
  return positions;
}

function startKey(shard: string, position: string): Item {
  const parts = parseJson(position);
  const [attentionAt = '', pk = '', sk = ''] = Array.isArray(parts) ? parts.map(String) : [];
  return { attention: { S: shard }, attentionAt: { S: attentionAt }, pk: { S: pk }, sk: { S: sk } };
}

async function readFiles(table: LedgerTable, entries: readonly Entry[], now: number): Promise<File[]> {
  const keys = entries.flatMap(({ key }) => [key, { pk: key.pk, sk: HEAD }]);
  const items = await table.getAll(keys);
  const lists = entries.map(async ({ key }): Promise<File[]> => {
    const [item, head] = [items.get(keyText(key)), items.get(keyText({ pk: key.pk, sk: HEAD }))];
    // The index follows the table a moment later: what was uploaded in between no longer needs attention.
    if (item?.attention === undefined) return [];
    const fileItems = key.sk === HEAD ? await filesWithoutUpload(table, key.pk) : [item];
    const { owner, id } = idsOfItem(item);
    const facets = taskFacets(head);
    return fileItems.map((file) => fileView(owner, id, idsOfItem(file).fileName, file, facets, now));
  });
  // A file that failed on its own may have been recovered with the others of its task.
  return (await Promise.all(lists)).flat().filter(({ status }) => status !== 'uploaded');
}

/**
 * The files of a task that no callback tells of one by one, and so share the failed upload of the task; one
 * without a name where none is known.
 */
async function filesWithoutUpload(table: LedgerTable, pk: string): Promise<Item[]> {
  const files: Item[] = [];
  let after: string | undefined;
  do {
    const page = await table.list(pk, FILE_PREFIX, FILES_PER_READ, after);
    files.push(...page.items.filter((item) => item.upload === undefined));
    after = page.last;
  } while (after !== undefined);
  return files.length > 0 ? files : [{}];
}

function byDeadline(a: Entry, b: Entry): number {
  return a.attentionAt < b.attentionAt ? -1 : a.attentionAt > b.attentionAt ? 1 : 0;
}
