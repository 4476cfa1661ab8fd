import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamodb } from '../stack/embedded.ts';
import { createTable } from '../stack/resources.ts';
import { clientOf } from '../test/support/engine-servers.ts';
import { ledgerTableDefinition } from '../test/support/ledger-table.ts';

const TABLE = 'rtc-callbacks-local-ledger';

/** Fills the ledger that a stack finds in its data directory, before it starts. */
export async function fillStack(
  dataDir: string,
  fill: (client: DynamoDBClient, tableName: string) => Promise<void>,
): Promise<void> {
  const service = await startDynamodb(join(dataDir, 'dynamodb'));
  const client = clientOf(service.origin);
  try {
    await createTable(client, ledgerTableDefinition(TABLE));
    await fill(client, TABLE);
  } finally {
    client.destroy();
    await service.stop();
  }
}
