import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Vendor } from '../callback.ts';
import { attentionShard, fileSortKey, HEAD, hashedIds, roomKey, taskKey } from './keys.ts';
import type { Observation } from './observation.ts';
import { facetOrder, rankPrefix } from './order.ts';

/*
 * A facet is a register: of all observations of it, the one of the highest order stays. Time line of an upload:
 *
 *   failed 10:00 ──▶ upload = failed 10:00   failedSince = 10:00   attentionAt = 10:00 + retention
 *   failed 10:10 ──▶ upload = failed 10:10   failedSince = 10:00   (the clock of the vendor's clean-up runs on)
 *   failed 09:50 ──▶ upload unchanged        failedSince = 09:50   (late news: the clock began earlier)
 *   uploaded     ──▶ upload = uploaded       failedSince, attention and attentionAt are removed
 *   failed …     ──▶ nothing: success outranks failure
 */

/** The app that an observation is about. */
export interface Owner {
  vendor: Vendor;
  appId: string;
}

/** What became of one file, or of the files of a task that are not told of one by one. */
type UploadObservation = Exclude<Observation, { entity: 'room' }> & { facet: 'upload' };

/** An `UpdateItem` without its table. */
export type LedgerUpdate = Omit<UpdateItemCommandInput, 'TableName'>;

/** Sorts after every ISO time: files that need attention without a deadline come last. */
export const NO_DEADLINE = '9999-12-31T23:59:59.999Z';

/** Of two failures at the same time the one that leaves less time counts. */
const FAILURE_IS_EARLIER =
  '(failedSince > :failedSince OR (failedSince = :failedSince AND attentionAt > :attentionAt))';

const FACET_IS_NEWER = '(attribute_not_exists(#order) OR #order < :order)';

/** Writes the observed facet if its order is higher than the stored one's. */
export function facetUpdate(owner: Owner, observation: Observation): LedgerUpdate {
  const { facet, at, value } = observation;
  const sets = ['#facet = :value', '#order = :order'];
  const removes: string[] = [];
  const values: Record<string, AttributeValue> = {
    ':value': { S: JSON.stringify({ at, ...value }) },
    ':order': { S: facetOrder(observation) },
  };
  for (const [name, attribute] of Object.entries(attributesOf(owner, observation))) {
    sets.push(`${name} = :${name}`);
    values[`:${name}`] = { S: attribute };
  }
  if (isUpload(observation) && observation.rank > 0) removes.push('failedSince', 'attention', 'attentionAt');
  if (isUpload(observation) && observation.rank === 0) {
    sets.push('failedSince = if_not_exists(failedSince, :failedSince)');
    sets.push('attention = :attention', 'attentionAt = if_not_exists(attentionAt, :attentionAt)');
    values[':attention'] = { S: attentionShard(taskKey(owner.vendor, owner.appId, observation.taskId)) };
    Object.assign(values, failureTimes(observation));
  }
  return {
    Key: keyOf(owner, observation),
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ConditionExpression: FACET_IS_NEWER,
    ExpressionAttributeNames: { '#facet': facet, '#order': `${facet}Order` },
    ExpressionAttributeValues: values,
    ReturnValues: isUpload(observation) && observation.rank === 0 ? 'UPDATED_NEW' : 'NONE',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/**
 * A failed upload that did not become the facet may still be the earliest one known, from which the vendor's
 * clean-up counts. `undefined` when the observation is no failed upload.
 */
export function earlierFailureUpdate(owner: Owner, observation: Observation): LedgerUpdate | undefined {
  if (!isUpload(observation) || observation.rank !== 0) return undefined;
  return {
    Key: keyOf(owner, observation),
    UpdateExpression: 'SET failedSince = :failedSince, attentionAt = :attentionAt',
    ConditionExpression: `begins_with(uploadOrder, :failedRank) AND ${FAILURE_IS_EARLIER}`,
    ExpressionAttributeValues: { ':failedRank': { S: rankPrefix(0) }, ...failureTimes(observation) },
  };
}

/** Whether `earlierFailureUpdate` would change an item with these attributes. */
export function isEarlierFailure(observation: Observation, stored: Record<string, AttributeValue>): boolean {
  if (!isUpload(observation) || !stored.uploadOrder?.S?.startsWith(rankPrefix(0))) return false;
  const { ':failedSince': since, ':attentionAt': attentionAt } = failureTimes(observation);
  const [storedSince, storedAttention] = [stored.failedSince?.S ?? '', stored.attentionAt?.S ?? ''];
  return (
    storedSince > (since?.S ?? '') || (storedSince === since?.S && storedAttention > (attentionAt?.S ?? ''))
  );
}

/** Unix time in ms as ISO 8601 UTC with milliseconds, which sorts as text. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function failureTimes({ at, retentionMs }: UploadObservation): Record<string, AttributeValue> {
  return {
    ':failedSince': { S: isoTime(at) },
    ':attentionAt': { S: retentionMs === undefined ? NO_DEADLINE : isoTime(at + retentionMs) },
  };
}

function isUpload(observation: Observation): observation is UploadObservation {
  return observation.entity !== 'room' && observation.facet === 'upload';
}

function keyOf({ vendor, appId }: Owner, observation: Observation): Record<string, AttributeValue> {
  if (observation.entity === 'room') {
    return { pk: { S: roomKey(vendor, appId, observation.roomId) }, sk: { S: HEAD } };
  }
  const sortKey = observation.entity === 'file' ? fileSortKey(observation.name) : HEAD;
  return { pk: { S: taskKey(vendor, appId, observation.taskId) }, sk: { S: sortKey } };
}

/** The ids that the keys hold only as a hash, and the key of the room index. */
function attributesOf({ vendor, appId }: Owner, observation: Observation): Record<string, string> {
  const roomId = observation.entity === 'room' ? undefined : observation.value.task.roomId;
  return {
    ...hashedIds(
      observation.entity === 'room' ? { roomId: observation.roomId } : { taskId: observation.taskId },
    ),
    ...hashedIds(observation.entity === 'file' ? { appId, fileName: observation.name } : { appId }),
    ...(roomId === undefined ? {} : { roomKey: roomKey(vendor, appId, roomId) }),
  };
}
