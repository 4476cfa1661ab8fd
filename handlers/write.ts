import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createItemChanges } from '../lib/attention/item-changes.ts';
import { createStoreExpected } from '../lib/ledger/expected.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { type GatewayEvent, type GatewayResult, requestOf, resultOf } from '../lib/platform/aws/gateway.ts';
import { required, requiredNumber } from '../lib/platform/environment.ts';
import { createLog, describeError } from '../lib/platform/log.ts';
import { answerWrite } from '../lib/write/write.ts';

const DAY_MS = 24 * 60 * 60_000;

const client = new DynamoDBClient(AWS_CLIENT_SETTINGS);
const tableName = required(process.env, 'TABLE_NAME');
const table = createLedgerTable(client, tableName);
const log = createLog(process.env);
const services = {
  table,
  change: createItemChanges(client, tableName),
  storeExpected: createStoreExpected(client, tableName, table),
  retentionMs: requiredNumber(process.env, 'RETENTION_DAYS') * DAY_MS,
  log,
  now: Date.now,
};

/** Answers the write API: expected tasks, and attention items that a person hides. */
export async function handler(event: GatewayEvent): Promise<GatewayResult> {
  try {
    const { body } = requestOf(event);
    return resultOf(await answerWrite(event.routeKey, event.pathParameters ?? {}, body, services));
  } catch (error) {
    log('error', 'write', { route: event.routeKey, reason: describeError(error) });
    return resultOf({ status: 503, body: { code: 503, reason: 'the ledger cannot be written; try again' } });
  }
}
