/** An item of the table, as DynamoDB writes it in JSON. */
export type StoredItem = { pk: { S: string }; sk: { S: string } } & Record<
  string,
  { S?: string; B?: string }
>;

/** All items of a table of the embedded DynamoDB. */
export async function readTable(origin: string, TableName: string): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const page = (await call(origin, 'Scan', { TableName, ExclusiveStartKey })) as {
      Items: StoredItem[];
      LastEvaluatedKey?: unknown;
    };
    items.push(...page.Items);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

/** Writes an item in place of any other of its key. Rejects when the engine refuses it. */
export async function putItem(origin: string, TableName: string, Item: StoredItem): Promise<void> {
  await call(origin, 'PutItem', { TableName, Item });
}

/** Takes everything out of a table of the embedded DynamoDB. */
export async function drainTable(origin: string, TableName: string): Promise<StoredItem[]> {
  const taken: StoredItem[] = [];
  for (;;) {
    const { Items } = (await call(origin, 'Scan', { TableName })) as { Items: StoredItem[] };
    if (Items.length === 0) return taken;
    for (const { pk, sk } of Items) await call(origin, 'DeleteItem', { TableName, Key: { pk, sk } });
    taken.push(...Items);
  }
}

/** The embedded engine looks at the form of the signature only. */
async function call(origin: string, operation: string, body: object): Promise<unknown> {
  const response = await fetch(origin, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260115T120000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260115/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer;
}
