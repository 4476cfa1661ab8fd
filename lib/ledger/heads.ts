import type { Item } from './facets.ts';
import { HEAD } from './keys.ts';
import { keyText, type LedgerTable } from './table.ts';

/** Reads the items of tasks themselves, by their partitions; those that exist. */
export type ReadHeads = (partitions: readonly string[]) => Promise<Map<string, Item>>;

/** Remembers what it has read: it is made for one answer. */
export function createHeadReader(table: LedgerTable): ReadHeads {
  const known = new Map<string, Promise<Map<string, Item>>>();
  return async (partitions) => {
    const unread = [...new Set(partitions)].filter((pk) => !known.has(pk));
    const reading = table.getAll(unread.map((pk) => ({ pk, sk: HEAD })));
    for (const pk of unread) known.set(pk, reading);
    const heads = new Map<string, Item>();
    for (const pk of partitions) {
      const head = (await known.get(pk))?.get(keyText({ pk, sk: HEAD }));
      if (head !== undefined) heads.set(pk, head);
    }
    return heads;
  };
}
