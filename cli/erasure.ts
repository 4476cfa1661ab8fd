import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../lib/ledger/facets.ts';
import { EVENT_PREFIX, roomKey, taskKey, vendorOfPartition } from '../lib/ledger/keys.ts';
import { bodyOf } from '../lib/ledger/read-events.ts';
import { readTasks } from '../lib/ledger/read-tasks.ts';
import { createLedgerTable, keyOfItem } from '../lib/ledger/table.ts';
import { putTombstone, TOMBSTONE_MS } from '../lib/ledger/tombstones.ts';
import type { Owner } from '../lib/ledger/updates.ts';
import { type Json, parseJson } from '../lib/platform/json.ts';
import { VENDORS } from '../lib/vendors/index.ts';

/** DynamoDB takes at most this many writes in one `BatchWriteItem`. */
const WRITES_PER_BATCH = 25;

/** No vendor's callback is nested deeper. */
const DEEPEST = 100;

/** The table that is erased from. */
export interface ErasableTable {
  client: DynamoDBClient;
  tableName: string;
}

/** What is to be erased. */
export interface Erasable {
  /** Wholly, and with a tombstone. */
  partitions: readonly string[];
  /** Those of the partitions that are tasks. */
  tasks: readonly string[];
  /** The keys of single items of other partitions. */
  items: readonly Item[];
}

/** The partitions of a room and of the tasks in it. Rejects with the SDK's exceptions. */
export async function partitionsOfRoom(
  table: ErasableTable,
  owner: Owner,
  roomId: string,
): Promise<string[]> {
  const room = roomKey(owner.vendor, owner.appId, roomId);
  const sameId = taskKey(owner.vendor, owner.appId, roomId);
  const entries = await keysOf(table, {
    IndexName: 'rooms',
    KeyConditionExpression: 'roomKey = :room',
    ExpressionAttributeValues: { ':room': { S: room } },
  });
  // A task whose id is its room's has no entry in the index; another task may have the same id.
  const tasks = await readTasks(createLedgerTable(table.client, table.tableName), owner, [sameId]);
  const ofRoom = tasks.get(sameId)?.roomId === roomId ? [sameId] : [];
  return [...new Set([room, ...ofRoom, ...entries.map(({ pk }) => pk?.S ?? '')])];
}

/** The keys of all items of a partition. Rejects with the SDK's exceptions. */
export function itemsOf(table: ErasableTable, partition: string): Promise<Item[]> {
  return keysOf(table, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: partition } },
    ConsistentRead: true,
  });
}

/**
 * Removes all items of a partition, and leaves a tombstone; returns how many there were. What a consumer writes that has
 * not read the tombstone yet needs a second run. Rejects with the SDK's exceptions; then it may be run again.
 */
export async function erase(table: ErasableTable, partition: string, now: number): Promise<number> {
  // A vendor that signs the body has no form of a credential: what it signed can be sent again at any time.
  const expiresAt =
    VENDORS[vendorOfPartition(partition)].credential === undefined ? undefined : now + TOMBSTONE_MS;
  await putTombstone(table.client, table.tableName, partition, { erasedAt: now, expiresAt });
  const items = await itemsOf(table, partition);
  await eraseItems(table, items);
  return items.length;
}

/** Removes items, given by their keys. What still comes of them is kept again. Rejects with the SDK's exceptions. */
export async function eraseItems({ client, tableName }: ErasableTable, keys: readonly Item[]): Promise<void> {
  for (let from = 0; from < keys.length; from += WRITES_PER_BATCH) {
    let writes: WriteRequest[] = keys
      .slice(from, from + WRITES_PER_BATCH)
      .map((Key) => ({ DeleteRequest: { Key } }));
    while (writes.length > 0) {
      const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: writes } });
      writes = (await client.send(command)).UnprocessedItems?.[tableName] ?? [];
    }
  }
}

/** The keys of the stored callbacks of a partition that name a user. Rejects with the SDK's exceptions. */
export async function callbacksNaming(
  { client, tableName }: ErasableTable,
  partition: string,
  userId: string,
): Promise<Item[]> {
  const keys: Item[] = [];
  const pages = createLedgerTable(client, tableName).pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: partition }, ':prefix': { S: EVENT_PREFIX } },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    for (const item of items) {
      const { pk, sk } = keyOfItem(item);
      if (hasValue(bodyOf(item), userId)) keys.push({ pk: { S: pk }, sk: { S: sk } });
    }
  }
  return keys;
}

/** Whether a value is the text or holds it, also in a JSON text; in any other text it may stand anywhere. */
function hasValue(value: Json | undefined, text: string, depth = 0): boolean {
  if (value === undefined || value === null || depth > DEEPEST) return false;
  if (typeof value === 'object')
    return Object.values(value).some((inner) => hasValue(inner, text, depth + 1));
  if (String(value) === text) return true;
  if (typeof value !== 'string') return false;
  const parsed = /^\s*[[{]/.test(value) ? parseJson(value) : undefined;
  return parsed === undefined ? depth === 0 && value.includes(text) : hasValue(parsed, text, depth + 1);
}

async function keysOf(
  { client, tableName }: ErasableTable,
  query: Omit<QueryCommandInput, 'TableName'>,
): Promise<Item[]> {
  const keys: Item[] = [];
  let start: Item | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: tableName,
        ProjectionExpression: 'pk, sk',
        ...query,
        ExclusiveStartKey: start,
      }),
    );
    keys.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
  return keys;
}
