import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { ExpectedTask, TaskObservation } from '../callback/observation.ts';
import { epochSeconds, isoTime } from '../callback/time.ts';
import type { Item } from './facets.ts';
import { appSortKey, EXPECTED, HEAD, LABELLED, roomKey, taskKey } from './keys.ts';
import { facetOrder } from './order.ts';
import { placeIn } from './place.ts';
import type { LedgerTable } from './table.ts';
import { facetUpdate, type LedgerUpdate, type Owner } from './updates.ts';

/*
 * What your backend says of a task is a facet of the task's own item beside those of callbacks. The indexes list the task
 * by an item of its own, in the room and at the time that your backend names: no callback has to correct those.
 */

/**
 * Stores what is expected of a task, said at `now`; it replaces what was said before. What is stored expires at
 * `expiresAt`, unless that is absent. Times are Unix times in ms. Rejects with the SDK's exceptions.
 */
export type StoreExpected = (
  owner: Owner,
  taskId: string,
  value: ExpectedTask,
  now: number,
  expiresAt?: number,
) => Promise<void>;

/** Stores expected tasks in the ledger table. */
export function createStoreExpected(
  client: DynamoDBClient,
  tableName: string,
  table: LedgerTable,
): StoreExpected {
  /** Whether it was written. */
  async function update(input: LedgerUpdate): Promise<boolean> {
    try {
      await client.send(new UpdateItemCommand({ TableName: tableName, ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  const labelled = new Set<string>();

  /** Lets change events of files look for labels. Apps without labels cost no reads. */
  async function markLabelled({ vendor, appId }: Owner): Promise<void> {
    const sk = appSortKey(vendor, appId);
    if (labelled.has(sk)) return;
    await update({
      Key: { pk: { S: LABELLED }, sk: { S: sk } },
      UpdateExpression: 'SET vendor = :vendor, appId = :appId',
      ExpressionAttributeValues: { ':vendor': { S: vendor }, ':appId': { S: appId } },
    });
    labelled.add(sk);
  }

  return async (owner, taskId, value, now, expiresAt) => {
    if (value.label !== undefined) await markLabelled(owner);
    let at = now;
    for (;;) {
      const observation = { entity: 'task', taskId, facet: 'expected', rank: 0, at, value } as const;
      const isWritten = await update(facetUpdate(owner, observation, expiresAt));
      const stored = isWritten
        ? undefined
        : await table.get({ pk: taskKey(owner.vendor, owner.appId, taskId), sk: HEAD });
      if (isWritten || stored?.expectedOrder?.S === facetOrder(observation)) {
        await update(listingUpdate(owner, observation, expiresAt));
        return;
      }
      // Said by a process whose clock is ahead, or in the same millisecond: what is said later is later.
      at = Math.max(at, timeOf(stored)) + 1;
    }
  };
}

function timeOf(item: Item | undefined): number {
  return (JSON.parse(item?.expected?.S ?? '{"at":0}') as { at: number }).at;
}

/** Lists the task where it is expected, or no more, unless something later was said. */
function listingUpdate(
  owner: Owner,
  observation: TaskObservation & { facet: 'expected' },
  expiresAt: number | undefined,
): LedgerUpdate {
  const { taskId, value, at } = observation;
  const pk = taskKey(owner.vendor, owner.appId, taskId);
  const { roomId } = value.task;
  const isListed = value.isWithdrawn !== true;
  const isInRoom = isListed && roomId !== undefined && roomId !== taskId;
  const attributes: Record<string, string | undefined> = {
    place: isListed ? placeIn('t', owner, pk) : undefined,
    placeAt: isListed ? isoTime(value.startedAt ?? at) : undefined,
    roomKey: isInRoom ? roomKey(owner.vendor, owner.appId, roomId) : undefined,
  };
  const sets = ['expectedOrder = :order'];
  const removes: string[] = [];
  const values: Record<string, AttributeValue> = { ':order': { S: facetOrder(observation) } };
  for (const [name, text] of Object.entries(attributes)) {
    if (text === undefined) removes.push(name);
    else {
      sets.push(`${name} = :${name}`);
      values[`:${name}`] = { S: text };
    }
  }
  if (expiresAt !== undefined) {
    sets.push('expiresAt = :expiresAt');
    values[':expiresAt'] = { N: epochSeconds(expiresAt) };
  }
  return {
    Key: { pk: { S: pk }, sk: { S: EXPECTED } },
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ConditionExpression: 'attribute_not_exists(expectedOrder) OR expectedOrder < :order',
    ExpressionAttributeValues: values,
  };
}
