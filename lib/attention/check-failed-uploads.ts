import { effectiveUpload, fileFacets, type Item, taskFacets } from '../ledger/facets.ts';
import { ATTENTION_SHARDS, idsOfItem } from '../ledger/keys.ts';
import { headOf, keyOfItem, keyText } from '../ledger/table.ts';
import { NO_DEADLINE } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { type AttentionItem, type FailureReason, failureAt, failureOf } from './attention-item.ts';
import { isHidden } from './hidden.ts';
import { changedItem, FAILURE_ATTRIBUTES, type ItemChange } from './item-changes.ts';
import {
  CONCURRENT_ITEMS,
  checkAlone,
  ENTRIES_PER_READ,
  recordChange,
  taskIds,
  type WatchRun,
} from './run.ts';

const CLEARED: ItemChange = { remove: ['attention', 'attentionReason'] };

/** How a failed upload stands with its deadline. */
type Stage = FailureReason | 'past';

/**
 * Checks the failed uploads. One whose file will be deleted soon, and one whose file has been, gets that reason. It
 * leaves the index when its file has been deleted for as long as attention items are kept (where the vendor states no
 * deadline, when it has failed for as long), or was recovered with the others of its task.
 */
export async function checkFailedUploads(run: WatchRun): Promise<void> {
  await forEachConcurrently(ATTENTION_SHARDS, ATTENTION_SHARDS.length, async (shard) => {
    const pages = run.services.table.pages({
      IndexName: 'attention',
      KeyConditionExpression: 'attention = :shard',
      ExpressionAttributeValues: { ':shard': { S: shard } },
      Limit: ENTRIES_PER_READ,
    });
    for await (const entries of pages) {
      if (run.isLate(entries.length)) return;
      await checkEntries(run, entries);
    }
  });
}

async function checkEntries(run: WatchRun, entries: readonly Item[]): Promise<void> {
  const keys = entries.map(keyOfItem);
  const items = await run.services.table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  await forEachConcurrently(keys, CONCURRENT_ITEMS, async (key) => {
    const item = items.get(keyText(key));
    if (item === undefined) return;
    await checkAlone(run, item, () => checkUpload(run, item, items.get(keyText(headOf(key)))));
  });
}

async function checkUpload(run: WatchRun, item: Item, head: Item | undefined): Promise<void> {
  const failure = failureOf(item);
  const { result, services } = run;
  const change = (changed: Parameters<typeof services.change>[2]) =>
    services.change(item, FAILURE_ATTRIBUTES, changed);
  if (failure === undefined) {
    // The index follows the table a moment later; or the failure was reported after the bucket had the file.
    if (item.attention !== undefined) await change(CLEARED);
    return;
  }
  result.checked += 1;
  if (failure.reason !== 'not_in_storage' && isRecovered(item, head)) {
    const isCleared = await change(CLEARED);
    if (isCleared) recordChange(run, 'cleared', failure.reason, taskIds(item));
    return;
  }
  const stage = stageOf(run, item);
  if (stage === 'past') {
    // The reason stays: it distinguishes a dropped attention item from a cleared one.
    const { reason } = failureAt(item, run.now) ?? failure;
    const isDropped = await change({ set: { attentionReason: reason }, remove: ['attention'] });
    if (isDropped) recordChange(run, 'dropped', reason, taskIds(item));
    return;
  }
  const attentionItem = { ...failure, reason: stage };
  const isHiddenNow = isHidden('failure', item, attentionItem, run.now);
  if (isHiddenNow) result.hidden += 1;
  else countUpload(run, attentionItem);
  let current: Item | undefined = item;
  if (stage !== 'upload_failed' && stage !== failure.reason) {
    const raised = { set: { attentionReason: stage } };
    current = (await change(raised)) ? changedItem(item, raised) : undefined;
    if (current !== undefined) recordChange(run, 'raised', stage, taskIds(item));
    if (current !== undefined && stage === 'lost') result.newlyLost += 1;
  }
  if (current !== undefined && !isHiddenNow) run.notices.add('failure', current, attentionItem);
}

function countUpload({ result, settings, now }: WatchRun, { reason, since }: AttentionItem<FailureReason>) {
  result[reason] += 1;
  const isOld = now - Date.parse(since) >= settings.savableAlarmMs;
  if (reason !== 'lost' && isOld) result.savable += 1;
}

/** Whether a file that failed on its own was recovered with the others of its task, whose own item is `head`. */
function isRecovered(item: Item, head: Item | undefined): boolean {
  const upload = effectiveUpload(idsOfItem(item).fileName, fileFacets(item).upload, taskFacets(head).upload);
  return upload?.value.status === 'uploaded';
}

function stageOf({ settings, now }: WatchRun, item: Item): Stage {
  const { attentionAt = { S: NO_DEADLINE }, failedSince } = item;
  // Where the vendor states no deadline, the age of the failure is all that ends it.
  const isUndated = attentionAt.S === NO_DEADLINE;
  const from = Date.parse((isUndated ? failedSince : attentionAt)?.S ?? '');
  if (now - from >= settings.keepMs) return 'past';
  if (isUndated) return item.attentionReason?.S === 'not_in_storage' ? 'not_in_storage' : 'upload_failed';
  const purgeAt = from;
  if (purgeAt <= now) return 'lost';
  const { purgeNearMs } = settings.thresholds(idsOfItem(item).owner.vendor);
  return purgeNearMs > 0 && purgeAt - now <= purgeNearMs ? 'purge_near' : 'upload_failed';
}
