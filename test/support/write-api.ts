import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createItemChanges } from '../../lib/attention/item-changes.ts';
import { createStoreExpected } from '../../lib/ledger/expected.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import type { Answer } from '../../lib/platform/http.ts';
import type { TaskIds } from '../../lib/write/expect.ts';
import { answerWrite } from '../../lib/write/write.ts';
import { NOW } from './callbacks.ts';
import type { ConsumerTable } from './consumer.ts';

/** The write API on a table. */
export interface WriteApi {
  /** Answers a request by its route key, `at` ms after `NOW`. */
  request(routeKey: string, body: object | string, at: number, ids?: TaskIds): Promise<Answer>;
}

export const EXPECT = 'PUT /tasks/{vendor}/{appId}/{taskId+}';
export const WITHDRAW = 'DELETE /tasks/{vendor}/{appId}/{taskId+}';

export function writeApi({ client, tableName }: ConsumerTable & { client: DynamoDBClient }): WriteApi {
  const table = createLedgerTable(client, tableName);
  const services = {
    table,
    change: createItemChanges(client, tableName),
    storeExpected: createStoreExpected(client, tableName, table),
    retentionMs: 0,
    log: () => {},
  };
  return {
    request(routeKey, body, at, ids = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return answerWrite(routeKey, ids, Buffer.from(text), { ...services, now: () => NOW + at });
    },
  };
}
