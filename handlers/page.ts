import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { parseToken } from '../lib/page/admission.ts';
import { answerPage, type PageServices } from '../lib/page/page.ts';
import { callbackReader } from '../lib/page/recent.ts';
import { cachedParameter } from '../lib/platform/aws/cached-parameter.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { type GatewayEvent, type GatewayResult, requestOf } from '../lib/platform/aws/gateway.ts';
import { readParameter } from '../lib/platform/aws/parameter.ts';
import { numberOr, required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';
import { answerQuery } from '../lib/query/query.ts';

const environment = process.env;
const table = createLedgerTable(new DynamoDBClient(AWS_CLIENT_SETTINGS), required(environment, 'TABLE_NAME'));

const services: PageServices = {
  ask: (request) => answerQuery(table, request, Date.now()),
  recentCallbacks: environment.RECENT_CALLBACKS_URL
    ? callbackReader(environment.RECENT_CALLBACKS_URL)
    : undefined,
  token: tokenReader(),
  settings: {
    stage: required(environment, 'STAGE'),
    refreshSeconds: numberOr(environment, 'REFRESH_SECONDS', 15),
    thumbnails: environment.THUMBNAILS === 'on',
  },
  log: createLog(environment),
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
