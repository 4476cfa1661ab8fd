import type { Vendor } from '../callback/callback.ts';
import type { AttentionFile, AttentionTask, AttentionVendor } from '../ledger/answers.ts';
import { FILE_PREFIX, HEAD, HEARTBEATS, idsOfItem } from '../ledger/keys.ts';
import { firstOfPartition } from '../ledger/read-task.ts';
import { headOf, type Key, keyText, type LedgerTable } from '../ledger/table.ts';
import { fileView, type Item, taskFacets, taskView } from '../ledger/view.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { type Entry, overdueOf } from './entries.ts';
import { isStillMissing } from './expectation.ts';
import { readMatter } from './read-expectation.ts';

/** How many entries are read at a time. */
const CONCURRENT_READS = 16;

/** What is missing: word of files, of tasks, of vendors. */
export interface Overdue {
  files: AttentionFile[];
  tasks: AttentionTask[];
  vendors: AttentionVendor[];
}

/** Reads entries of the watch index, in their order, without those of which word has come since the watch last looked. */
export async function readOverdue(table: LedgerTable, keys: readonly Key[], now: number): Promise<Overdue> {
  // Heartbeats have no such item; to ask for it costs nothing worth telling apart.
  const items = await table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  const entries = new Map<string, Partial<Overdue>>();
  await forEachConcurrently(keys, CONCURRENT_READS, async (key) => {
    const item = items.get(keyText(key));
    const overdue = overdueOf(item);
    // The index follows the table a moment later.
    if (item === undefined || overdue === undefined) return;
    const entry =
      key.pk === HEARTBEATS
        ? { vendors: [vendorOf(item)] }
        : await entryOf(table, key, item, items.get(keyText(headOf(key))), overdue, now);
    entries.set(keyText(key), entry);
  });
  const found = keys.map((key) => entries.get(keyText(key)) ?? {});
  return {
    files: found.flatMap(({ files = [] }) => files),
    tasks: found.flatMap(({ tasks = [] }) => tasks),
    vendors: found.flatMap(({ vendors = [] }) => vendors),
  };
}

function vendorOf(item: Item): AttentionVendor {
  return {
    vendor: item.vendor?.S as Vendor,
    appId: item.appId?.S ?? '',
    reason: 'vendor_silent',
    lastReceivedAt: item.lastReceivedAt?.S ?? '',
  };
}

async function entryOf(
  table: LedgerTable,
  key: Key,
  item: Item,
  head: Item | undefined,
  { reason, since }: Entry<string>,
  now: number,
): Promise<Partial<Overdue>> {
  const matter = await readMatter(table, item, head);
  if (!isStillMissing(matter, reason, Date.parse(since))) return {};
  const { owner, id, fileName } = idsOfItem(item);
  const facets = taskFacets(head);
  const missing = { reason: 'upload_missing', since } as const;
  if (key.sk !== HEAD) {
    return { files: [{ ...fileView(owner, id, fileName, item, facets, now), ...missing }] };
  }
  const named = reason === 'upload_missing' ? facets.end?.value.file?.name : undefined;
  if (named !== undefined) {
    return { files: [{ ...fileView(owner, id, named, undefined, facets, now), ...missing }] };
  }
  const file = await firstOfPartition(table, key.pk, FILE_PREFIX);
  const task = taskView(owner, id, facets, file);
  return { tasks: [{ ...task, reason: reason as AttentionTask['reason'], since }] };
}
