import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { epochSeconds } from '../callback/time.ts';
import type { Item } from './facets.ts';
import { TOMBSTONES, tombstoneSortKey } from './keys.ts';

/** How long a task or a room stays erased, in ms: far longer than any callback of it is under way. */
export const TOMBSTONE_MS = 30 * 24 * 60 * 60_000;

/** How long a process uses the tombstones that it has read, in ms. */
const REFRESH_MS = 60_000;

/**
 * After this time, in ms, no consumer works with tombstones that it read before: they are read again, and what was under
 * way then has ended with its function.
 */
export const SEEN_BY_ALL_MS = REFRESH_MS + 60_000;

/**
 * Whether a callback is of one of these partitions after that was erased, and happened before; `happenedAt` is Unix time
 * in ms, absent when the vendor does not say. Rejects with the SDK's exceptions.
 */
export type IsErased = (partitions: readonly string[], happenedAt: number | undefined) => Promise<boolean>;

/**
 * The tombstones in the table, which a process reads once a minute: no callback costs more for them. `now` gives Unix
 * time in ms.
 */
export function createTombstones(client: DynamoDBClient, tableName: string, now: () => number): IsErased {
  let readAt = Number.NEGATIVE_INFINITY;
  let tombstones: Promise<ReadonlyMap<string, number>> = Promise.resolve(new Map());

  async function readAll(): Promise<ReadonlyMap<string, number>> {
    const erasedAt = new Map<string, number>();
    let start: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :tombstones',
          ExpressionAttributeValues: { ':tombstones': { S: TOMBSTONES } },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      for (const item of Items) erasedAt.set(item.sk?.S ?? '', Number(item.erasedAt?.N));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return erasedAt;
  }

  return async (partitions, happenedAt = 0) => {
    if (now() - readAt >= REFRESH_MS) {
      readAt = now();
      tombstones = readAll();
      tombstones.catch(() => {
        readAt = Number.NEGATIVE_INFINITY;
      });
    }
    const erased = await tombstones;
    return partitions.some((partition) => {
      const erasedAt = erased.get(tombstoneSortKey(partition));
      return erasedAt !== undefined && happenedAt <= erasedAt && now() < erasedAt + TOMBSTONE_MS;
    });
  };
}

/** Remembers that a partition was erased, at a Unix time in ms. Rejects with the SDK's exceptions. */
export async function putTombstone(
  client: DynamoDBClient,
  tableName: string,
  partition: string,
  erasedAt: number,
): Promise<void> {
  const item = {
    pk: { S: TOMBSTONES },
    sk: { S: tombstoneSortKey(partition) },
    erasedAt: { N: String(erasedAt) },
    expiresAt: { N: epochSeconds(erasedAt + TOMBSTONE_MS) },
  };
  await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
}
