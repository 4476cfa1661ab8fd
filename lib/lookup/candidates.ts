import { failureOf, overdueOf } from '../attention/attention-item.ts';
import type { Item } from '../ledger/facets.ts';
import {
  ATTENTION_SHARDS,
  FILE_PREFIX,
  HEARTBEATS,
  idsOfItem,
  OVERDUE_SHARDS,
  UNCONFIRMED_SHARDS,
} from '../ledger/keys.ts';
import { headOf, type Key, keyOfItem, keyText, type LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';

/** A task or a file whose callback is overdue or whose upload failed, or a file whose upload has to be confirmed. */
export interface Candidate {
  key: Key;
  owner: Owner;
  taskId: string;
  /** Empty where it is a task. */
  fileName: string;
  item: Item;
  /** The task's own item. */
  head: Item | undefined;
  reason: string;
}

/** How many entries of an index are read at a time, each with its item and its task's. */
const ENTRIES_PER_READ = 200;

const CONCURRENT_SHARDS = 4;

const SHARDS = [
  ...ATTENTION_SHARDS.map((shard) => ({ index: 'attention', shard })),
  ...[...OVERDUE_SHARDS, ...UNCONFIRMED_SHARDS].map((shard) => ({ index: 'watch', shard })),
];

/** Hands what needs attention to `work`, page by page; only of the apps that `isWanted` chooses. */
export async function forEachPage(
  table: LedgerTable,
  isWanted: (owner: Owner) => boolean,
  work: (candidates: Candidate[]) => Promise<void>,
): Promise<void> {
  await forEachConcurrently(SHARDS, CONCURRENT_SHARDS, async ({ index, shard }) => {
    const pages = table.pages({
      IndexName: index,
      KeyConditionExpression: `${index} = :shard`,
      ExpressionAttributeValues: { ':shard': { S: shard } },
      Limit: ENTRIES_PER_READ,
    });
    for await (const entries of pages)
      await work(await candidatesOf(table, entries.map(keyOfItem), isWanted));
  });
}

async function candidatesOf(
  table: LedgerTable,
  all: readonly Key[],
  isWanted: (owner: Owner) => boolean,
): Promise<Candidate[]> {
  const keys = all.filter(({ pk }) => pk !== HEARTBEATS);
  const items = await table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  return keys.flatMap((key) => {
    const item = items.get(keyText(key));
    // The index follows the table a moment later.
    const isUnconfirmed = UNCONFIRMED_SHARDS.includes(item?.watch?.S ?? '');
    const reason = failureOf(item)?.reason ?? (isUnconfirmed ? 'unconfirmed' : overdueOf(item)?.reason);
    if (item === undefined || reason === undefined) return [];
    const { owner, id: taskId, fileName } = idsOfItem(item);
    if (!isWanted(owner)) return [];
    return { key, owner, taskId, fileName, item, head: items.get(keyText(headOf(key))), reason };
  });
}

/** The items of a task's files, as they are now. `pk` is the task's partition. */
export async function filesOf(table: LedgerTable, pk: string): Promise<Item[]> {
  const files: Item[] = [];
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: FILE_PREFIX } },
    ConsistentRead: true,
  });
  for await (const items of pages) files.push(...items);
  return files;
}
