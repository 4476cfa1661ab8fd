import type { AttentionReason } from '../../types/index.d.ts';
import { idsOfItem } from '../ledger/keys.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Item } from '../ledger/view.ts';
import type { Log, LogFields } from '../platform/log.ts';
import type { ChangeItem } from './item-changes.ts';
import type { WatchSettings } from './settings.ts';

/** Why something is an entry of `/attention`. */
export const ATTENTION_REASONS = [
  'upload_failed',
  'purge_near',
  'lost',
  'upload_missing',
  'task_silent',
  'screenshot_missing',
  'vendor_silent',
] as const satisfies readonly AttentionReason[];

/** What the watch needs of the outside world. */
export interface WatchServices {
  table: LedgerTable;
  change: ChangeItem;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** What a run did, and how many entries it found of each reason. */
export interface WatchResult extends Record<AttentionReason, number> {
  /** Items that were looked at. */
  looked: number;
  /** Entries that are new, or have a new reason. */
  raised: number;
  /** Entries that ended because what was missing came. */
  cleared: number;
  /** Entries that left the list because of their age. */
  dropped: number;
  /** Items that were due, and there was no time for. */
  left: number;
}

/** A run of the watch. */
export interface WatchRun {
  services: WatchServices;
  settings: WatchSettings;
  /** When the run began, Unix time in ms; what is decided is decided as of then. */
  now: number;
  result: WatchResult;
  /** Counts what there is no more time for; `false` as long as there is time. */
  isLate(items: number): boolean;
}

/** How many entries of an index are read at a time, each with its item and its task's. */
export const ENTRIES_PER_READ = 200;

/** How many items of a page are worked on at once. */
export const CONCURRENT_ITEMS = 16;

/** What has become of an entry. */
export type EntryChange = 'raised' | 'cleared' | 'dropped';

/** Counts and logs what became of an entry. `ids` says of what it is, without the names of files: they may be URLs. */
export function tellOf(
  { result, services }: WatchRun,
  entry: EntryChange,
  reason: AttentionReason,
  ids: LogFields,
): void {
  result[entry] += 1;
  services.log(entry === 'raised' ? 'warn' : 'info', 'attention', { entry, reason, ...ids });
}

/** The ids of a task's or a file's item for the log. */
export function taskIds(item: Item): LogFields {
  const { owner, id } = idsOfItem(item);
  return { ...owner, taskId: id };
}
