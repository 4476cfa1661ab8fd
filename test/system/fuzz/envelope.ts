import { gunzipSync } from 'node:zlib';
import type { StoredItem } from './table.ts';

/** A message of the callback queue as documented, read without the code under test. */
export interface Envelope {
  source: string;
  appId: string;
  signature: string;
  timestamp?: string;
  nonce?: string;
  receivedAt: number;
  body: Buffer;
}

/**
 * Reads a message. A body that was too large for it is in `items`, from which its parts are taken. Throws when it is
 * no envelope.
 */
export function readEnvelope(message: string, items: Map<string, StoredItem>): Envelope {
  const { encoding, body, bodyKey, bodyParts, ...rest } = JSON.parse(message);
  const bytes = bodyKey === undefined ? Buffer.from(body, 'base64') : takeParts(bodyKey, bodyParts, items);
  return { ...rest, body: encoding === 'gzip' ? gunzipSync(bytes) : bytes };
}

/** The name of an item in a map of them. */
export function itemName({ pk, sk }: StoredItem): string {
  return `${pk.S} ${sk.S}`;
}

function takeParts(key: string, count: number, items: Map<string, StoredItem>): Buffer {
  const names = Array.from({ length: count }, (_, part) => `body#${key} part#${part}`);
  const parts = names.map((name) => Buffer.from(items.get(name)?.bytes?.B ?? '', 'base64'));
  for (const name of names) items.delete(name);
  return Buffer.concat(parts);
}
