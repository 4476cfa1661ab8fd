import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';

/** An item as the table holds it. */
export type StoredItem = Record<string, AttributeValue>;

/** Every item of a table by its key, `<pk> <sk>`. */
export async function itemsOf(client: DynamoDBClient, TableName: string): Promise<Map<string, StoredItem>> {
  const items = new Map<string, StoredItem>();
  let start: StoredItem | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey: start }));
    for (const item of page.Items ?? []) items.set(`${item.pk?.S} ${item.sk?.S}`, item);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}
