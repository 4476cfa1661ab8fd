import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from '../local/stack/resources.ts';
import { ledgerTableDefinition } from '../test/support/ledger-table.ts';

let tables = 0;

/** A client of an embedded engine. */
export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
}

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
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    TABLE_NAME: tableName,
    QUARANTINE_QUEUE_URL: 'http://127.0.0.1:9/000000000000/quarantine',
    EVENT_HISTORY_DAYS: String(eventHistoryDays),
  };
}
