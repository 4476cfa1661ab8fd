import { isoTime } from '../callback/time.ts';
import { type Item, partsOf, taskFacets } from '../ledger/facets.ts';
import { EXPECTATION_SHARDS, HEARTBEATS, idsOfItem, OVERDUE_SHARDS, shardOf } from '../ledger/keys.ts';
import { headOf, keyOfItem, keyText } from '../ledger/table.ts';
import { LATEST_CHECK_MS, WATCH_ATTRIBUTES } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';
import { type ExpectationReason, overdueOf } from './attention-item.ts';
import { type Decision, decide } from './expectation.ts';
import { isHidden } from './hidden.ts';
import { changedItem, DROPPED, EXPECTATION_ATTRIBUTES, type ItemChange } from './item-changes.ts';
import { readExpectations } from './read-expectations.ts';
import {
  CONCURRENT_ITEMS,
  checkAlone,
  ENTRIES_PER_READ,
  recordChange,
  taskIds,
  type WatchRun,
} from './run.ts';
import type { WatchSettings } from './settings.ts';

/**
 * Checks the expectations that are older than the shortest threshold. Most are settled by then and leave the index. The
 * others are checked again when they are due; an overdue one becomes an attention item.
 */
export function checkExpectations(run: WatchRun): Promise<void> {
  return checkShards(run, EXPECTATION_SHARDS, run.now - checkAfterMs(run.settings));
}

/** Checks every overdue expectation again: it is settled when the callback has come, and dropped when it is too old. */
export function checkOverdueExpectations(run: WatchRun): Promise<void> {
  // Those that this run has raised have just been checked.
  return checkShards(run, OVERDUE_SHARDS, run.now - 1);
}

async function checkShards(run: WatchRun, shards: readonly string[], latest: number): Promise<void> {
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
        await checkAlone(run, item, () => checkItem(run, item, items.get(keyText(headOf(key)))));
      });
    }
  });
}

async function checkItem(run: WatchRun, item: Item, head: Item | undefined): Promise<void> {
  const { result, services, settings, now } = run;
  result.checked += 1;
  const raised = overdueOf(item);
  const thresholds = settings.thresholds(idsOfItem(item).owner.vendor);
  const expectations = await readExpectations(services.table, item, head);
  const raisedAt = raised && Date.parse(raised.raisedAt);
  const decision = decide(expectations, thresholds, now, raisedAt, settings.keepMs);
  if (decision.state === 'overdue')
    result[isHiddenNow(item, decision, now) ? 'hidden' : decision.reason] += 1;
  const change = changeOf(decision, item, settings, now);
  if (change !== undefined && !(await services.change(item, EXPECTATION_ATTRIBUTES, change))) return;
  if (decision.state === 'overdue' && !isHiddenNow(item, decision, now)) {
    const attentionItem = { reason: decision.reason, since: isoTime(decision.since) };
    run.notices.add('overdue', changedItem(item, change ?? {}), attentionItem);
  }
  if (change === undefined) return;
  if (decision.state === 'overdue') {
    if (decision.reason !== raised?.reason) recordChange(run, 'raised', decision.reason, taskIds(item));
  } else if (raised !== undefined) {
    recordChange(run, decision.state === 'dropped' ? 'dropped' : 'cleared', raised.reason, taskIds(item));
  }
}

function isHiddenNow(
  item: Item,
  { reason, since }: { reason: ExpectationReason; since: number },
  now: number,
) {
  return isHidden('overdue', item, { reason, since: isoTime(since) }, now);
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
      return { remove: WATCH_ATTRIBUTES, ...endOfParts(item) };
    case 'dropped':
      return DROPPED;
    case 'waiting': {
      const watchAt = isoTime(decision.until - checkAfterMs(settings));
      return {
        set: { watch: shardOf(EXPECTATION_SHARDS, pk), watchAt },
        // A part of it runs again.
        remove: ['watchReason', 'watchSince', ...(item.ended === undefined ? [] : ['ended'])],
      };
    }
    case 'overdue': {
      const why = { watchReason: decision.reason, watchSince: isoTime(decision.since) };
      if (item.watchReason?.S === why.watchReason && item.watchSince?.S === why.watchSince) return;
      if (item.watchReason !== undefined) return { set: why };
      return { set: { watch: shardOf(OVERDUE_SHARDS, pk), watchAt: isoTime(now), ...why } };
    }
  }
}

/** Marks a task as ended whose parts run on their own, by the order of its end: the last of them has ended. */
function endOfParts(item: Item): Pick<ItemChange, 'set'> {
  const ended = item.endOrder?.S;
  return ended !== undefined && partsOf(taskFacets(item)) !== undefined ? { set: { ended } } : {};
}

/** How long after it began an expectation is checked: before that no threshold has passed. */
function checkAfterMs({ thresholds }: WatchSettings): number {
  const inMs = VENDOR_NAMES.flatMap((vendor) => {
    const { uploadMissingMs, taskSilentMs, screenshotMissingMs } = thresholds(vendor);
    return [uploadMissingMs, taskSilentMs, screenshotMissingMs];
  });
  return Math.min(LATEST_CHECK_MS, ...inMs.filter((ms) => ms > 0));
}
