import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { vi } from 'vitest';
import { parse } from 'yaml';
import type { StreamRecord } from '../../lib/changes/publish.ts';
import { callAws } from '../../lib/platform/aws/request.ts';
import { eventMatcher } from '../../stack/event-pattern.ts';
import { createServiceProxy } from '../../stack/proxy.ts';
import { tableStream } from '../../stack/table-stream.ts';
import type { ConsumerTable } from './consumer.ts';
import type { Engine } from './engines.ts';

const REGION = 'us-east-1';

/** A table to itself with a stream. */
export interface StreamedTable extends ConsumerTable {
  /** Another client of the table whose writes are in the stream too. */
  connect(): DynamoDBClient;
  /** Every record so far that invokes the function, as it would get them. */
  records(): Promise<StreamRecord[]>;
  close(): Promise<void>;
}

interface ChangesFunction {
  events: [{ stream: { filterPatterns: object[] } }];
}

/** What the filters of `serverless.yml` let through. */
const matchers = streamPatterns().map(eventMatcher);
const isWanted = (record: object) => matchers.some((matches) => matches(record));

function streamPatterns(): object[] {
  const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  const { functions } = parse(text, { logLevel: 'error' }) as {
    functions: Record<string, ChangesFunction>[];
  };
  return functions.flatMap(({ changes }) => changes?.events[0].stream.filterPatterns ?? []);
}

/** A ledger table whose changes are recorded: by DynamoDB Local's own streams, or by the local stack's. */
export async function streamedTable(engine: Engine): Promise<StreamedTable> {
  const tableName = await engine.newTable();
  return engine.name === 'dynalite' ? localStream(engine, tableName) : ownStream(engine, tableName);
}

async function localStream(engine: Engine, tableName: string): Promise<StreamedTable> {
  const records: StreamRecord[] = [];
  const around = tableStream({
    tableName,
    keyNames: ['pk', 'sk'],
    streamArn: 'arn',
    region: REGION,
    wants: () => true,
    onRecord: (record) => records.push(record),
    log: (line) => {
      throw new Error(line);
    },
  });
  const proxy = createServiceProxy({ origin: await endpointOf(engine.client), around });
  const server = createServer((request, response) => void proxy.forward(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: DynamoDBClient[] = [];
  const connect = () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new DynamoDBClient({ endpoint, region: REGION, credentials });
    clients.push(client);
    return client;
  };
  return {
    client: connect(),
    tableName,
    connect,
    records: async () => structuredClone(records.filter(isWanted)),
    async close() {
      for (const client of clients) client.destroy();
      proxy.close();
      server.close();
    },
  };
}

async function ownStream(engine: Engine, tableName: string): Promise<StreamedTable> {
  const { client } = engine;
  // To DynamoDB Local every access key is an account of its own.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const { TableDescription } = await client.send(
    new UpdateTableCommand({
      TableName: tableName,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  const endpoint = await endpointOf(client);
  const StreamArn = TableDescription?.LatestStreamArn;
  return {
    client,
    tableName,
    connect: engine.connect,
    records: async () => (await readStream(endpoint, String(StreamArn))).filter(isWanted),
    close: async () => {},
  };
}

/** Every record of a stream from its beginning, as the protocol has them, which is how Lambda hands them over. */
async function readStream(endpoint: string, StreamArn: string): Promise<StreamRecord[]> {
  const call = async (operation: string, input: object) => {
    const answer = await callAws({
      service: 'dynamodb',
      target: `DynamoDBStreams_20120810.${operation}`,
      protocol: 'application/x-amz-json-1.0',
      endpoint,
      region: REGION,
      body: JSON.stringify(input),
      deadline: Date.now() + 10_000,
    });
    if (!answer.ok) throw new Error(`${operation}: ${answer.reason}`);
    return JSON.parse(answer.body);
  };
  const { StreamDescription } = await call('DescribeStream', { StreamArn });
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    const shard = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let { ShardIterator } = await call('GetShardIterator', shard);
    // The last shard is open: it has an iterator for ever, and at its end answers with nothing.
    while (ShardIterator !== undefined) {
      const { Records, NextShardIterator } = await call('GetRecords', { ShardIterator });
      if (Records.length === 0) break;
      records.push(...Records);
      ShardIterator = NextShardIterator;
    }
  }
  return records;
}

async function endpointOf(client: DynamoDBClient): Promise<string> {
  const { protocol, hostname, port } = (await client.config.endpoint?.()) ?? {};
  return `${protocol}//${hostname}:${port}`;
}
