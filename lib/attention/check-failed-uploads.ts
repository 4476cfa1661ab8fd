import { effectiveUpload, fileFacets, type Item, taskFacets } from '../ledger/facets.ts';
import { ATTENTION_SHARDS, HEAD, idsOfItem } from '../ledger/keys.ts';
import { headOf, keyOfItem, keyText } from '../ledger/table.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { type FailureReason, failureOf } from './attention-item.ts';
import { FAILURE_ATTRIBUTES } from './item-changes.ts';
import { CONCURRENT_ITEMS, ENTRIES_PER_READ, recordChange, taskIds, type WatchRun } from './run.ts';

/** How a failed upload stands with its deadline. */
type Stage = FailureReason | 'past';

/**
 * Checks the failed uploads. One whose file will be deleted soon, and one whose file has been, gets that reason. It
 * leaves the index when its file has been deleted for as long as attention items are kept, or was recovered with the
 * others of its task.
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

/** Reads only the tasks' own items for failed uploads that cannot have changed. */
async function checkEntries(run: WatchRun, entries: readonly Item[]): Promise<void> {
  const { table } = run.services;
  const files = entries.map(keyOfItem).filter(({ sk }) => sk !== HEAD);
  const heads = await table.getAll(files.map(headOf));
  const headOfItem = (item: Item) => heads.get(keyText(headOf(keyOfItem(item))));
  const mayHaveChanged = (entry: Item) =>
    stageOf(run, entry) !== 'upload_failed' || taskFacets(headOfItem(entry)).upload?.value.recovered;
  const urgent = entries.filter(mayHaveChanged);
  run.result.upload_failed += entries.length - urgent.length;
  const items = await table.getAll(urgent.map(keyOfItem));
  await forEachConcurrently([...items.values()], CONCURRENT_ITEMS, (item) =>
    checkUpload(run, item, headOfItem(item)),
  );
}

async function checkUpload(run: WatchRun, item: Item, head: Item | undefined): Promise<void> {
  const failure = failureOf(item);
  // The index follows the table a moment later.
  if (failure === undefined) return;
  const { result, services } = run;
  result.checked += 1;
  const change = (changed: Parameters<typeof services.change>[2]) =>
    services.change(item, FAILURE_ATTRIBUTES, changed);
  if (isRecovered(item, head)) {
    const isCleared = await change({ remove: ['attention', 'attentionReason'] });
    if (isCleared) recordChange(run, 'cleared', failure.reason, taskIds(item));
    return;
  }
  const stage = stageOf(run, item);
  if (stage === 'past') {
    // The reason stays: it distinguishes a dropped attention item from a cleared one.
    const isDropped = await change({ set: { attentionReason: 'lost' }, remove: ['attention'] });
    if (isDropped) recordChange(run, 'dropped', 'lost', taskIds(item));
    return;
  }
  result[stage] += 1;
  if (stage === 'upload_failed' || stage === failure.reason) return;
  if (await change({ set: { attentionReason: stage } })) recordChange(run, 'raised', stage, taskIds(item));
}

/** Whether a file that failed on its own was recovered with the others of its task, whose own item is `head`. */
function isRecovered(item: Item, head: Item | undefined): boolean {
  const upload = effectiveUpload(idsOfItem(item).fileName, fileFacets(item).upload, taskFacets(head).upload);
  return upload?.value.status === 'uploaded';
}

/** `entry` is an item or its entry of the index. */
function stageOf({ settings, now }: WatchRun, entry: Item): Stage {
  const purgeAt = Date.parse(entry.attentionAt?.S ?? '');
  if (purgeAt <= now) return now - purgeAt >= settings.keepMs ? 'past' : 'lost';
  const { purgeNearMs } = settings.thresholds(idsOfItem(entry).owner.vendor);
  return purgeNearMs > 0 && purgeAt - now <= purgeNearMs ? 'purge_near' : 'upload_failed';
}
