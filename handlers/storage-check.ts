import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context, DynamoDBRecord } from 'aws-lambda';
import { createItemChanges } from '../lib/attention/item-changes.ts';
import { isoTime } from '../lib/callback/time.ts';
import { createLedger } from '../lib/ledger/ledger.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { createTombstones } from '../lib/ledger/tombstones.ts';
import { openBucket } from '../lib/lookup/bucket.ts';
import { checkStorage, confirmUploads, type StorageResult } from '../lib/lookup/check-storage.ts';
import { createReports } from '../lib/lookup/report.ts';
import { parseStorage } from '../lib/lookup/storage-settings.ts';
import { withoutErased } from '../lib/lookup/unerased.ts';
import { uploadsToConfirm } from '../lib/lookup/uploads.ts';
import { cachedParameter } from '../lib/platform/aws/cached-parameter.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { type ReadParameter, readParameter } from '../lib/platform/aws/parameter.ts';
import { required, requiredNumber } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';

/** What is left for requests under way, the report and the answer when the time is up, in ms. */
const MARGIN_MS = 20_000;

const DAY_MS = 24 * 60 * 60_000;

const environment = process.env;
const client = new DynamoDBClient(AWS_CLIENT_SETTINGS);
const tableName = required(environment, 'TABLE_NAME');
const services = {
  table: createLedgerTable(client, tableName),
  ledger: withoutErased(createLedger(client, tableName), createTombstones(client, tableName, Date.now)),
  change: createItemChanges(client, tableName),
  open: openBucket,
  now: Date.now,
};
const log = createLog(environment);
const retentionDays = requiredNumber(environment, 'RETENTION_DAYS');
const writeReport = createReports(client, tableName, 'storage');
const storage = cachedParameter(storageReader(), (text) => parseStorage(text, environment), Date.now);

/** `STORAGE` outside AWS. */
function storageReader(): ReadParameter {
  const { STORAGE: text } = environment;
  if (text !== undefined) return async () => ({ ok: true, body: text });
  const endpoint = required(environment, 'AWS_ENDPOINT_URL_SSM');
  return readParameter(
    required(environment, 'STORAGE_PARAMETER'),
    required(environment, 'AWS_REGION'),
    endpoint,
  );
}

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
  const settings = await storage.current();
  if (!settings.ok) {
    log('error', 'storage', { reason: settings.reason });
    if (files === undefined) await writeReport({ at: isoTime(now), apps: {}, problem: settings.reason });
    // The stream gives the records again; the schedule comes again by itself.
    else throw new Error(settings.reason);
    return undefined;
  }
  const options = {
    apps: settings.apps,
    keptUntil: retentionDays > 0 ? now + retentionDays * DAY_MS : undefined,
    deadline: now + context.getRemainingTimeInMillis() - MARGIN_MS,
  };
  const result = files
    ? await confirmUploads(services, options, files)
    : await checkStorage(services, options);
  const { apps, ...counts } = result;
  for (const [app, state] of Object.entries(apps)) {
    if (state !== 'ok') log('warn', 'storage_unavailable', { app, reason: state });
  }
  log('info', 'storage', counts);
  if (files === undefined) await writeReport({ at: isoTime(now), apps });
  return result;
}
