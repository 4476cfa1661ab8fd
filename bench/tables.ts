import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from '../stack/resources.ts';
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

/** The engine that writes are counted on: AWS's own where there is Java. */
export async function startCountingEngine(): Promise<EngineServer & { name: string }> {
  const java = findJava();
  if (java === undefined) return { name: 'dynalite', ...(await startDynalite()) };
  return { name: 'DynamoDB Local', ...(await startDynamodbLocal(java)) };
}
