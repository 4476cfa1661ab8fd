import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createItemChanges } from '../lib/attention/item-changes.ts';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { parseToken } from '../lib/page/admission.ts';
import { answerPage, type PageServices } from '../lib/page/page.ts';
import { localStack } from '../lib/page/recent.ts';
import { cachedParameter } from '../lib/platform/aws/cached-parameter.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { type GatewayEvent, type GatewayResult, requestOf } from '../lib/platform/aws/gateway.ts';
import { readParameter } from '../lib/platform/aws/parameter.ts';
import { numberOr, required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';
import { answerQuery } from '../lib/query/query.ts';
import { hide } from '../lib/write/hide.ts';

const environment = process.env;
const tableName = required(environment, 'TABLE_NAME');
const client = new DynamoDBClient(AWS_CLIENT_SETTINGS);
const table = createLedgerTable(client, tableName);
const log = createLog(environment);
const change = createItemChanges(client, tableName);

const services: PageServices = {
  ask: (request) => answerQuery(table, request, Date.now()),
  hide: (action, body) => hide(action, body, { table, change, log, now: Date.now }),
  local: environment.LOCAL_STACK_URL ? localStack(environment.LOCAL_STACK_URL) : undefined,
  token: tokenReader(),
  settings: {
    stage: required(environment, 'STAGE'),
    refreshSeconds: numberOr(environment, 'REFRESH_SECONDS', 15),
    thumbnails: environment.THUMBNAILS === 'on',
    timeZone: environment.TIME_ZONE || 'UTC',
  },
  log,
  now: Date.now,
};

/** How others are kept out: `token` asks for one; `iam` and `loopback` leave it to what is in front. */
function tokenReader(): PageServices['token'] {
  const access = required(environment, 'ACCESS');
  if (access === 'iam' || access === 'loopback') return undefined;
  if (access !== 'token') {
    throw new Error(`The environment variable ACCESS must be token, iam or loopback, not "${access}".`);
  }
  const [parameter = '', region = '', endpoint = ''] = [
    'TOKEN_PARAMETER',
    'AWS_REGION',
    'AWS_ENDPOINT_URL_SSM',
  ].map((name) => required(environment, name));
  return cachedParameter(readParameter(parameter, region, endpoint), parseToken, Date.now).current;
}

/** Shows what the read API answers to people, at `/` and below `/page/`. */
export async function handler(event: GatewayEvent): Promise<GatewayResult> {
  const { receivedAt: _, ...request } = requestOf(event);
  const { status, ...answer } = await answerPage({ ...request, cookies: event.cookies ?? [] }, services);
  return { statusCode: status, ...answer };
}
