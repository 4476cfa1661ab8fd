import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { SQSEvent } from 'aws-lambda';

const client = new DynamoDBClient({});
const TableName = process.env.TABLE_NAME;
const updates = Number(process.env.UPDATES_PER_RECORD);

/** What the consumer is compared with: the same number of plain `UpdateItem` calls, as many at a time. */
export async function handler(event: SQSEvent): Promise<{ batchItemFailures: never[] }> {
  await Promise.all(
    event.Records.map(async ({ messageId }) => {
      for (let update = 0; update < updates; update += 1) {
        await client.send(
          new UpdateItemCommand({
            TableName,
            Key: { pk: { S: messageId }, sk: { S: String(update) } },
            UpdateExpression: 'SET facet = :facet',
            ExpressionAttributeValues: { ':facet': { S: 'x'.repeat(300) } },
          }),
        );
      }
    }),
  );
  return { batchItemFailures: [] };
}
