import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { isoTime } from '../lib/callback/time.ts';
import { createLedger } from '../lib/ledger/ledger.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { createTombstones } from '../lib/ledger/tombstones.ts';
import { type QueryResult, queryZego } from '../lib/lookup/ask-zego.ts';
import { parseServerSecrets } from '../lib/lookup/query-settings.ts';
import { createReports } from '../lib/lookup/report.ts';
import { withoutErased } from '../lib/lookup/unerased.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { readParameter } from '../lib/platform/aws/parameter.ts';
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
  now: Date.now,
};
const log = createLog(environment);
const retentionDays = requiredNumber(environment, 'RETENTION_DAYS');
const writeReport = createReports(client, tableName, 'zego-query');

/** `ZEGO_SERVER_SECRETS` outside AWS. */
const readSecrets = environment.ZEGO_SERVER_SECRETS
  ? async () => ({ ok: true as const, body: environment.ZEGO_SERVER_SECRETS ?? '' })
  : readParameter(
      required(environment, 'SECRETS_PARAMETER'),
      required(environment, 'AWS_REGION'),
      required(environment, 'AWS_ENDPOINT_URL_SSM'),
    );

/** Asks ZEGOCLOUD about tasks whose callbacks did not come; runs on a schedule. */
export async function handler(
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<QueryResult | undefined> {
  const now = Date.now();
  const answer = await readSecrets();
  const settings = answer.ok ? parseServerSecrets(answer.body, environment.ZEGO_QUERY_ENDPOINT) : answer;
  if (!settings.ok) {
    log('error', 'zego_query', { reason: settings.reason });
    await writeReport({ at: isoTime(now), apps: {}, problem: settings.reason });
    return undefined;
  }
  const result = await queryZego(services, {
    apps: settings.apps,
    keptUntil: retentionDays > 0 ? now + retentionDays * DAY_MS : undefined,
    deadline: now + context.getRemainingTimeInMillis() - MARGIN_MS,
  });
  const { apps, ...counts } = result;
  for (const [app, state] of Object.entries(apps)) {
    if (state !== 'ok') log('warn', 'zego_query_failed', { app, reason: state });
  }
  log('info', 'zego_query', counts);
  await writeReport({ at: isoTime(now), apps });
  return result;
}
