import type { AttentionReason } from '../../types/index.d.ts';
import type { Item } from '../ledger/facets.ts';
import { idsOfItem } from '../ledger/keys.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Log, LogFields } from '../platform/log.ts';
import type { AttentionKind } from './attention-id.ts';
import type { AttentionItem } from './attention-item.ts';
import type { ChangeItem } from './item-changes.ts';
import type { Publish } from './notice.ts';
import type { WatchSettings } from './settings.ts';

/** No attention items of any reason; a forgotten reason does not compile. */
const NO_ITEMS: Readonly<Record<AttentionReason, 0>> = {
  upload_failed: 0,
  purge_near: 0,
  lost: 0,
  not_in_storage: 0,
  upload_missing: 0,
  task_silent: 0,
  screenshot_missing: 0,
  callback_missing: 0,
  app_silent: 0,
};

/** Why something is an attention item. */
export const ATTENTION_REASONS = Object.keys(NO_ITEMS) as readonly AttentionReason[];

/** What the watch needs of the outside world. */
export interface WatchServices {
  table: LedgerTable;
  change: ChangeItem;
  publish: Publish;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** What a run did, and how many attention items it found of each reason. */
export interface WatchResult extends Record<AttentionReason, number> {
  /** Failed uploads that can still be saved, and have failed for longer than the alarm waits. */
  savable: number;
  /** Files that turned out to be lost in this run. */
  newlyLost: number;
  /** Notices that were published. */
  notices: number;
  /** Items of the table that were checked. */
  checked: number;
  /** Attention items that somebody has hidden; the counts by reason leave them out. */
  hidden: number;
  /** Attention items that are new, or have a new reason. */
  raised: number;
  /** Attention items that ended because the expected callback came. */
  cleared: number;
  /** Attention items that left the list because of their age. */
  dropped: number;
  /** Items that were due when the time was up. */
  left: number;
}

/** The result of a run that has not checked anything yet. */
export function emptyResult(): WatchResult {
  return {
    ...NO_ITEMS,
    savable: 0,
    newlyLost: 0,
    notices: 0,
    checked: 0,
    hidden: 0,
    raised: 0,
    cleared: 0,
    dropped: 0,
    left: 0,
  };
}

/** The attention items that a run has found. */
export interface Notices {
  /** Adds an attention item as it is in the table now. */
  add(kind: AttentionKind, item: Item, attentionItem: AttentionItem<AttentionReason>): void;
  /** Publishes what nobody knows yet, and marks it as known. */
  publish(run: WatchRun, publish: Publish): Promise<void>;
}

/** A run of the watch. */
export interface WatchRun {
  services: WatchServices;
  settings: WatchSettings;
  /** Start of the run, Unix time in ms; every decision is made as of then. */
  now: number;
  result: WatchResult;
  notices: Notices;
  /** Counts `items` as left when the time is up; `false` while there is time. */
  isLate(items: number): boolean;
}

/** How many entries of an index are read at a time, each with its item and its task's. */
export const ENTRIES_PER_READ = 200;

/** How many items of a page are checked at once. */
export const CONCURRENT_ITEMS = 16;

/** What happened to an attention item. */
export type AttentionChange = 'raised' | 'cleared' | 'dropped';

/** Counts and logs the change of an attention item. `ids` leave out file names: these may be URLs. */
export function recordChange(
  { result, services }: WatchRun,
  change: AttentionChange,
  reason: AttentionReason,
  ids: LogFields,
): void {
  result[change] += 1;
  services.log(change === 'raised' ? 'warn' : 'info', 'attention', { change, reason, ...ids });
}

/** What a stored item that cannot be read makes the code throw. */
const UNREADABLE = [SyntaxError, TypeError, RangeError, URIError];

/**
 * Checks one item. What cannot be read is logged and counted as left, so that it holds up no other item. Rejects with
 * what else `check` rejects with.
 */
export async function checkAlone(
  { result, services }: WatchRun,
  item: Item,
  check: () => Promise<void>,
): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof Error) || !UNREADABLE.some((type) => error instanceof type)) throw error;
    result.left += 1;
    // The message of a syntax error quotes what it is about.
    services.log('error', 'watch_unreadable', { partition: item.pk?.S, reason: error.name });
  }
}

/** The ids of a task's or a file's item for the log. */
export function taskIds(item: Item): LogFields {
  const { owner, id } = idsOfItem(item);
  return { ...owner, taskId: id };
}
