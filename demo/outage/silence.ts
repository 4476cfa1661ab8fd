import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHeartbeat } from '../../lib/ledger/heartbeat.ts';
import { appIdOf } from '../player.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A client of the table of the stack at `url`. */
export function tableClient(url: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: `${url}/aws/dynamodb`,
    region: 'us-east-1',
    credentials: CREDENTIALS,
  });
}

/** Puts the time of the last callback of a vendor's app, Unix time in ms, into the table of the stack at `url`. */
export async function heardLast(
  vendor: 'rongcloud' | 'tencent' | 'zego',
  url: string,
  receivedAt: number,
): Promise<void> {
  const client = tableClient(url);
  const owner = { vendor, appId: appIdOf(vendor) };
  await createHeartbeat(client, 'rtc-callbacks-local-ledger')(owner, { receivedAt, keyIndex: 0 });
  client.destroy();
}
