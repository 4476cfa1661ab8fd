import type { Context, DynamoDBRecord } from 'aws-lambda';
import { createItemChanges } from '../lib/attention/item-changes.ts';
import { openBucket } from '../lib/lookup/bucket.ts';
import { checkStorage, confirmUploads, type StorageResult } from '../lib/lookup/check-storage.ts';
import { createLookupFunction, readSettings } from '../lib/lookup/lookup-function.ts';
import { parseStorage } from '../lib/lookup/storage-settings.ts';
import { uploadsToConfirm } from '../lib/lookup/uploads.ts';
import { cachedParameter } from '../lib/platform/aws/cached-parameter.ts';

const lookup = createLookupFunction(process.env, {
  report: 'storage',
  line: 'storage',
  unavailable: 'storage_unavailable',
});
const services = {
  ...lookup.services,
  change: createItemChanges(lookup.client, lookup.tableName),
  open: openBucket,
};
const readStorage = readSettings(process.env, 'STORAGE', 'STORAGE_PARAMETER');
const storage = cachedParameter(readStorage, (text) => parseStorage(text, process.env), Date.now);

/**
 * Looks into the buckets: on a schedule for what needs attention, and for records of the table's stream for the files
 * that were uploaded.
 */
export async function handler(
  event: { Records?: DynamoDBRecord[] },
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<StorageResult | undefined> {
  const now = Date.now();
  const files = event.Records && (await uploadsToConfirm(services.table, event.Records, now));
  if (files?.length === 0) return undefined;
  const isScheduled = files === undefined;
  const settings = await storage.current();
  if (!settings.ok) {
    await lookup.giveUp(now, settings.reason, isScheduled);
    // The stream gives the records again; the schedule comes again by itself.
    if (!isScheduled) throw new Error(settings.reason);
    return undefined;
  }
  const options = { apps: settings.apps, ...lookup.limits(now, context.getRemainingTimeInMillis()) };
  const result = isScheduled
    ? await checkStorage(services, options)
    : await confirmUploads(services, options, files);
  await lookup.finish(now, result, isScheduled);
  return result;
}
