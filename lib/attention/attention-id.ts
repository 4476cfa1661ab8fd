import { HEARTBEATS } from '../ledger/keys.ts';
import type { Key } from '../ledger/table.ts';
import { parseJson } from '../platform/json.ts';

/** An item of the table is an attention item for a failed upload, for an overdue expectation, or for each of them. */
export type AttentionKind = 'failure' | 'overdue';

/** DynamoDB takes no longer keys. */
const LONGEST_PARTITION_KEY_BYTES = 2048;
const LONGEST_SORT_KEY_BYTES = 1024;

/** Where an attention item is stored. */
export interface AttentionKey {
  kind: AttentionKind;
  key: Key;
}

/**
 * The stable id of an attention item, in the base64url alphabet. Files that a vendor reports with one callback for their
 * whole task are one attention item: they share its id.
 */
export function attentionId({ kind, key }: AttentionKey): string {
  return Buffer.from(JSON.stringify([kind, key.pk, key.sk])).toString('base64url');
}

/** Reads an id back; `undefined` when the text is not one. */
export function parseAttentionId(id: string): AttentionKey | undefined {
  const parsed = parseJson(Buffer.from(id, 'base64url').toString('utf8'));
  if (!Array.isArray(parsed) || parsed.length !== 3) return undefined;
  const [kind, pk, sk] = parsed;
  if (kind !== 'failure' && kind !== 'overdue') return undefined;
  if (typeof pk !== 'string' || typeof sk !== 'string' || sk === '') return undefined;
  if (pk !== HEARTBEATS && !pk.startsWith('task#')) return undefined;
  if (Buffer.byteLength(pk) > LONGEST_PARTITION_KEY_BYTES) return undefined;
  if (Buffer.byteLength(sk) > LONGEST_SORT_KEY_BYTES) return undefined;
  const key: AttentionKey = { kind, key: { pk, sk } };
  return attentionId(key) === id ? key : undefined;
}
