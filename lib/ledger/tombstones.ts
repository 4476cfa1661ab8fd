import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { epochSeconds } from '../callback/time.ts';
import type { Item } from './facets.ts';
import { TOMBSTONES, tombstoneSortKey } from './keys.ts';

/**
 * How long a task or a room stays erased, in ms, where a signature is good for a few hours: a callback that was received
 * 28 days ago is not applied by it. A signed body can be sent again as long as its secret is live: there it stays erased
 * for ever.
 */
export const TOMBSTONE_MS = 30 * 24 * 60 * 60_000;

/** What is remembered of a partition that was erased. Unix times in ms. */
export interface Tombstone {
  erasedAt: number;
  /** Never when absent. */
  expiresAt: number | undefined;
}

/** How long a process uses the tombstones that it has read, in ms. */
const REFRESH_MS = 60_000;

/**
 * After this time, in ms, no consumer works with tombstones that it read before: they are read again, and what was under
 * way then has ended with its function.
 */
export const SEEN_BY_ALL_MS = REFRESH_MS + 60_000;

/**
 * Whether something is of one of these partitions and happened before that was erased. `happenedAt` is Unix time in ms, 0
 * for whatever time. Where it is absent, because the vendor does not say, it counts as before as long as the tombstone
 * expires: a tombstone for ever would drop all that comes later. Rejects with the SDK's exceptions.
 */
export type IsErased = (partitions: readonly string[], happenedAt: number | undefined) => Promise<boolean>;

/**
 * The tombstones in the table, which a process reads once a minute: no callback costs more for them. `now` gives Unix
 * time in ms.
 */
export function createTombstones(client: DynamoDBClient, tableName: string, now: () => number): IsErased {
  let readAt = Number.NEGATIVE_INFINITY;
  let tombstones: Promise<ReadonlyMap<string, Tombstone>> = Promise.resolve(new Map());

  async function readAll(): Promise<ReadonlyMap<string, Tombstone>> {
    const found = new Map<string, Tombstone>();
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
      for (const { sk, erasedAt, expiresAt } of Items) {
        const until = expiresAt?.N === undefined ? undefined : 1000 * Number(expiresAt.N);
        found.set(sk?.S ?? '', { erasedAt: Number(erasedAt?.N), expiresAt: until });
      }
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }

  return async (partitions, happenedAt) => {
    if (now() - readAt >= REFRESH_MS) {
      readAt = now();
      tombstones = readAll();
      tombstones.catch(() => {
        readAt = Number.NEGATIVE_INFINITY;
      });
    }
    const erased = await tombstones;
    return partitions.some((partition) => {
      const tombstone = erased.get(tombstoneSortKey(partition));
      if (tombstone === undefined) return false;
      const at = happenedAt ?? (tombstone.expiresAt === undefined ? Number.POSITIVE_INFINITY : 0);
      if (at > tombstone.erasedAt) return false;
      // What has expired may still be in the table for a few days.
      return tombstone.expiresAt === undefined || now() < tombstone.expiresAt;
    });
  };
}

/**
 * Remembers that a partition was erased, until `expiresAt`, for ever when that is absent. Unix times in ms. Rejects with the
 * SDK's exceptions.
 */
export async function putTombstone(
  client: DynamoDBClient,
  tableName: string,
  partition: string,
  { erasedAt, expiresAt }: Tombstone,
): Promise<void> {
  const item = {
    pk: { S: TOMBSTONES },
    sk: { S: tombstoneSortKey(partition) },
    erasedAt: { N: String(erasedAt) },
    ...(expiresAt === undefined ? {} : { expiresAt: { N: epochSeconds(expiresAt) } }),
  };
  await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
}
