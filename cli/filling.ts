import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../lib/ledger/facets.ts';
import { idsOfItem } from '../lib/ledger/keys.ts';
import { dayItem } from '../lib/ledger/picture-days.ts';
import { PLACE_ATTRIBUTES, placeOfItem } from '../lib/ledger/place.ts';
import { placeUpdate } from '../lib/ledger/updates.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';

/** How many parts of the table are read at the same time, and how many of its items are written. */
const SEGMENTS = 4;
const CONCURRENT_WRITES = 16;

/** What the place of an item depends on: not the bodies of stored callbacks, which are most of a table. */
const ATTRIBUTES = [
  ...['pk', 'sk', 'start', 'segment', 'end', 'upload', 'risk', 'appId', 'vendor', 'taskId', 'fileName'],
  ...['at', 'receivedAt', 'roomKey', 'expiresAt', ...PLACE_ATTRIBUTES],
];

/** The table, and how its progress is shown. */
export interface Filling {
  client: DynamoDBClient;
  tableName: string;
  /** Ends it early; what was placed stays. */
  signal: AbortSignal;
  /** Called after some items were read. */
  onProgress: (itemsRead: number) => void;
}

/** How many items were read, and how many of them had no place, or a later one. */
export interface FillingCounts {
  read: number;
  placed: number;
}

/** About how many items a table has. Rejects with the SDK's exceptions. */
export async function countItems(client: DynamoDBClient, TableName: string): Promise<number> {
  return (await client.send(new DescribeTableCommand({ TableName }))).Table?.ItemCount ?? 0;
}

/**
 * Gives tasks and files of earlier versions their place in the lists by time. It may run while callbacks come, and once
 * more: what has its place is only read. Rejects with the SDK's exceptions.
 */
export async function fillLists({ client, tableName, signal, onProgress }: Filling): Promise<FillingCounts> {
  const counts = { read: 0, placed: 0 };
  const segments = Array.from({ length: SEGMENTS }, (_, segment) => segment);
  const days = new Set<string>();
  await forEachConcurrently(segments, SEGMENTS, async (Segment) => {
    let start: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: tableName,
          Segment,
          TotalSegments: SEGMENTS,
          ProjectionExpression: ATTRIBUTES.map((name) => `#${name}`).join(', '),
          ExpressionAttributeNames: Object.fromEntries(ATTRIBUTES.map((name) => [`#${name}`, name])),
          ExclusiveStartKey: start,
        }),
      );
      await forEachConcurrently(Items, CONCURRENT_WRITES, async (item) => {
        if (!signal.aborted && (await place(client, tableName, item, days))) counts.placed += 1;
      });
      counts.read += Items.length;
      onProgress(counts.read);
      start = LastEvaluatedKey;
    } while (start !== undefined && !signal.aborted);
  });
  return counts;
}

/** Whether an item was given a place, or an earlier one. */
async function place(
  client: DynamoDBClient,
  TableName: string,
  item: Item,
  days: Set<string>,
): Promise<boolean> {
  const known = placeOfItem(item);
  if (known === undefined) return false;
  const { pk = { S: '' }, sk = { S: '' } } = item;
  const owner = idsOfItem(item).owner;
  for (const day of known.days) {
    const key = `${pk.S} ${day}`;
    if (days.has(key)) continue;
    days.add(key);
    await client.send(
      new PutItemCommand({ TableName, Item: dayItem(owner, pk.S ?? '', day, item.expiresAt) }),
    );
  }
  let isPlaced = false;
  for (const name of PLACE_ATTRIBUTES) {
    const current = item[name]?.S;
    // A file stands for the task of such an item.
    const isListedByFile = item.place === undefined && item.placeAt !== undefined;
    if (name === 'place' && isListedByFile) continue;
    if (current !== undefined && current <= known[name]) continue;
    isPlaced = (await update(client, TableName, { pk, sk }, name, known[name])) || isPlaced;
  }
  return isPlaced;
}

/** A callback may have given it an earlier place meanwhile, or it may have been erased. */
async function update(
  client: DynamoDBClient,
  TableName: string,
  key: Record<string, AttributeValue>,
  name: string,
  value: string,
): Promise<boolean> {
  try {
    await client.send(new UpdateItemCommand({ TableName, ...placeUpdate(key, name, value) }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
