import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { AWS_CLIENT_SETTINGS } from '../lib/aws-clients.ts';
import { required } from '../lib/environment.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { createLog } from '../lib/log.ts';
import { createItemChanges } from '../lib/watch/item-changes.ts';
import type { WatchResult } from '../lib/watch/run.ts';
import { watchSettings } from '../lib/watch/settings.ts';
import { watch } from '../lib/watch/watch.ts';

/** What is left for what is under way, the log and the answer when the time is up, in ms. */
const MARGIN_MS = 20_000;

const environment = process.env;
const client = new DynamoDBClient(AWS_CLIENT_SETTINGS);
const tableName = required(environment, 'TABLE_NAME');
const services = {
  table: createLedgerTable(client, tableName),
  change: createItemChanges(client, tableName),
  log: createLog(environment),
  now: Date.now,
};
const settings = watchSettings(environment);

/** Finds what needs attention and what no longer does; runs on a schedule, and whenever it is invoked. */
export async function handler(_event: unknown, context: Context): Promise<WatchResult> {
  return watch(services, settings, Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
}
