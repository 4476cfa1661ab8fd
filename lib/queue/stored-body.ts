import { createHash } from 'node:crypto';
import type { PutItem, PutResult, TableItem } from '../platform/aws/table-writer.ts';
import { LARGEST_BODY_BYTES } from './packed-body.ts';

/** What fits an item of 400 KB beside its keys, in bytes. */
export const LARGEST_PART_BYTES = 350_000;

/** The most parts that a body has: compression adds a little to bytes that cannot be compressed. */
const MOST_PARTS = Math.ceil((LARGEST_BODY_BYTES + 1_024) / LARGEST_PART_BYTES);

/** A hash as `storeBody` makes it. */
const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * How long the parts are kept, in ms: longer than a message can wait in the callback queue, the dead-letter
 * queue and the quarantine queue one after the other.
 */
const KEPT_MS = 60 * 24 * 60 * 60_000;

/** Where a body is that is too large for its message: in parts, in the table. */
export interface StoredBody {
  /** The hash of the packed bytes, so that a repeated callback writes the same items. */
  key: string;
  parts: number;
}

/**
 * Whether a body can be there. A message that names a million parts would have all of them read: no memory is
 * enough for that, and the rest of its batch would fail with it.
 */
export function isStoredBody({ key, parts }: StoredBody): boolean {
  return SHA256_HEX.test(key) && Number.isInteger(parts) && parts >= 1 && parts <= MOST_PARTS;
}

/** The table key of one part. */
export function bodyPartKey(key: string, part: number): { pk: { S: string }; sk: { S: string } } {
  return { pk: { S: `body#${key}` }, sk: { S: `part#${part}` } };
}

/** Puts packed bytes into the table before `deadline`, Unix time in ms. Never throws. */
export async function storeBody(
  bytes: Buffer,
  put: PutItem,
  deadline: number,
): Promise<{ ok: true; stored: StoredBody } | { ok: false; reason: string }> {
  const key = createHash('sha256').update(bytes).digest('hex');
  const items = partItems(key, bytes, Math.ceil((Date.now() + KEPT_MS) / 1000));
  const results: PutResult[] = await Promise.all(items.map((item) => put(item, deadline)));
  return results.find((result) => !result.ok) ?? { ok: true, stored: { key, parts: items.length } };
}

function partItems(key: string, bytes: Buffer, expiresAt: number): TableItem[] {
  const items: TableItem[] = [];
  for (let start = 0; start < bytes.length; start += LARGEST_PART_BYTES) {
    const part = bytes.subarray(start, start + LARGEST_PART_BYTES);
    items.push({
      ...bodyPartKey(key, items.length),
      bytes: { B: part.toString('base64') },
      expiresAt: { N: String(expiresAt) },
    });
  }
  return items;
}
