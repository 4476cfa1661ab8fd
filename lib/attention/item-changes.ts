import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../ledger/facets.ts';
import { keyOfItem } from '../ledger/table.ts';
import { WATCH_ATTRIBUTES } from '../ledger/updates.ts';

/**
 * All that a decision on expectations was taken from and that a callback may have changed since. The stored attributes
 * keep the name that the index has: `watch…`.
 */
export const EXPECTATION_ATTRIBUTES = [
  ...WATCH_ATTRIBUTES,
  'ended',
  'startOrder',
  'endOrder',
  'segmentOrder',
  'uploadOrder',
  'storageOrder',
  'answerOrder',
];

/** The same of a failed upload, and of an app's heartbeat. */
export const FAILURE_ATTRIBUTES = [
  ...['storageOrder', 'answerOrder', 'attention', 'attentionAt'],
  ...['attentionReason', 'uploadOrder'],
];
export const HEARTBEAT_ATTRIBUTES = ['lastReceivedAt', ...WATCH_ATTRIBUTES];

/** A change of an item's attributes. */
export interface ItemChange {
  set?: Readonly<Record<string, string>>;
  remove?: readonly string[];
}

/** An item as it is once it was changed. */
export function changedItem(item: Item, { set = {}, remove = [] }: ItemChange): Item {
  const kept = Object.entries(item).filter(([name]) => !remove.includes(name));
  const sets = Object.entries(set).map(([name, value]) => [name, { S: value }] as const);
  return Object.fromEntries<AttributeValue>([...kept, ...sets]);
}

/** Drops an attention item: its reason stays, which distinguishes it from one that was cleared. */
export const DROPPED: ItemChange = { remove: ['watch', 'watchAt'] };

/**
 * Changes an item if the attributes `as` are still as they were read; resolves to whether they were. What has changed
 * in between is seen by the next run. Rejects with the SDK's exceptions.
 */
export type ChangeItem = (item: Item, as: readonly string[], change: ItemChange) => Promise<boolean>;

/** Changes of items in the ledger table. */
export function createItemChanges(client: DynamoDBClient, tableName: string): ChangeItem {
  return async (item, as, { set = {}, remove = [] }) => {
    const { pk, sk } = keyOfItem(item);
    const values: Record<string, AttributeValue> = {};
    const condition = as.map((name) => {
      const value = item[name];
      if (value === undefined) return `attribute_not_exists(${name})`;
      values[`:old_${name}`] = value;
      return `${name} = :old_${name}`;
    });
    const sets = Object.entries(set).map(([name, value]) => {
      values[`:new_${name}`] = { S: value };
      return `${name} = :new_${name}`;
    });
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: [
        sets.length > 0 ? `SET ${sets.join(', ')}` : '',
        remove.length > 0 ? `REMOVE ${remove.join(', ')}` : '',
      ].join(' '),
      ConditionExpression: condition.join(' AND '),
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    });
    try {
      await client.send(command);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
}
