import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { canonicalJson, type Json } from '../../../../lib/platform/json.ts';
import { unpackBody } from '../../../../lib/queue/packed-body.ts';
import type { StoredItem } from '../../../support/table-items.ts';

/** Everything that is there when all messages are gone. */
export interface EndState {
  items: ReadonlyMap<string, StoredItem>;
  /** Quarantined messages, as reason and body; one that was quarantined twice counts once. */
  quarantined: ReadonlySet<string>;
}

/** How an end state differs from the calm one. */
export interface Differences {
  /** Keys that the calm run has and the other has not. */
  lost: string[];
  /** Keys that only the other has: what counts twice has another key or another content. */
  doubled: string[];
  /** Keys whose items are not equal. */
  different: string[];
}

/** Of an event the delivery that came first is kept, and of a credential the one that came last. */
const OF_DELIVERY: Record<'event' | 'credential', readonly string[]> = {
  // Without a vendor time, its place in the lists is that of its reception.
  event: ['receivedAt', 'expiresAt', 'timestamp', 'encoding', 'body', 'bodyBytes', 'placeAt', 'messageId'],
  credential: ['expiresAt'],
};

/** Compares two end states; what an event holds of its delivery has to be of one that was accepted. */
export function differences(
  calm: EndState,
  other: EndState,
  acceptedBodies: ReadonlySet<string>,
): Differences {
  const result: Differences = { lost: [], doubled: [], different: [] };
  for (const [key, item] of calm.items) {
    const found = other.items.get(key);
    if (found === undefined) result.lost.push(key);
    else if (comparable(key, found) !== comparable(key, item)) result.different.push(key);
    else if (isEvent(key) && !acceptedBodies.has(bodyHash(bodyOf(found)))) result.different.push(key);
  }
  for (const key of other.items.keys()) if (!calm.items.has(key)) result.doubled.push(key);
  for (const entry of calm.quarantined) if (!other.quarantined.has(entry)) result.lost.push(entry);
  for (const entry of other.quarantined) if (!calm.quarantined.has(entry)) result.doubled.push(entry);
  return result;
}

/** Whether a key is that of an event. */
function isEvent(key: string): boolean {
  return key.includes(' event#');
}

/** What distinguishes bodies. */
export function bodyHash(body: Buffer | undefined): string {
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex');
}

function bodyOf(item: StoredItem): Buffer | undefined {
  return unpackBody(item.encoding?.S, Buffer.from(item.body?.B ?? []));
}

function comparable(key: string, item: StoredItem): string {
  const ignored = isEvent(key)
    ? OF_DELIVERY.event
    : key.startsWith('credential#')
      ? OF_DELIVERY.credential
      : [];
  const kept = Object.entries(item).filter(([name]) => !ignored.includes(name));
  return canonicalJson(Object.fromEntries(kept.map(([name, value]) => [name, plain(value)])));
}

function plain(value: AttributeValue): Json {
  return {
    ...value,
    ...(value.B === undefined ? {} : { B: Buffer.from(value.B).toString('base64') }),
  } as Json;
}
