import type { Vendor } from '../callback/callback.ts';
import type { AttentionApp, AttentionFile, AttentionTask } from '../ledger/answers.ts';
import { type Item, taskFacets } from '../ledger/facets.ts';
import { FILE_PREFIX, HEAD, HEARTBEATS, idsOfItem } from '../ledger/keys.ts';
import { readFileWithKind } from '../ledger/read-kind.ts';
import { readParts } from '../ledger/read-parts.ts';
import { firstOfPartition } from '../ledger/read-task.ts';
import { headOf, type Key, keyText, type LedgerTable } from '../ledger/table.ts';
import { fileView, taskView } from '../ledger/view.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { attentionId } from './attention-id.ts';
import { type AttentionItem, overdueOf } from './attention-item.ts';
import { isStillExpected } from './expectation.ts';
import { hiddenOf, isHidden } from './hidden.ts';
import { readExpectations } from './read-expectations.ts';

/** How many expectations are read at a time. */
const CONCURRENT_READS = 16;

/** The attention items that have an overdue expectation. */
export interface Overdue {
  files: AttentionFile[];
  tasks: AttentionTask[];
  apps: AttentionApp[];
}

/** Reads items of the watch index, in their order, without those whose callback came since the watch last checked. */
export async function readOverdueExpectations(
  table: LedgerTable,
  keys: readonly Key[],
  { now, hidden = false }: { now: number; hidden?: boolean | undefined },
): Promise<Overdue> {
  // Heartbeats have no such item; to ask for it costs nothing worth telling apart.
  const items = await table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  const found = new Map<string, Partial<Overdue>>();
  await forEachConcurrently(keys, CONCURRENT_READS, async (key) => {
    const item = items.get(keyText(key));
    const overdue = overdueOf(item);
    // The index follows the table a moment later.
    if (item === undefined || overdue === undefined) return;
    if (!hidden && isHidden('overdue', item, overdue, now)) return;
    const attentionItem =
      key.pk === HEARTBEATS
        ? { apps: [{ ...silentApp(item), ...decisionOn(key, item) }] }
        : await attentionItemOf(table, key, item, items.get(keyText(headOf(key))), overdue, now);
    found.set(keyText(key), attentionItem);
  });
  const inOrder = keys.map((key) => found.get(keyText(key)) ?? {});
  return {
    files: inOrder.flatMap(({ files = [] }) => files),
    tasks: inOrder.flatMap(({ tasks = [] }) => tasks),
    apps: inOrder.flatMap(({ apps = [] }) => apps),
  };
}

/** The id of an attention item, and the last decision on it. */
function decisionOn(key: Key, item: Item): Pick<AttentionApp, 'id' | 'hidden'> {
  return { id: attentionId({ kind: 'overdue', key }), hidden: hiddenOf('overdue', item) };
}

function silentApp(item: Item): Omit<AttentionApp, 'id'> {
  return {
    vendor: item.vendor?.S as Vendor,
    appId: item.appId?.S ?? '',
    reason: 'app_silent',
    lastReceivedAt: item.lastReceivedAt?.S ?? '',
  };
}

async function attentionItemOf(
  table: LedgerTable,
  key: Key,
  item: Item,
  head: Item | undefined,
  { reason, since }: AttentionItem<string>,
  now: number,
): Promise<Partial<Overdue>> {
  const expectations = await readExpectations(table, item, head);
  if (!isStillExpected(expectations, reason, Date.parse(since))) return {};
  const { owner, id, fileName } = idsOfItem(item);
  const facets = taskFacets(head);
  const decision = decisionOn(key, item);
  const missing = {
    reason: 'upload_missing',
    since,
    ...decision,
    label: facets.expected?.value.label,
  } as const;
  if (key.sk !== HEAD) {
    return { files: [{ ...fileView(owner, id, fileName, item, facets, now), ...missing }] };
  }
  const named = reason === 'upload_missing' ? facets.end?.value.file?.name : undefined;
  if (named !== undefined) {
    return { files: [{ ...fileView(owner, id, named, undefined, facets, now), ...missing }] };
  }
  const first = await firstOfPartition(table, key.pk, FILE_PREFIX);
  const withKind = await readFileWithKind(table, key.pk, facets, first);
  const parts = await readParts(table, key.pk, facets);
  const task = taskView(owner, id, facets, { ...withKind, parts, head });
  return { tasks: [{ ...task, reason: reason as AttentionTask['reason'], since, ...decision }] };
}
