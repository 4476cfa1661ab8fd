import { createHash } from 'node:crypto';
import type { Vendor } from '../callback/callback.ts';

/** The app that an item is of. */
export interface Owner {
  vendor: Vendor;
  appId: string;
}

/** DynamoDB allows 2,048 bytes for a partition key and 1,024 for a sort key. */
const LONGEST_KEY_PART_BYTES = 400;

/** The partitions that the attention index is spread over, so that a failing day does not throttle one. */
export const ATTENTION_SHARDS = shardsOf('attention', 8);

/**
 * The partitions of the watch index with expectations: each running task and each file that is not uploaded enters and
 * leaves one, at times that only ever rise, and a partition takes 1,000 of those a second. The stored names keep the
 * words of the index: `watch`, `open`, `overdue`.
 */
export const EXPECTATION_SHARDS = shardsOf('open', 32);

/** The partitions of the watch index with overdue expectations. */
export const OVERDUE_SHARDS = shardsOf('overdue', 8);

/** The partitions of the watch index with uploads that a bucket has to confirm once it answers again. */
export const UNCONFIRMED_SHARDS = shardsOf('unconfirmed', 8);

/**
 * The lists of the index `place`, each of one app and by time: tasks, pictures, other files (each of which stands also
 * for its task), and days of tasks of pictures.
 */
export type PlaceList = 't' | 'f' | 'b' | 'd';

/** The partitions of the place index with one list of an app: it takes a partition 1,000 new items a second. */
export function placeShards(list: PlaceList, { vendor, appId }: Owner): readonly string[] {
  return shardsOf([list, vendor, keyPart(appId)].join('#'), 8);
}

/** The partition of one task: its own item, its files and its events. */
export function taskKey(vendor: Vendor, appId: string, taskId: string): string {
  return ['task', vendor, keyPart(appId), keyPart(taskId)].join('#');
}

/** The partition of one room: its own item and its events. Also the key of the room index. */
export function roomKey(vendor: Vendor, appId: string, roomId: string): string {
  return ['room', vendor, keyPart(appId), keyPart(roomId)].join('#');
}

/**
 * The partition of one credential. Its identity is the signature (hex in either case), which is the hash of what the
 * vendor signed: nonce and timestamp have no separator, so the same signature fits several pairs of them.
 */
export function credentialKey(vendor: Vendor, appId: string, signature: string): string {
  return ['credential', vendor, keyPart(appId), keyPart(signature.toLowerCase())].join('#');
}

/** The partition of the acceptance of one message, by the message's exact text. */
export function acceptanceKey(text: string): string {
  return `acceptance#${createHash('sha256').update(text).digest('hex')}`;
}

/** The partition with one item for each app that has sent callbacks. */
export const HEARTBEATS = 'heartbeat';

/** The partition with one item for each app for whose tasks your backend has given labels. */
export const LABELLED = 'labelled';

/** The sort key of the item of an app in a partition that has one for each app. */
export function appSortKey(vendor: Vendor, appId: string): string {
  return `${vendor}#${keyPart(appId)}`;
}

/** The partition with one item for each task and room that was erased. */
export const TOMBSTONES = 'erased';

/** The sort key of a partition's tombstone: a hash, because its id may be what had to go. */
export function tombstoneSortKey(partition: string): string {
  return createHash('sha256').update(partition).digest('hex');
}

/** The one item of a task, room, credential or acceptance partition that is no file, event, target or day. */
export const HEAD = 'head';

/** The sort key of the item that lists a task in the indexes as it is expected, until callbacks do. */
export const EXPECTED = 'expected';

export const FILE_PREFIX = 'file#';
export const EVENT_PREFIX = 'event#';
export const TARGET_PREFIX = 'target#';

/** Of an item for each UTC day on which a task had pictures. */
export const DAY_PREFIX = 'day#';

/** The sort key of a file; files of a task are listed in the order of these. */
export function fileSortKey(name: string): string {
  return FILE_PREFIX + keyPart(name);
}

/**
 * The sort key of an event: by vendor time in ms (0 where the vendor sends no time), then by
 * content, so that a repeated event is one item.
 */
export function eventSortKey(at: number, hash: string): string {
  return `${EVENT_PREFIX}${String(at).padStart(15, '0')}#${hash}`;
}

/** The one of an index's partitions that the items of a table partition are in. */
export function shardOf(shards: readonly string[], partitionKey: string): string {
  const byte = createHash('sha256').update(partitionKey).digest()[0] ?? 0;
  return shards[byte % shards.length] ?? '';
}

function shardsOf(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, shard) => `${name}#${shard}`);
}

/** The order of sort keys in DynamoDB: by their UTF-8 bytes, which is not the order of JavaScript strings. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The ids of an item. */
export interface ItemIds {
  owner: Owner;
  /** The task or room id. */
  id: string;
  /** Empty unless it is a file's item. */
  fileName: string;
}

/**
 * The ids of a task's, a file's or a room's item: from its keys, or where those hold a hash from its attributes. Of a
 * heartbeat only whose it is.
 */
export function idsOfItem(item: Readonly<Record<string, { S?: string | undefined } | undefined>>): ItemIds {
  const [, vendor = '', app = '', id = ''] = (item.pk?.S ?? '').split('#');
  const sk = item.sk?.S ?? '';
  const file = sk.startsWith(FILE_PREFIX) ? sk.slice(FILE_PREFIX.length) : '';
  return {
    owner: { vendor: (item.vendor?.S ?? vendor) as Vendor, appId: item.appId?.S ?? decodeURIComponent(app) },
    id: item.taskId?.S ?? item.roomId?.S ?? decodeURIComponent(id),
    fileName: item.fileName?.S ?? decodeURIComponent(file),
  };
}

/** The vendor of a partition of a task or a room. */
export function vendorOfPartition(partition: string): Vendor {
  return partition.split('#')[1] as Vendor;
}

/** Those of the ids that a key can hold only as a hash. */
export function hashedIds(ids: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => keyPart(id).startsWith(HASH_PREFIX)));
}

/** No encoded id begins like this, because `%` itself is encoded. */
const HASH_PREFIX = '%sha256-';

/** An id without `#`, short enough for a key: a longer one is replaced by its hash, the item keeps the original. */
function keyPart(id: string): string {
  const encoded = id.toWellFormed().replace(/[%#]/g, encodeURIComponent);
  if (Buffer.byteLength(encoded) <= LONGEST_KEY_PART_BYTES) return encoded;
  return HASH_PREFIX + createHash('sha256').update(id).digest('hex');
}
