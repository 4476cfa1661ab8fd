import type { Vendor } from '../callback/callback.ts';
import { isoTime } from '../callback/time.ts';
import type { Item } from '../ledger/facets.ts';
import { HEARTBEATS, OVERDUE_SHARDS, shardOf } from '../ledger/keys.ts';
import { WATCH_ATTRIBUTES } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { overdueOf } from './attention-item.ts';
import { isHidden } from './hidden.ts';
import { changedItem, DROPPED, HEARTBEAT_ATTRIBUTES } from './item-changes.ts';
import { CONCURRENT_ITEMS, checkAlone, recordChange, type WatchRun } from './run.ts';

/**
 * Checks every app that has ever called. A silent app is an attention item until it calls again (its heartbeat ends
 * that), or for as long as attention items are kept: then the app is taken to be gone.
 */
export async function checkApps(run: WatchRun): Promise<void> {
  const pages = run.services.table.pages({
    KeyConditionExpression: 'pk = :heartbeats',
    ExpressionAttributeValues: { ':heartbeats': { S: HEARTBEATS } },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    if (run.isLate(items.length)) return;
    await forEachConcurrently(items, CONCURRENT_ITEMS, (item) =>
      checkAlone(run, item, () => checkApp(run, item)),
    );
  }
}

async function checkApp(run: WatchRun, item: Item): Promise<void> {
  const { result, services, settings, now } = run;
  result.checked += 1;
  const lastReceivedAt = item.lastReceivedAt?.S ?? '';
  const silentMs = now - Date.parse(lastReceivedAt);
  const { appSilentMs } = settings.thresholds(item.vendor?.S as Vendor);
  const isSilent = appSilentMs > 0 && silentMs >= appSilentMs;
  const isGone = isSilent && silentMs >= appSilentMs + settings.keepMs;
  const isRaised = overdueOf(item) !== undefined;
  const shouldBeRaised = isSilent && !isGone;
  const silence = { reason: 'app_silent', since: lastReceivedAt } as const;
  if (shouldBeRaised) result[isHidden('overdue', item, silence, now) ? 'hidden' : 'app_silent'] += 1;
  const isHiddenNow = isHidden('overdue', item, silence, now);
  if (isRaised === shouldBeRaised) {
    if (isRaised && !isHiddenNow) run.notices.add('overdue', item, silence);
    return;
  }
  const raised = {
    watch: shardOf(OVERDUE_SHARDS, HEARTBEATS),
    watchAt: isoTime(now),
    watchReason: 'app_silent',
    watchSince: lastReceivedAt,
  };
  const ended = isGone ? DROPPED : { remove: WATCH_ATTRIBUTES };
  const change = isRaised ? ended : { set: raised };
  if (!(await services.change(item, HEARTBEAT_ATTRIBUTES, change))) return;
  if (!isRaised && !isHiddenNow) run.notices.add('overdue', changedItem(item, change), silence);
  const ids = { vendor: item.vendor?.S, appId: item.appId?.S };
  recordChange(run, isRaised ? (isGone ? 'dropped' : 'cleared') : 'raised', 'app_silent', ids);
}
