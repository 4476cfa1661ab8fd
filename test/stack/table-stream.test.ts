import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EmbeddedService, startDynamodb } from '../../stack/embedded.ts';
import { createServiceProxy, type ServiceProxy } from '../../stack/proxy.ts';
import { createTable } from '../../stack/resources.ts';
import { tableStream } from '../../stack/table-stream.ts';
import { ledgerTableDefinition } from '../support/ledger-table.ts';

const TableName = 'ledger';
const OTHER = 'other';

let directory = '';
let engine: EmbeddedService;
let proxy: ServiceProxy;
let server: Server;
let client: DynamoDBClient;
let endpoint = '';
const records: DynamoDBRecord[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-stream-'));
  engine = await startDynamodb(directory);
  const around = tableStream({
    tableName: TableName,
    keyNames: ['pk', 'sk'],
    streamArn: 'arn',
    region: 'us-east-1',
    wants: ({ pk }) => pk?.S?.startsWith('task#') === true,
    onRecord: (record) => records.push(record),
    log: (line) => {
      throw new Error(line);
    },
  });
  proxy = createServiceProxy({ origin: engine.origin, around });
  server = createServer((request, response) => void proxy.forward(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  for (const name of [TableName, OTHER]) await createTable(client, ledgerTableDefinition(name));
});

afterAll(async () => {
  client.destroy();
  server.close();
  proxy.close();
  await engine.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(() => {
  records.length = 0;
});

const keyOf = (id: string) => ({ pk: { S: `task#${id}` }, sk: { S: 'head' } });

function count(Key: ReturnType<typeof keyOf>, by = 1) {
  return new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: 'ADD visits :by',
    ExpressionAttributeValues: { ':by': { N: String(by) } },
    ReturnValues: 'UPDATED_NEW',
  });
}

test('writes of one item at the same time make a chain of records, one for each', async () => {
  const Key = keyOf('chain');
  const answers = await Promise.all(Array.from({ length: 30 }, () => client.send(count(Key))));
  const counted = answers.map(({ Attributes }) => Number(Attributes?.visits?.N)).sort((a, b) => a - b);
  expect(counted).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(records).toHaveLength(30);
  expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', ...Array(29).fill('MODIFY')]);
  for (const [index, { dynamodb }] of records.entries()) {
    expect(dynamodb?.OldImage).toEqual(records[index - 1]?.dynamodb?.NewImage);
    expect(dynamodb).toMatchObject({ Keys: Key, NewImage: { ...Key, visits: { N: String(index + 1) } } });
  }
  const sequences = records.map(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0));
  expect(sequences.every((each, index) => index === 0 || each > (sequences[index - 1] ?? 0n))).toBe(true);
});

test('puts, deletes and batches make records too; what changes nothing does not', async () => {
  const [first, second] = [keyOf('first'), keyOf('second')];
  await client.send(new PutItemCommand({ TableName, Item: { ...first, colour: { S: 'red' } } }));
  await client.send(new PutItemCommand({ TableName, Item: { ...first, colour: { S: 'red' } } }));
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [{ PutRequest: { Item: second } }, { DeleteRequest: { Key: first } }],
      },
    }),
  );
  await client.send(new DeleteItemCommand({ TableName, Key: second }));
  expect(records.map(({ eventName, dynamodb }) => [eventName, dynamodb?.Keys])).toEqual([
    ['INSERT', first],
    ['INSERT', second],
    ['REMOVE', first],
    ['REMOVE', second],
  ]);
  expect(records[2]?.dynamodb).toMatchObject({ OldImage: { colour: { S: 'red' } } });
  expect(records[2]?.dynamodb).not.toHaveProperty('NewImage');
});

test('items that nobody wants and other tables pass as they are', async () => {
  await client.send(
    new PutItemCommand({ TableName, Item: { pk: { S: 'credential#1' }, sk: { S: 'head' } } }),
  );
  await client.send(new PutItemCommand({ TableName: OTHER, Item: keyOf('other') }));
  expect(await client.send(new GetItemCommand({ TableName: OTHER, Key: keyOf('other') }))).toMatchObject({
    Item: keyOf('other'),
  });
  expect(records).toEqual([]);
});

test('an answer is what the engine says, also when it refuses', async () => {
  const Item = keyOf('refused');
  const once = new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' });
  await client.send(once);
  await expect(client.send(once)).rejects.toThrow(/conditional request failed/i);
  expect(records).toHaveLength(1);
  for (const body of ['', 'no json', 'null', '{}', '{"TableName":"ledger","Key":{}}']) {
    const headers = {
      'x-amz-target': 'DynamoDB_20120810.UpdateItem',
      'content-type': 'application/x-amz-json-1.0',
    };
    const [through, direct] = await Promise.all(
      [endpoint, engine.origin].map(async (origin) => {
        const response = await fetch(origin, { method: 'POST', headers, body });
        return [response.status, await response.text()];
      }),
    );
    expect(through).toEqual(direct);
  }
});
