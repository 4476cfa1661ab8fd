import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { createItemChanges } from '../lib/attention/item-changes.ts';
import type { WatchResult } from '../lib/attention/run.ts';
import { watchSettings } from '../lib/attention/settings.ts';
import { topicPublisher } from '../lib/attention/topic.ts';
import { watch } from '../lib/attention/watch.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';

/** What is left for what is under way, the log and the answer when the time is up, in ms. */
const MARGIN_MS = 20_000;

const environment = process.env;
const client = new DynamoDBClient(AWS_CLIENT_SETTINGS);
const tableName = required(environment, 'TABLE_NAME');
const services = {
  table: createLedgerTable(client, tableName),
  change: createItemChanges(client, tableName),
  publish: topicPublisher(
    required(environment, 'ALARM_TOPIC_ARN'),
    required(environment, 'SNS_URL'),
    required(environment, 'AWS_REGION'),
  ),
  log: createLog(environment),
  now: Date.now,
};
const settings = watchSettings(environment);

/** Finds what needs attention and what no longer does; runs on a schedule, and whenever it is invoked. */
export async function handler(_event: unknown, context: Context): Promise<WatchResult> {
  return watch(services, settings, Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
}
