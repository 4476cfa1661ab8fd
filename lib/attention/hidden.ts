import type { AttentionReason, Hidden } from '../../types/index.d.ts';
import { isoTime } from '../callback/time.ts';
import type { Item } from '../ledger/facets.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { AttentionKey, AttentionKind } from './attention-id.ts';
import { type AttentionItem, attentionOf, occurrenceOf } from './attention-item.ts';
import type { ChangeItem } from './item-changes.ts';

/*
 * A decision to hide an attention item is stored with the item, and stays there: somebody may ask later who took it. It
 * names the occurrence it was taken for, so that no write has to undo it: an item with another reason is not hidden.
 */

/** The attribute with the decision, and those that it depends on. */
const ATTRIBUTES: Readonly<Record<AttentionKind, { decision: string; as: readonly string[] }>> = {
  failure: { decision: 'failureHidden', as: ['attention', 'attentionAt', 'attentionReason'] },
  overdue: { decision: 'overdueHidden', as: ['watch', 'watchReason', 'watchSince'] },
};

/** How often an item is read again because it changes meanwhile. */
const MOST_ATTEMPTS = 5;

type StoredDecision = Hidden & { occurrence: string };

/** The last decision to hide an attention item; `undefined` when nobody has taken one. */
export function hiddenOf(kind: AttentionKind, item: Item | undefined): Hidden | undefined {
  const stored = storedDecision(kind, item);
  if (stored === undefined) return undefined;
  const { occurrence: _, ...hidden } = stored;
  return hidden;
}

/** Whether an item is hidden at `now`, Unix time in ms: nothing has changed since the decision, and its time is not up. */
export function isHidden(
  kind: AttentionKind,
  item: Item | undefined,
  attentionItem: AttentionItem<AttentionReason>,
  now: number,
): boolean {
  const decision = storedDecision(kind, item);
  if (decision?.occurrence !== occurrenceOf(kind, attentionItem)) return false;
  return decision.until === undefined || isoTime(now) < decision.until;
}

function storedDecision(kind: AttentionKind, item: Item | undefined): StoredDecision | undefined {
  const stored = item?.[ATTRIBUTES[kind].decision]?.S;
  return stored === undefined ? undefined : (JSON.parse(stored) as StoredDecision);
}

/** Who hides an attention item, why, and until when (Unix time in ms); without it until the reason changes. */
export interface HideRequest {
  by: string;
  why: string;
  until?: number | undefined;
}

/** Whether the item is hidden now, or why not: it is no attention item, or it kept changing. */
export type HideResult = { ok: true; hidden: Hidden } | { ok: false; reason: 'not_found' | 'changed' };

/**
 * Hides an attention item as it is at `now`, Unix time in ms; the decision replaces an earlier one. Rejects with the
 * SDK's exceptions.
 */
export async function hideAttentionItem(
  { table, change }: { table: LedgerTable; change: ChangeItem },
  { kind, key }: AttentionKey,
  { by, why, until }: HideRequest,
  now: number,
): Promise<HideResult> {
  const { decision: attribute, as } = ATTRIBUTES[kind];
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const item = await table.get(key);
    const attentionItem = attentionOf(kind, item, now);
    if (item === undefined || attentionItem === undefined) return { ok: false, reason: 'not_found' };
    const hidden: Hidden = {
      ...{ by, why, at: isoTime(now), reason: attentionItem.reason },
      ...(until === undefined ? {} : { until: isoTime(until) }),
    };
    const decision: StoredDecision = { ...hidden, occurrence: occurrenceOf(kind, attentionItem) };
    const text = JSON.stringify(decision);
    // A write whose answer was lost has been made.
    if (item[attribute]?.S === text) return { ok: true, hidden };
    if (await change(item, [...as, attribute], { set: { [attribute]: text } })) return { ok: true, hidden };
  }
  return { ok: false, reason: 'changed' };
}
