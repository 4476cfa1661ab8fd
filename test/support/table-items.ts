import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { HEARTBEATS } from '../../lib/ledger/keys.ts';
import { WATCH_ATTRIBUTES } from '../../lib/ledger/updates.ts';

/** An item as the table holds it. */
export type StoredItem = Record<string, AttributeValue>;

/**
 * Every item of a table by its key, `<pk> <sk>`, without what is no state: heartbeats depend on processes, and the
 * attributes of the watch only say what it should look at.
 */
export async function itemsOf(client: DynamoDBClient, TableName: string): Promise<Map<string, StoredItem>> {
  const items = new Map<string, StoredItem>();
  let start: StoredItem | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey: start }));
    for (const item of page.Items ?? []) {
      if (item.pk?.S !== HEARTBEATS) items.set(`${item.pk?.S} ${item.sk?.S}`, stateOf(item));
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

function stateOf(item: StoredItem): StoredItem {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !WATCH_ATTRIBUTES.includes(name)));
}
