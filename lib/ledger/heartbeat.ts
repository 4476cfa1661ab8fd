import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { isoTime } from '../callback/time.ts';
import { appSortKey, HEARTBEATS } from './keys.ts';
import { type Owner, WATCH_ATTRIBUTES } from './updates.ts';

/** How much later the next callback is that one process writes the heartbeat of a secret for, in ms. */
const HEARTBEAT_MS = 5 * 60_000;

/** What a received callback says of its app: when it came, Unix time in ms, and which of the app's secrets verified it. */
export interface Beat {
  receivedAt: number;
  keyIndex: number;
}

/** Remembers that a callback of an app was received. Rejects with the SDK's exceptions. */
export type Heartbeat = (owner: Owner, beat: Beat) => Promise<void>;

/**
 * Heartbeats in the ledger table: one item for each app with the time of its latest callback, which ends an
 * attention item of the app, and with the time of the latest one that each secret verified. Most calls write nothing,
 * so that a callback does not cost more for it.
 */
export function createHeartbeat(client: DynamoDBClient, tableName: string): Heartbeat {
  const written = new Map<string, number>();

  async function write(input: Omit<UpdateItemCommandInput, 'TableName'>): Promise<boolean> {
    try {
      await client.send(new UpdateItemCommand({ TableName: tableName, ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return async (owner, { receivedAt, keyIndex }) => {
    const sk = appSortKey(owner.vendor, owner.appId);
    const secret = verifiedAttribute(keyIndex);
    const memory = `${sk} ${secret}`;
    const last = written.get(memory);
    if (last !== undefined && receivedAt - last < HEARTBEAT_MS) return;
    written.set(memory, receivedAt);
    const Key = { pk: { S: HEARTBEATS }, sk: { S: sk } };
    const time = { ':receivedAt': { S: isoTime(receivedAt) } };
    try {
      const isLatest = await write({
        Key,
        UpdateExpression: `SET vendor = :vendor, appId = :appId, lastReceivedAt = :receivedAt, ${secret} = :receivedAt REMOVE ${WATCH_ATTRIBUTES.join(', ')}`,
        ConditionExpression: 'attribute_not_exists(lastReceivedAt) OR lastReceivedAt < :receivedAt',
        ExpressionAttributeValues: { ...time, ':vendor': { S: owner.vendor }, ':appId': { S: owner.appId } },
      });
      if (isLatest) return;
      // Another secret has verified a later callback: both are in use.
      await write({
        Key,
        UpdateExpression: `SET ${secret} = :receivedAt`,
        ConditionExpression: `attribute_not_exists(${secret}) OR ${secret} < :receivedAt`,
        ExpressionAttributeValues: time,
      });
    } catch (error) {
      written.delete(memory);
      throw error;
    }
  };
}

const VERIFIED = /^verifiedAt(\d+)$/;

/** The attribute with the time of the latest callback that the secret of an index verified. */
function verifiedAttribute(keyIndex: number): string {
  return `verifiedAt${keyIndex}`;
}

/** An app that has called. Times are ISO 8601 UTC. */
export interface StoredHeartbeat extends Owner {
  lastReceivedAt: string;
  /** When each secret last verified a callback, by its index at that time. */
  verifiedAt: ReadonlyMap<number, string>;
}

/** Reads the heartbeats of all apps. Rejects with the SDK's exceptions. */
export async function readHeartbeats(client: DynamoDBClient, tableName: string): Promise<StoredHeartbeat[]> {
  const query = {
    TableName: tableName,
    KeyConditionExpression: 'pk = :heartbeats',
    ExpressionAttributeValues: { ':heartbeats': { S: HEARTBEATS } },
  };
  const found: StoredHeartbeat[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    for (const item of Items) {
      const times = Object.entries(item).flatMap(([name, { S: time }]): [number, string][] => {
        const index = VERIFIED.exec(name)?.[1];
        return index === undefined || time === undefined ? [] : [[Number(index), time]];
      });
      found.push({
        vendor: item.vendor?.S as Owner['vendor'],
        appId: item.appId?.S ?? '',
        lastReceivedAt: item.lastReceivedAt?.S ?? '',
        verifiedAt: new Map(times),
      });
    }
  }
  return found;
}
