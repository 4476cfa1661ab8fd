import { forEachConcurrently } from '../concurrency.ts';
import { ATTENTION_SHARDS, idsOfItem } from '../ledger/keys.ts';
import { keyOfItem } from '../ledger/table.ts';
import type { Item } from '../ledger/view.ts';
import { DEADLINE_ATTRIBUTES } from './item-changes.ts';
import { CONCURRENT_ITEMS, taskIds, tellOf, type WatchRun } from './run.ts';

/** How a failed upload stands with its deadline. */
type Stage = 'upload_failed' | 'purge_near' | 'lost' | 'past';

/**
 * Looks through the failed uploads. One whose file will be deleted soon, and one whose file has been, is marked with
 * that reason; one whose file has been deleted for as long as entries are kept leaves the index.
 */
export async function lookAtDeadlines(run: WatchRun): Promise<void> {
  await forEachConcurrently(ATTENTION_SHARDS, ATTENTION_SHARDS.length, async (shard) => {
    const pages = run.services.table.pages({
      IndexName: 'attention',
      KeyConditionExpression: 'attention = :shard',
      ExpressionAttributeValues: { ':shard': { S: shard } },
    });
    for await (const entries of pages) {
      if (run.isLate(entries.length)) return;
      const urgent = entries.filter((entry) => stageOf(run, entry) !== 'upload_failed');
      run.result.upload_failed += entries.length - urgent.length;
      const items = await run.services.table.getAll(urgent.map(keyOfItem));
      await forEachConcurrently([...items.values()], CONCURRENT_ITEMS, (item) => lookAt(run, item));
    }
  });
}

async function lookAt(run: WatchRun, item: Item): Promise<void> {
  // The index follows the table a moment later.
  if (item.attention === undefined) return;
  const { result, services } = run;
  result.looked += 1;
  const stage = stageOf(run, item);
  if (stage === 'past') {
    const isDropped = await services.change(item, DEADLINE_ATTRIBUTES, { remove: ['attention'] });
    if (isDropped) tellOf(run, 'dropped', 'lost', taskIds(item));
    return;
  }
  result[stage] += 1;
  if (stage === 'upload_failed' || item.attentionReason?.S === stage) return;
  const isRaised = await services.change(item, DEADLINE_ATTRIBUTES, { set: { attentionReason: stage } });
  if (isRaised) tellOf(run, 'raised', stage, taskIds(item));
}

/** `entry` is an item or its entry of the index. */
function stageOf({ settings, now }: WatchRun, entry: Item): Stage {
  const purgeAt = Date.parse(entry.attentionAt?.S ?? '');
  if (purgeAt <= now) return now - purgeAt >= settings.keepMs ? 'past' : 'lost';
  const { purgeNearMs } = settings.thresholds(idsOfItem(entry).owner.vendor);
  return purgeNearMs > 0 && purgeAt - now <= purgeNearMs ? 'purge_near' : 'upload_failed';
}
