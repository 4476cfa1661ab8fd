import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLedgerTable } from '../lib/ledger/table.ts';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { type GatewayEvent, type GatewayResult, resultOf } from '../lib/platform/aws/gateway.ts';
import { required } from '../lib/platform/environment.ts';
import { createLog, describeError } from '../lib/platform/log.ts';
import { answerQuery, type ListRequest, type ReadRequest } from '../lib/query/query.ts';

const table = createLedgerTable(new DynamoDBClient(AWS_CLIENT_SETTINGS), required(process.env, 'TABLE_NAME'));

const log = createLog(process.env);

/** Answers the read API: one task or room, and the lists. */
export async function handler(event: GatewayEvent): Promise<GatewayResult> {
  try {
    return resultOf(await answerQuery(table, readRequestOf(event), Date.now()));
  } catch (error) {
    log('error', 'query', { route: event.routeKey, reason: describeError(error) });
    return resultOf({ status: 503, body: { code: 503, reason: 'the ledger cannot be read; try again' } });
  }
}

/** The gateway has matched the route and percent-decoded the parameters; ids that a path cannot carry are in the query. */
function readRequestOf({
  routeKey,
  pathParameters,
  queryStringParameters: query = {},
}: GatewayEvent): ReadRequest {
  const { vendor = '', appId = '', taskId = '', roomId = '' } = pathParameters ?? query;
  const [, resource = ''] = routeKey.split('/');
  if (pathParameters === undefined && resource !== 'task' && resource !== 'room') {
    return { resource: resource as ListRequest['resource'], query };
  }
  return resource.startsWith('task')
    ? { resource: 'task', vendor, appId, id: taskId, query }
    : { resource: 'room', vendor, appId, id: roomId, query };
}
