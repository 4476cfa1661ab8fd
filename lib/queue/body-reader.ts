import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { bodyPartKey, type StoredBody } from './stored-body.ts';

/**
 * Reads bodies that were too large for their messages. Rejects with the SDK's exceptions, and when a part is
 * missing: then the message is delivered again, and in the end dead-lettered, but not lost.
 */
export function createBodyReader(
  client: DynamoDBClient,
  tableName: string,
): (stored: StoredBody) => Promise<Buffer> {
  async function readPart({ key }: StoredBody, part: number): Promise<Uint8Array> {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: bodyPartKey(key, part),
      ConsistentRead: true,
    });
    const bytes = (await client.send(command)).Item?.bytes?.B;
    if (bytes === undefined) throw new Error(`part ${part} of the body ${key} is not in the table`);
    return bytes;
  }

  return async (stored) => {
    const parts = Array.from({ length: stored.parts }, (_, part) => readPart(stored, part));
    return Buffer.concat(await Promise.all(parts));
  };
}
