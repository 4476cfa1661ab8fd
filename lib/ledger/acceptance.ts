import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { isoTime } from '../callback/time.ts';
import { unpackBody } from '../queue/packed-body.ts';
import type { Item } from './facets.ts';
import { acceptanceKey, credentialKey, HEAD } from './keys.ts';
import type { Owner } from './updates.ts';

/**
 * A person's decision to apply one quarantined message although it may be forged. It is an item of the table, so that
 * only somebody who may write to the table can make one, and it stays there for audits.
 */
export interface Acceptance {
  /** The AWS identity, or locally the user of the operating system. */
  by: string;
  why: string;
  /** ISO 8601 UTC. */
  at: string;
}

/** An acceptance with the message that it is for. */
export interface AcceptedMessage extends Acceptance {
  /** The exact text of the message: the same callback received once more is another message. */
  text: string;
  /** Why it was quarantined. */
  reason: string;
  messageId: string;
}

/** Stores an acceptance. Rejects with the SDK's exceptions. */
export async function storeAcceptance(
  client: DynamoDBClient,
  tableName: string,
  { text, by, why, at, reason, messageId }: AcceptedMessage,
): Promise<void> {
  const Item = {
    pk: { S: acceptanceKey(text) },
    sk: { S: HEAD },
    by: { S: by },
    why: { S: why },
    at: { S: at },
    reason: { S: reason },
    messageId: { S: messageId },
  };
  await client.send(new PutItemCommand({ TableName: tableName, Item }));
}

/** Asks for the acceptance of a message, by a write: so the consumer needs no permission to read. */
export function acceptanceUse(text: string, now: number): Omit<UpdateItemCommandInput, 'TableName'> {
  return {
    Key: { pk: { S: acceptanceKey(text) }, sk: { S: HEAD } },
    UpdateExpression: 'SET appliedAt = if_not_exists(appliedAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': { S: isoTime(now) } },
    ReturnValues: 'ALL_NEW',
  };
}

/** Reads an acceptance from its item. */
export function acceptedBy(item: Item | undefined): Acceptance {
  return { by: item?.by?.S ?? '', why: item?.why?.S ?? '', at: item?.at?.S ?? '' };
}

/** The body that owns a credential. */
export interface FirstBody {
  /** SHA-256 in hex. */
  hash: string;
  /** `undefined` when the history does not have it (any more). */
  body: Buffer | undefined;
}

/** The first body that came with a credential; `undefined` when nothing claims it. Rejects with the SDK's exceptions. */
export async function readFirstBody(
  client: DynamoDBClient,
  tableName: string,
  { vendor, appId }: Owner,
  signature: string,
): Promise<FirstBody | undefined> {
  const get = async (pk: string, sk: string) =>
    (await client.send(new GetItemCommand({ TableName: tableName, Key: { pk: { S: pk }, sk: { S: sk } } })))
      .Item;
  const claim = await get(credentialKey(vendor, appId, signature), HEAD);
  const hash = claim?.bodyHash?.S;
  if (claim === undefined || hash === undefined) return undefined;
  const { eventPk, eventSk } = claim;
  if (eventPk?.S === undefined || eventSk?.S === undefined) return { hash, body: undefined };
  const event = await get(eventPk.S, eventSk.S);
  const packed = event?.body?.B;
  const body = packed && unpackBody(event?.encoding?.S, Buffer.from(packed));
  return { hash, body };
}
