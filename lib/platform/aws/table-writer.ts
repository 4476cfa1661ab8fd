import { callAws } from './request.ts';

/** An item of the table, in the form of the DynamoDB protocol; `B` is base64. */
export type TableItem = Record<string, { S: string } | { N: string } | { B: string }>;

/** Whether the table has taken an item, or why not. */
export type PutResult = { ok: true } | { ok: false; reason: string };

/** Puts one item into the table before `deadline`, Unix time in ms. Never throws. */
export type PutItem = (item: TableItem, deadline: number) => Promise<PutResult>;

/**
 * Writes to a table with one `PutItem` call an item, without the SDK: for the ack path.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */
export function tableWriter(tableName: string, region: string, endpoint: string): PutItem {
  return async (item, deadline) => {
    const answer = await callAws({
      service: 'dynamodb',
      target: 'DynamoDB_20120810.PutItem',
      protocol: 'application/x-amz-json-1.0',
      endpoint,
      region,
      body: JSON.stringify({ TableName: tableName, Item: item }),
      deadline,
    });
    return answer.ok ? { ok: true } : answer;
  };
}
