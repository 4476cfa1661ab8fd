import { DeleteItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { SpillTable } from './drain.ts';
import { spilledMessage } from './spill.ts';

/** The spilled messages in the ledger table. Rejects with the SDK's exceptions. */
export function createSpillTable(client: DynamoDBClient, tableName: string): SpillTable {
  return {
    async oldest(partition) {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :partition',
          ExpressionAttributeValues: { ':partition': { S: partition } },
          // A message that was removed a moment ago must not be seen again.
          ConsistentRead: true,
        }),
      );
      return (answer.Items ?? []).map(spilledMessage);
    },

    async remove({ key }) {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: key }));
    },
  };
}
