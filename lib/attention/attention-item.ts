import type { AttentionReason } from '../../types/index.d.ts';
import { isoTime } from '../callback/time.ts';
import type { AttentionApp, AttentionFile, AttentionTask } from '../ledger/answers.ts';
import { type Item, isUploadedElsewhere } from '../ledger/facets.ts';
import { NO_DEADLINE } from '../ledger/updates.ts';
import type { AttentionKind } from './attention-id.ts';

/** What makes an item of the table an attention item. */
export interface AttentionItem<Reason> {
  reason: Reason;
  /** ISO time of the first failed upload, or of what started the wait for a callback. */
  since: string;
}

export type FailureReason = Exclude<AttentionFile['reason'], 'upload_missing'>;

/** Why a task or a file with an overdue expectation is an attention item. */
export type ExpectationReason = AttentionTask['reason'];

type OverdueReason = ExpectationReason | AttentionApp['reason'];

/** Reasons that earlier versions stored under another name. */
const EARLIER_NAMES: Readonly<Record<string, OverdueReason>> = { vendor_silent: 'app_silent' };

/** The attention that a failed upload needs at `now`, Unix time in ms; `undefined` when it needs none. */
export function failureAt(item: Item | undefined, now: number): AttentionItem<FailureReason> | undefined {
  const failure = failureOf(item);
  if (failure === undefined || (item?.attentionAt?.S ?? NO_DEADLINE) > isoTime(now)) return failure;
  return { ...failure, reason: 'lost' };
}

/** The attention that a failed upload needs, with the reason that the watch stored; `undefined` when it needs none. */
export function failureOf(item: Item | undefined): AttentionItem<FailureReason> | undefined {
  if (item?.attention === undefined) return undefined;
  const reason = (item.attentionReason?.S ?? 'upload_failed') as FailureReason;
  if (reason !== 'not_in_storage' && isUploadedElsewhere(item)) return undefined;
  return { reason, since: item.failedSince?.S ?? '' };
}

/** The attention that an overdue expectation needs; `undefined` when it needs none. `raisedAt` is ISO time. */
export function overdueOf(
  item: Item | undefined,
): (AttentionItem<OverdueReason> & { raisedAt: string }) | undefined {
  // A dropped attention item keeps its reason, and is no longer in the index.
  if (item?.watch === undefined || item.watchReason?.S === undefined) return undefined;
  const stored = item.watchReason.S;
  const reason = EARLIER_NAMES[stored] ?? (stored as OverdueReason);
  return { reason, since: item.watchSince?.S ?? '', raisedAt: item.watchAt?.S ?? '' };
}

/** The attention that an item of the table needs at `now`, Unix time in ms. */
export function attentionOf(
  kind: AttentionKind,
  item: Item | undefined,
  now: number,
): AttentionItem<AttentionReason> | undefined {
  return kind === 'failure' ? failureAt(item, now) : overdueOf(item);
}

/**
 * What distinguishes one occurrence of an attention item from the next: its reason, and the start of the wait, because what was
 * overdue once may be overdue again. A failed upload is one occurrence per reason.
 */
export function occurrenceOf(kind: AttentionKind, { reason, since }: AttentionItem<AttentionReason>): string {
  return kind === 'failure' ? reason : `${reason} ${since}`;
}
