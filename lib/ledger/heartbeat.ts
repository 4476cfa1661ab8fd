import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isoTime } from '../callback/time.ts';
import { HEARTBEATS, heartbeatSortKey } from './keys.ts';
import { type Owner, WATCH_ATTRIBUTES } from './updates.ts';

/** How much later the next callback is that one process writes the heartbeat of an app for, in ms. */
const HEARTBEAT_MS = 5 * 60_000;

/** Remembers that a callback of an app was received, at a Unix time in ms. Rejects with the SDK's exceptions. */
export type Heartbeat = (owner: Owner, receivedAt: number) => Promise<void>;

/**
 * Heartbeats in the ledger table: one item for each app with the time of its latest callback, which ends an
 * attention item of the app. Most calls write nothing, so that a callback does not cost more for it.
 */
export function createHeartbeat(client: DynamoDBClient, tableName: string): Heartbeat {
  const written = new Map<string, number>();

  return async (owner, receivedAt) => {
    const sk = heartbeatSortKey(owner.vendor, owner.appId);
    const last = written.get(sk);
    if (last !== undefined && receivedAt - last < HEARTBEAT_MS) return;
    written.set(sk, receivedAt);
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: { pk: { S: HEARTBEATS }, sk: { S: sk } },
      UpdateExpression: `SET vendor = :vendor, appId = :appId, lastReceivedAt = :receivedAt REMOVE ${WATCH_ATTRIBUTES.join(', ')}`,
      ConditionExpression: 'attribute_not_exists(lastReceivedAt) OR lastReceivedAt < :receivedAt',
      ExpressionAttributeValues: {
        ':vendor': { S: owner.vendor },
        ':appId': { S: owner.appId },
        ':receivedAt': { S: isoTime(receivedAt) },
      },
    });
    try {
      await client.send(command);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return;
      written.delete(sk);
      throw error;
    }
  };
}
