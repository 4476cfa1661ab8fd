import type { Vendor } from '../callback/callback.ts';
import { isoTime } from '../callback/time.ts';
import { HEARTBEATS, OVERDUE_SHARDS, shardOf } from '../ledger/keys.ts';
import { WATCH_ATTRIBUTES } from '../ledger/updates.ts';
import type { Item } from '../ledger/view.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { overdueOf } from './entries.ts';
import { GIVEN_UP, HEARTBEAT_ATTRIBUTES } from './item-changes.ts';
import { CONCURRENT_ITEMS, tellOf, type WatchRun } from './run.ts';

/**
 * Looks at every app that has ever called. One that has been quiet for too long becomes an entry until it calls again
 * (its heartbeat ends the entry), or for as long as entries are kept: then it is taken to be gone.
 */
export async function lookAtHeartbeats(run: WatchRun): Promise<void> {
  const pages = run.services.table.pages({
    KeyConditionExpression: 'pk = :heartbeats',
    ExpressionAttributeValues: { ':heartbeats': { S: HEARTBEATS } },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    if (run.isLate(items.length)) return;
    await forEachConcurrently(items, CONCURRENT_ITEMS, (item) => lookAt(run, item));
  }
}

async function lookAt(run: WatchRun, item: Item): Promise<void> {
  const { result, services, settings, now } = run;
  result.looked += 1;
  const lastReceivedAt = item.lastReceivedAt?.S ?? '';
  const quietMs = now - Date.parse(lastReceivedAt);
  const { vendorSilentMs } = settings.thresholds(item.vendor?.S as Vendor);
  const isSilent = vendorSilentMs > 0 && quietMs >= vendorSilentMs;
  const isGone = isSilent && quietMs >= vendorSilentMs + settings.keepMs;
  const isEntry = overdueOf(item) !== undefined;
  const shouldBeEntry = isSilent && !isGone;
  if (shouldBeEntry) result.vendor_silent += 1;
  if (isEntry === shouldBeEntry) return;
  const raised = {
    watch: shardOf(OVERDUE_SHARDS, HEARTBEATS),
    watchAt: isoTime(now),
    watchReason: 'vendor_silent',
    watchSince: lastReceivedAt,
  };
  const ended = isGone ? GIVEN_UP : { remove: WATCH_ATTRIBUTES };
  const change = isEntry ? ended : { set: raised };
  if (!(await services.change(item, HEARTBEAT_ATTRIBUTES, change))) return;
  const ids = { vendor: item.vendor?.S, appId: item.appId?.S };
  tellOf(run, isEntry ? (isGone ? 'dropped' : 'cleared') : 'raised', 'vendor_silent', ids);
}
