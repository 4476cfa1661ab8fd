import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Observation } from '../callback/observation.ts';
import { epochSeconds } from '../callback/time.ts';
import type { Item } from './facets.ts';
import { DAY_PREFIX, taskKey } from './keys.ts';
import { pictureDay, placeIn } from './place.ts';
import type { Owner } from './updates.ts';

/** How many days of tasks one process remembers; one that it forgets is written once more, which changes nothing. */
const MOST_REMEMBERED = 10_000;

/**
 * Remembers that a task had a picture on a day. What was stored expires at `expiresAt`, Unix
 * time in ms, unless that is absent. Resolves when it is stored; rejects with the SDK's exceptions. Does
 * nothing of other observations.
 */
export type MarkPictureDay = (
  owner: Owner,
  observation: Observation,
  expiresAt: number | undefined,
) => Promise<void>;

/**
 * Marks days in the ledger table: a room of screenshots has no start and no end, and is found on every day with an item
 * of its own. One process writes it once, so that a callback does not cost more for it.
 */
export function createPictureDays(client: DynamoDBClient, tableName: string): MarkPictureDay {
  const marked = new Map<string, Promise<void>>();

  async function write(owner: Owner, pk: string, day: string, expiresAt: number | undefined): Promise<void> {
    const expiry = expiresAt === undefined ? undefined : { N: epochSeconds(expiresAt) };
    await client.send(new PutItemCommand({ TableName: tableName, Item: dayItem(owner, pk, day, expiry) }));
  }

  return (owner, observation, expiresAt) => {
    const day = pictureDay(observation);
    if (day === undefined || observation.entity !== 'file') return Promise.resolve();
    const pk = taskKey(owner.vendor, owner.appId, observation.taskId);
    const key = `${pk} ${day}`;
    const known = marked.get(key);
    if (known !== undefined) return known;
    const writing = write(owner, pk, day, expiresAt);
    marked.set(key, writing);
    writing.catch(() => marked.delete(key));
    const [oldest] = marked.keys();
    if (marked.size > MOST_REMEMBERED && oldest !== undefined) marked.delete(oldest);
    return writing;
  };
}

/** The item of a day, such as `2026-01-15`, on which a task had pictures; it expires with those. */
export function dayItem(owner: Owner, pk: string, day: string, expiresAt: AttributeValue | undefined): Item {
  return {
    pk: { S: pk },
    sk: { S: DAY_PREFIX + day },
    place: { S: placeIn('d', owner, pk) },
    placeAt: { S: `${day}T00:00:00.000Z` },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
