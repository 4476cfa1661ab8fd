import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from '../local/stack/resources.ts';
import {
  type EngineServer,
  findJava,
  startDynalite,
  startDynamodbLocal,
} from '../test/support/engine-servers.ts';
import { ledgerTableDefinition } from '../test/support/ledger-table.ts';

let tables = 0;

/** Creates an empty ledger table as it is deployed; returns its name. */
export async function newLedgerTable(client: DynamoDBClient): Promise<string> {
  tables += 1;
  const definition = ledgerTableDefinition(`ledger-${tables}`);
  await createTable(client, definition);
  return definition.TableName;
}

/** The environment of a consumer whose table is at `endpoint`. */
export function consumerEnvironment(
  endpoint: string,
  tableName: string,
  eventHistoryDays = 30,
): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    TABLE_NAME: tableName,
    QUARANTINE_QUEUE_URL: 'http://127.0.0.1:9/000000000000/quarantine',
    EVENT_HISTORY_DAYS: String(eventHistoryDays),
  };
}

/** The engine that writes are counted on: AWS's own where there is Java. */
export async function startCountingEngine(): Promise<EngineServer & { name: string }> {
  const java = findJava();
  if (java === undefined) return { name: 'dynalite', ...(await startDynalite()) };
  return { name: 'DynamoDB Local', ...(await startDynamodbLocal(java)) };
}
