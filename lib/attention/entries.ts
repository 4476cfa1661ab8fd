import type { AttentionFile, AttentionTask, AttentionVendor } from '../ledger/answers.ts';
import type { Item } from '../ledger/view.ts';

/** An entry of `/attention`, as the item says that it is of. */
export interface Entry<Reason> {
  reason: Reason;
  /** ISO time: since when the upload fails, or since when word is waited for. */
  since: string;
}

export type FailureReason = Exclude<AttentionFile['reason'], 'upload_missing'>;

/** Why something that should have been heard of a task or a file is an entry. */
export type MissingReason = AttentionTask['reason'];

type OverdueReason = MissingReason | AttentionVendor['reason'];

/** The entry of a failed upload, with the reason that the watch has seen; `undefined` when the item is none. */
export function failureOf(item: Item | undefined): Entry<FailureReason> | undefined {
  if (item?.attention === undefined) return undefined;
  const reason = (item.attentionReason?.S ?? 'upload_failed') as FailureReason;
  return { reason, since: item.failedSince?.S ?? '' };
}

/** The entry of something that is missing; `undefined` when the item is none. `raisedAt` is ISO time. */
export function overdueOf(item: Item | undefined): (Entry<OverdueReason> & { raisedAt: string }) | undefined {
  // What was given up keeps its reason, and is in the index no more.
  if (item?.watch === undefined || item.watchReason?.S === undefined) return undefined;
  const reason = item.watchReason.S as OverdueReason;
  return { reason, since: item.watchSince?.S ?? '', raisedAt: item.watchAt?.S ?? '' };
}
