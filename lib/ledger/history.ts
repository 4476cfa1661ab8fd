import { createHash } from 'node:crypto';
import type { AttributeValue, PutItemCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { CallbackEvent } from '../callback/callback.ts';
import { epochSeconds, isoTime } from '../callback/time.ts';
import type { Envelope } from '../queue/envelope.ts';
import { packBodyForItem } from '../queue/packed-body.ts';
import { boundedText } from './bounded.ts';
import { credentialKey, eventSortKey, HEAD, roomKey, taskKey } from './keys.ts';
import { contentHash } from './order.ts';
import { placeIn } from './place.ts';
import type { Owner } from './updates.ts';

/** Bodies that are larger even when compressed, in bytes, do not fit an item of 400 KB and are left out. */
const LARGEST_STORED_BODY_BYTES = 350_000;

/** A `PutItem` without its table. */
export type EventPut = Omit<PutItemCommandInput, 'TableName'>;

/** How an event is kept. */
export interface EventOptions {
  /** Unix time in ms at which it expires. */
  expiresAt: number;
  /** Whether it puts its task into lists: nothing else does when it says nothing of state. */
  listsTask: boolean;
  /** The message that brought it, by its id in the log. */
  messageId: string;
}

/** Keeps the raw callback as an event of its task, else of its room. A repeated event is one item. */
export function eventPut(
  owner: Owner,
  event: CallbackEvent,
  envelope: Envelope,
  { expiresAt, listsTask, messageId }: EventOptions,
): EventPut {
  const attributes: Record<string, AttributeValue> = {
    ...eventKey(owner, event),
    source: { S: envelope.source },
    type: { S: boundedText(event.type) },
    receivedAt: { S: isoTime(envelope.receivedAt) },
    messageId: { S: messageId },
    bodyBytes: { N: String(envelope.body.length) },
    ...(envelope.timestamp === undefined ? {} : { timestamp: { S: envelope.timestamp } }),
    expiresAt: { N: epochSeconds(expiresAt) },
    ...(event.at === undefined ? {} : { at: { S: isoTime(event.at) } }),
    ...(event.taskId === undefined ? {} : { taskId: { S: boundedText(event.taskId) } }),
    ...(event.roomId === undefined ? {} : { roomId: { S: boundedText(event.roomId) } }),
    ...(event.kind === undefined ? {} : { kind: { S: event.kind } }),
    ...(listsTask ? listKeys(owner, event, event.at ?? envelope.receivedAt) : {}),
  };
  const { encoding, bytes } = packBodyForItem(envelope.body, itemBytes(attributes) + BODY_ATTRIBUTES_BYTES);
  const body: Record<string, AttributeValue> =
    bytes.length > LARGEST_STORED_BODY_BYTES ? {} : { encoding: { S: encoding }, body: { B: bytes } };
  const item = { ...attributes, ...body };
  return { Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
}

/** The attributes of a body without its bytes. */
const BODY_ATTRIBUTES_BYTES = 'encodingidentitybody'.length;

/**
 * The size of an item by which DynamoDB bills, at most: names and values as UTF-8.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  const sizes = Object.entries(item).map(([name, { S, N }]) => Buffer.byteLength(name + (S ?? N ?? '')));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What lists the task of an event that began at `at`, Unix time in ms: in its room, and by time. */
function listKeys(
  owner: Owner,
  { taskId, roomId }: CallbackEvent,
  at: number,
): Record<string, AttributeValue> {
  if (taskId === undefined) return {};
  const place = placeIn('t', owner, taskKey(owner.vendor, owner.appId, taskId));
  return {
    ...(roomId === undefined ? {} : { roomKey: { S: roomKey(owner.vendor, owner.appId, roomId) } }),
    place: { S: place },
    placeAt: { S: isoTime(at) },
  };
}

/** A verified credential and the body that came with it. */
export interface CredentialUse {
  /** As it was received. */
  signature: string;
  body: Buffer;
  /** Unix time in ms after which no callback with this credential can be applied. */
  expiresAt: number;
  /** Where the history will have the callback; `undefined` when it will not. */
  event?: CallbackEvent | undefined;
}

/** Claims a credential for a body: allowed to the first body seen with it and to the same body again. */
export function credentialClaim(owner: Owner, use: CredentialUse): Omit<UpdateItemCommandInput, 'TableName'> {
  const place = use.event && placeOf(owner, use.event);
  return {
    Key: { pk: { S: credentialKey(owner.vendor, owner.appId, use.signature) }, sk: { S: HEAD } },
    UpdateExpression: `SET bodyHash = :bodyHash, expiresAt = :expiresAt${place ? ', eventPk = :pk, eventSk = :sk' : ''}`,
    ConditionExpression: 'attribute_not_exists(pk) OR bodyHash = :bodyHash',
    ExpressionAttributeValues: {
      ':bodyHash': { S: createHash('sha256').update(use.body).digest('hex') },
      ':expiresAt': { N: epochSeconds(use.expiresAt) },
      ...(place ? { ':pk': place.pk, ':sk': place.sk } : {}),
    },
    ReturnValues: 'ALL_OLD',
  };
}

/** The key of an event; `undefined` when it is nested too deep to be hashed, and so never is in the history. */
function placeOf(owner: Owner, event: CallbackEvent): Record<'pk' | 'sk', AttributeValue> | undefined {
  try {
    return eventKey(owner, event);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Changes nothing, and only where the event is in the history as it was signed at `timestamp`: a question that costs a
 * write unit and no read. A callback that does not say when it happened says something else when it is signed at
 * another time, though it is the same event.
 */
export function eventCheck(
  owner: Owner,
  event: CallbackEvent,
  timestamp: string,
): Omit<UpdateItemCommandInput, 'TableName'> {
  return {
    Key: eventKey(owner, event),
    UpdateExpression: 'SET #type = :type',
    ConditionExpression: '#timestamp = :timestamp',
    ExpressionAttributeNames: { '#type': 'type', '#timestamp': 'timestamp' },
    ExpressionAttributeValues: { ':type': { S: boundedText(event.type) }, ':timestamp': { S: timestamp } },
  };
}

function eventKey(owner: Owner, event: CallbackEvent): Record<'pk' | 'sk', AttributeValue> {
  const sortKey = eventSortKey(event.at ?? 0, contentHash(event.identity));
  return { pk: { S: eventPartition(owner, event) }, sk: { S: sortKey } };
}

function eventPartition({ vendor, appId }: Owner, event: CallbackEvent): string {
  if (event.taskId !== undefined) return taskKey(vendor, appId, event.taskId);
  return roomKey(vendor, appId, event.roomId ?? '');
}
