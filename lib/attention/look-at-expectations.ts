import { VENDORS } from '../callback/callback.ts';
import { isoTime } from '../callback/time.ts';
import { HEARTBEATS, idsOfItem, OPEN_SHARDS, OVERDUE_SHARDS, shardOf } from '../ledger/keys.ts';
import { headOf, keyOfItem, keyText } from '../ledger/table.ts';
import { WATCH_ATTRIBUTES } from '../ledger/updates.ts';
import type { Item } from '../ledger/view.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { overdueOf } from './entries.ts';
import { type Decision, decide } from './expectation.ts';
import { GIVEN_UP, type ItemChange, MATTER_ATTRIBUTES } from './item-changes.ts';
import { readMatter } from './read-expectation.ts';
import { CONCURRENT_ITEMS, ENTRIES_PER_READ, taskIds, tellOf, type WatchRun } from './run.ts';
import type { WatchSettings } from './settings.ts';

/** How long after it was opened a matter is looked at, in ms, where no threshold is shorter. */
const LATEST_LOOK_MS = 60 * 60_000;

/**
 * Looks at what has been open for the shortest threshold. Most of it is settled by then: it leaves the index. What may
 * still come is looked at again when it is due, and what is overdue becomes an entry.
 */
export function lookAtOpenMatters(run: WatchRun): Promise<void> {
  return lookAt(run, OPEN_SHARDS, run.now - lookAfterMs(run.settings));
}

/** Looks at every entry again: it is settled when what was missing has come, and dropped when it is too old. */
export function lookAtOverdueMatters(run: WatchRun): Promise<void> {
  // Those that this run has raised have just been looked at.
  return lookAt(run, OVERDUE_SHARDS, run.now - 1);
}

async function lookAt(run: WatchRun, shards: readonly string[], latest: number): Promise<void> {
  await forEachConcurrently(shards, shards.length, async (shard) => {
    const pages = run.services.table.pages({
      IndexName: 'watch',
      KeyConditionExpression: 'watch = :shard AND watchAt <= :latest',
      ExpressionAttributeValues: { ':shard': { S: shard }, ':latest': { S: isoTime(latest) } },
      Limit: ENTRIES_PER_READ,
    });
    for await (const entries of pages) {
      if (run.isLate(entries.length)) return;
      const keys = entries.map(keyOfItem).filter(({ pk }) => pk !== HEARTBEATS);
      const items = await run.services.table.getAll(keys.flatMap((key) => [key, headOf(key)]));
      await forEachConcurrently(keys, CONCURRENT_ITEMS, async (key) => {
        const item = items.get(keyText(key));
        // The index follows the table a moment later.
        if (item?.watch?.S !== shard || run.isLate(1)) return;
        await lookAtItem(run, item, items.get(keyText(headOf(key))));
      });
    }
  });
}

async function lookAtItem(run: WatchRun, item: Item, head: Item | undefined): Promise<void> {
  const { result, services, settings, now } = run;
  result.looked += 1;
  const entry = overdueOf(item);
  const patience = settings.thresholds(idsOfItem(item).owner.vendor);
  const matter = await readMatter(services.table, item, head);
  const raisedAt = entry && Date.parse(entry.raisedAt);
  const decision = decide(matter, patience, now, raisedAt, settings.keepMs);
  if (decision.state === 'overdue') result[decision.reason] += 1;
  const change = changeOf(decision, item, settings, now);
  if (change === undefined || !(await services.change(item, MATTER_ATTRIBUTES, change))) return;
  if (decision.state === 'overdue') {
    if (decision.reason !== entry?.reason) tellOf(run, 'raised', decision.reason, taskIds(item));
  } else if (entry !== undefined) {
    tellOf(run, decision.state === 'dropped' ? 'dropped' : 'cleared', entry.reason, taskIds(item));
  }
}

/** How a decision is written; `undefined` when the item says so already. */
function changeOf(
  decision: Decision,
  item: Item,
  settings: WatchSettings,
  now: number,
): ItemChange | undefined {
  const { pk } = keyOfItem(item);
  switch (decision.state) {
    case 'settled':
      return { remove: WATCH_ATTRIBUTES };
    case 'dropped':
      return GIVEN_UP;
    case 'waiting': {
      const watchAt = isoTime(decision.until - lookAfterMs(settings));
      return { set: { watch: shardOf(OPEN_SHARDS, pk), watchAt }, remove: ['watchReason', 'watchSince'] };
    }
    case 'overdue': {
      const entry = { watchReason: decision.reason, watchSince: isoTime(decision.since) };
      if (item.watchReason?.S === entry.watchReason && item.watchSince?.S === entry.watchSince) return;
      if (item.watchReason !== undefined) return { set: entry };
      return { set: { watch: shardOf(OVERDUE_SHARDS, pk), watchAt: isoTime(now), ...entry } };
    }
  }
}

/** How long after a facet has opened it a matter is looked at: before that no threshold has passed. */
function lookAfterMs({ thresholds }: WatchSettings): number {
  const patience = VENDORS.flatMap((vendor) => {
    const { uploadMissingMs, taskSilentMs, screenshotMissingMs } = thresholds(vendor);
    return [uploadMissingMs, taskSilentMs, screenshotMissingMs];
  });
  return Math.min(LATEST_LOOK_MS, ...patience.filter((ms) => ms > 0));
}
