import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Observation, TaskFacet } from '../callback/observation.ts';
import { ANSWER_RANK, UPLOAD_RANK } from '../callback/rank.ts';
import { epochSeconds, isoTime } from '../callback/time.ts';
import { bounded, boundedText } from './bounded.ts';
import {
  ATTENTION_SHARDS,
  EXPECTATION_SHARDS,
  fileSortKey,
  HEAD,
  hashedIds,
  type Owner,
  roomKey,
  shardOf,
  TARGET_PREFIX,
  taskKey,
} from './keys.ts';
import { facetOrder, rankPrefix } from './order.ts';
import { placeOf } from './place.ts';

/*
 * A facet is a register: of all observations of it, the one of the highest order stays. Time line of an upload:
 *
 *   failed 10:00 ──▶ upload = failed 10:00   failedSince = 10:00   attentionAt = 10:00 + retention
 *   failed 10:10 ──▶ upload = failed 10:10   failedSince = 10:00   (the clock of the vendor's clean-up runs on)
 *   failed 09:50 ──▶ upload unchanged        failedSince = 09:50   (late news: the clock began earlier)
 *   uploaded     ──▶ upload = uploaded       failedSince, attention and attentionAt are removed
 *   failed …     ──▶ nothing: success outranks failure
 *
 * A facet after which another callback must follow opens an expectation in the same write; the watch checks it later:
 *
 *   started 09:00 ──▶ start, watch = open, watchAt = 09:00
 *   (the watch)   ──▶ watch = overdue, watchReason and watchSince, when the callback has not come in time
 *   ended 10:00   ──▶ end, watch = open, watchAt = 10:00; watchReason and watchSince are removed
 *   uploaded      ──▶ upload; a file's watch attributes are removed
 *
 * Where parts of a task run on their own, the end of one is not the task's. The watch checks it with its next run:
 *
 *   ended 10:00   ──▶ end, watch = open, watchAt an hour before
 *   (the watch)   ──▶ ended = the order of that end, when no part runs; `ended` is removed when one starts again
 */

export type { Owner } from './keys.ts';

/** The upload of one file, or of the files of a task that are not named one by one. */
type UploadObservation = Extract<Observation, { entity: 'task' | 'file' }> & { facet: 'upload' | 'answer' };

/** An `UpdateItem` without its table. */
export type LedgerUpdate = Omit<UpdateItemCommandInput, 'TableName'>;

/** Sorts after every ISO time: files that need attention without a deadline come last. */
export const NO_DEADLINE = '9999-12-31T23:59:59.999Z';

/** How long after an expectation began it is checked at the latest, in ms. */
export const LATEST_CHECK_MS = 60 * 60_000;

/** What says that an upload needs attention. */
const ATTENTION_ATTRIBUTES = ['failedSince', 'attention', 'attentionAt', 'attentionReason'];

/** The stored form of an item's expectation. */
export const WATCH_ATTRIBUTES: readonly string[] = ['watch', 'watchAt', 'watchReason', 'watchSince'];

/** Of two failures at the same time the one that leaves less time counts. */
const FAILURE_IS_EARLIER =
  '(failedSince > :failedSince OR (failedSince = :failedSince AND attentionAt > :attentionAt))';

const FACET_IS_NEWER = '(attribute_not_exists(#order) OR #order < :order)';

