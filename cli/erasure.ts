import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../lib/ledger/facets.ts';
import { roomKey, taskKey } from '../lib/ledger/keys.ts';
import { readTasks } from '../lib/ledger/read-tasks.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { putTombstone } from '../lib/ledger/tombstones.ts';
import type { Owner } from '../lib/ledger/updates.ts';

/** DynamoDB takes at most this many writes in one `BatchWriteItem`. */
const WRITES_PER_BATCH = 25;

/** The table that is erased from. */
export interface ErasableTable {
  client: DynamoDBClient;
  tableName: string;
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
  await putTombstone(table.client, table.tableName, partition, now);
  const items = await itemsOf(table, partition);
  for (let from = 0; from < items.length; from += WRITES_PER_BATCH) {
    let writes: WriteRequest[] = items
      .slice(from, from + WRITES_PER_BATCH)
      .map((Key) => ({ DeleteRequest: { Key } }));
    while (writes.length > 0) {
      const command = new BatchWriteItemCommand({ RequestItems: { [table.tableName]: writes } });
      writes = (await table.client.send(command)).UnprocessedItems?.[table.tableName] ?? [];
    }
  }
  return items.length;
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