/** Writes the observed facet if its order is higher than the stored one's. `expiresAt` is Unix time in ms. */
export function facetUpdate(owner: Owner, observation: Observation, expiresAt?: number): LedgerUpdate {
  const { facet, at } = observation;
  const value = bounded<object>(observation.value);
  const sets = ['#facet = :value', '#order = :order'];
  const removes: string[] = [];
  const values: Record<string, AttributeValue> = {
    ':value': { S: JSON.stringify({ at, ...value }) },
    ':order': { S: facetOrder(observation) },
  };
  for (const [name, attribute] of Object.entries(attributesOf(owner, observation))) {
    sets.push(`${name} = :${name}`);
    values[`:${name}`] = { S: boundedText(attribute) };
  }
  if (expiresAt !== undefined) {
    sets.push('expiresAt = :expiresAt');
    values[':expiresAt'] = { N: epochSeconds(expiresAt) };
  }
  if (isSuccess(observation)) removes.push(...ATTENTION_ATTRIBUTES);
  if (isUnexpectedlyMissing(observation)) {
    sets.push('failedSince = :failedSince', 'attention = :attention', 'attentionAt = :attentionAt');
    sets.push('attentionReason = :attentionReason');
    removes.push(...WATCH_ATTRIBUTES);
    Object.assign(values, {
      ':failedSince': { S: isoTime(at) },
      ':attention': { S: shardOf(ATTENTION_SHARDS, partitionOf(owner, observation)) },
      ':attentionAt': { S: NO_DEADLINE },
      ':attentionReason': { S: 'not_in_storage' },
    });
  }
  if (isFailedUpload(observation)) {
    sets.push('failedSince = if_not_exists(failedSince, :failedSince)');
    sets.push('attention = :attention', 'attentionAt = if_not_exists(attentionAt, :attentionAt)');
    values[':attention'] = { S: shardOf(ATTENTION_SHARDS, partitionOf(owner, observation)) };
    Object.assign(values, failureTimes(observation));
  }
  if (opensExpectation(observation)) {
    const open = openExpectation(owner, observation);
    sets.push(...open.sets);
    removes.push(...open.removes);
    Object.assign(values, open.values);
  }
  if (observation.entity === 'file' && (isFailedUpload(observation) || isSuccess(observation)))
    removes.push(...WATCH_ATTRIBUTES);
  const room = roomKeyOf(owner, observation);
  if (room !== undefined) {
    sets.push('roomKey = if_not_exists(roomKey, :roomKey)');
    values[':roomKey'] = { S: room };
  }
  for (const [name, key] of Object.entries(placeOf(owner, observation))) {
    sets.push(`${name} = if_not_exists(${name}, :${name})`);
    values[`:${name}`] = { S: key };
  }
  return {
    Key: keyOf(owner, observation),
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ConditionExpression: FACET_IS_NEWER,
    ExpressionAttributeNames: { '#facet': facet, '#order': `${facet}Order` },
    ExpressionAttributeValues: values,
    ReturnValues: 'UPDATED_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/**
 * What an observation may have to correct after its facet was written or refused. `stored` are the attributes
 * of the item as far as they are known: usually they show that there is nothing to correct.
 */
export function corrections(
  owner: Owner,
  observation: Observation,
  stored: Record<string, AttributeValue> | undefined,
  isWritten: boolean,
): LedgerUpdate[] {
  const updates: LedgerUpdate[] = [];
  if (!isWritten && hasParts(observation) && !isRepeated(observation, stored)) {
    updates.push(checkUpdate(owner, observation));
  }
  if (isFailedUpload(observation) && (stored === undefined || isEarlierFailure(observation, stored))) {
    updates.push(earlierFailureUpdate(owner, observation));
  }
  const room = roomKeyOf(owner, observation);
  if (room !== undefined && stored?.roomKey?.S !== room) updates.push(roomUpdate(owner, observation, room));
  return updates;
}

/** What an observation may have to correct in the place of its item, which is no part of the state. */
export function placeCorrections(
  owner: Owner,
  observation: Observation,
  stored: Record<string, AttributeValue> | undefined,
): LedgerUpdate[] {
  return Object.entries(placeOf(owner, observation)).flatMap(([name, key]) => {
    const known = stored?.[name]?.S;
    return known === undefined || known > key ? [placeUpdate(keyOf(owner, observation), name, key)] : [];
  });
}

/** Whether the stored facet is that of the same callback. */
function isRepeated(observation: Observation, stored: Record<string, AttributeValue> | undefined): boolean {
  return stored?.[`${observation.facet}Order`]?.S === facetOrder(observation);
}

/** The start or end of one part that a later one of another part has overtaken: the task is checked all the same. */
function checkUpdate(owner: Owner, observation: Observation): LedgerUpdate {
  const { sets, removes, values } = openExpectation(owner, observation);
  return {
    Key: keyOf(owner, observation),
    UpdateExpression: `SET ${sets.join(', ')} REMOVE ${removes.join(', ')}`,
    ConditionExpression: 'attribute_exists(pk) AND #order <> :order',
    ExpressionAttributeNames: { '#order': `${observation.facet}Order` },
    ExpressionAttributeValues: { ...values, ':order': { S: facetOrder(observation) } },
  };
}

/** A failed upload may be the earliest one known, from which the vendor's clean-up counts; any source may report it. */
function earlierFailureUpdate(owner: Owner, observation: UploadObservation): LedgerUpdate {
  return {
    Key: keyOf(owner, observation),
    UpdateExpression: 'SET failedSince = :failedSince, attentionAt = :attentionAt',
    ConditionExpression: `(begins_with(uploadOrder, :failedUpload) OR begins_with(answerOrder, :failedAnswer)) AND ${FAILURE_IS_EARLIER}`,
    ExpressionAttributeValues: {
      ':failedUpload': { S: rankPrefix(UPLOAD_RANK.upload_failed) },
      ':failedAnswer': { S: rankPrefix(ANSWER_RANK.upload_failed) },
      ...failureTimes(observation),
    },
  };
}

function isEarlierFailure(observation: UploadObservation, stored: Record<string, AttributeValue>): boolean {
  const { ':failedSince': since, ':attentionAt': attentionAt } = failureTimes(observation);
  // Nothing has failed, or it succeeded.
  const [storedSince, storedAttention] = [stored.failedSince?.S ?? '', stored.attentionAt?.S ?? ''];
  return (
    storedSince > (since?.S ?? '') || (storedSince === since?.S && storedAttention > (attentionAt?.S ?? ''))
  );
}

/** Should a vendor name two rooms for one task, the one with the larger key lists it, whichever came first. */
function roomUpdate(owner: Owner, observation: Observation, room: string): LedgerUpdate {
  return {
    Key: keyOf(owner, observation),
    UpdateExpression: 'SET roomKey = :roomKey',
    ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(roomKey) OR roomKey < :roomKey)',
    ExpressionAttributeValues: { ':roomKey': { S: room } },
  };
}

/** Of all keys that callbacks give an item in the place index, the least one stays. */
export function placeUpdate(Key: Record<string, AttributeValue>, name: string, key: string): LedgerUpdate {
  return {
    Key,
    UpdateExpression: `SET ${name} = :key`,
    ConditionExpression: `attribute_exists(pk) AND (attribute_not_exists(${name}) OR ${name} > :key)`,
    ExpressionAttributeValues: { ':key': { S: key } },
  };
}

function failureTimes(observation: UploadObservation): Record<string, AttributeValue> {
  const { at, retentionMs, failedSince = at } = observation;
  return {
    ':failedSince': { S: isoTime(failedSince) },
    ':attentionAt': { S: retentionMs === undefined ? NO_DEADLINE : isoTime(failedSince + retentionMs) },
  };
}

function isFailedUpload(observation: Observation): observation is UploadObservation {
  return isFate(observation) && observation.value.status === 'upload_failed';
}

/** Whether somebody says that an upload succeeded. */
function isSuccess(observation: Observation): boolean {
  return (isFate(observation) || observation.facet === 'storage') && observation.value.status === 'uploaded';
}

function isUnexpectedlyMissing(observation: Observation): boolean {
  return (
    observation.entity === 'file' &&
    observation.facet === 'storage' &&
    observation.value.status === 'missing' &&
    observation.value.isUnexpected === true
  );
}

/** Whether a callback or the vendor's answer may say what became of an upload. */
function isFate(observation: Observation): observation is UploadObservation {
  return observation.facet === 'upload' || observation.facet === 'answer';
}

/** Whether another callback must follow: a running task ends, and what was recorded is uploaded. */
function opensExpectation(observation: Observation): boolean {
  if (observation.entity === 'file') {
    // Of a file whose name is temporary the task's own expectation speaks.
    if (observation.facet === 'storage') return false;
    const { status, isProvisional } = observation.value;
    return (status === 'recording' || status === 'closed') && isProvisional !== true;
  }
  if (observation.entity !== 'task') return false;
  // The watch settles what was withdrawn, too.
  if (observation.facet === 'expected') return true;
  if (observation.facet === 'start' || observation.facet === 'answer')
    return observation.value.status === 'started';
  return observation.facet === 'end' && (filesFollow(observation.value) || hasParts(observation));
}

/** A file keeps its place in the index until it is checked: that spares the index a write for each callback. */
function openExpectation(owner: Owner, observation: Observation) {
  const isFile = observation.entity === 'file';
  const set = (name: string) => `${name} = ${isFile ? `if_not_exists(${name}, :${name})` : `:${name}`}`;
  return {
    sets: [set('watch'), set('watchAt')],
    removes: ['watchReason', 'watchSince'],
    values: {
      ':watch': { S: shardOf(EXPECTATION_SHARDS, partitionOf(owner, observation)) },
      ':watchAt': { S: isoTime(checkFrom(observation)) },
    },
  };
}

/**
 * When the watch checks an expectation: in its next run where it alone can say until when to wait, which it cannot before.
 * Those are the end of one part of a task, and an expected task, which may have callbacks already.
 */
function checkFrom(observation: Observation): number {
  const isEndOfPart = observation.facet === 'end' && hasParts(observation);
  return isEndOfPart || observation.facet === 'expected' ? observation.at - LATEST_CHECK_MS : observation.at;
}

/** Whether parts of the observed task run on their own. */
function hasParts(observation: Observation): boolean {
  const isPhase =
    observation.entity === 'task' && (observation.facet === 'start' || observation.facet === 'end');
  return isPhase && observation.value.parts !== undefined;
}

/** Whether the vendor sends uploads after this end of a task. */
export function filesFollow(end: TaskFacet): boolean {
  return end.filesFollow === true || end.file !== undefined;
}

function keyOf(owner: Owner, observation: Observation): Record<string, AttributeValue> {
  return { pk: { S: partitionOf(owner, observation) }, sk: { S: sortKeyOf(observation) } };
}

function sortKeyOf(observation: Observation): string {
  if (observation.entity === 'file') return fileSortKey(observation.name);
  return observation.entity === 'target' ? TARGET_PREFIX + observation.targetId : HEAD;
}

/** The partition of what was observed. */
export function partitionOf({ vendor, appId }: Owner, observation: Observation): string {
  if (observation.entity === 'room') return roomKey(vendor, appId, observation.roomId);
  return taskKey(vendor, appId, observation.taskId);
}

/**
 * The key of the room that lists the observed task or file; a target's task is listed without it. A task whose id is its
 * room's is found without an entry, as is one that a file of the same callback stands for. An expected one has an item of its own for it.
 */
export function roomKeyOf({ vendor, appId }: Owner, observation: Observation): string | undefined {
  if (observation.entity === 'room' || observation.entity === 'target') return undefined;
  if (observation.entity === 'task' && (observation.isListedByFile || observation.facet === 'expected'))
    return undefined;
  const ofTask = observation.entity === 'file' ? observation.roomOfTask : undefined;
  const roomId = observation.value.task.roomId ?? ofTask;
  return roomId === undefined || roomId === observation.taskId ? undefined : roomKey(vendor, appId, roomId);
}

/** The ids that the keys hold only as a hash. */
function attributesOf({ appId }: Owner, observation: Observation): Record<string, string> {
  return hashedIds({
    appId,
    ...(observation.entity === 'room' ? { roomId: observation.roomId } : { taskId: observation.taskId }),
    ...(observation.entity === 'file' ? { fileName: observation.name } : {}),
  });
}
