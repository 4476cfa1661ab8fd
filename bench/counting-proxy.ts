import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';

/** The DynamoDB calls of a packaged function, and what the engine says they cost. */
export interface Counts {
  /** Calls by operation, such as `UpdateItem`. */
  calls: Record<string, number>;
  /** Write units of the table; a refused write counts one. */
  writeUnits: number;
  /** Read units of the table and its indexes. */
  readUnits: number;
  /** Write units of the indexes, as far as the engine reports them. */
  indexUnits: number;
  requestBytes: number;
}

/** A DynamoDB endpoint that passes everything on and counts it. */
export interface CountingProxy {
  origin: string;
  /** What was counted since the last time. */
  read(): Counts;
  stop(): Promise<void>;
}

/** Starts a proxy in front of the engine at `target`. It asks for the consumed capacity of every call. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  let counts = noCounts();
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    counts.calls[operation] = (counts.calls[operation] ?? 0) + 1;
    counts.requestBytes += body.length;
    const answer = await passOn(target, incoming, withCapacity(body));
    if (READS.includes(operation)) addReadUnits(counts, answer.body);
    else addUnits(counts, answer.body);
    outgoing.writeHead(answer.status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    read() {
      const last = counts;
      counts = noCounts();
      return last;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function noCounts(): Counts {
  return { calls: {}, writeUnits: 0, readUnits: 0, indexUnits: 0, requestBytes: 0 };
}

function withCapacity(body: Buffer): Buffer {
  return Buffer.from(
    JSON.stringify({ ...JSON.parse(body.toString('utf8')), ReturnConsumedCapacity: 'INDEXES' }),
  );
}

const READS = ['GetItem', 'BatchGetItem', 'Query'];

function addReadUnits(counts: Counts, answer: Buffer): void {
  const { ConsumedCapacity: consumed = [] } = JSON.parse(answer.toString('utf8')) as {
    ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
  };
  for (const { CapacityUnits = 0 } of [consumed].flat()) counts.readUnits += CapacityUnits;
}

function addUnits(counts: Counts, answer: Buffer): void {
  const { ConsumedCapacity: consumed, __type: type } = JSON.parse(answer.toString('utf8')) as {
    ConsumedCapacity?: ConsumedCapacity;
    __type?: string;
  };
  // DynamoDB counts a refused write and does not say how much: a unit for each KB of the item in its way.
  const isRefused = type?.endsWith('ConditionalCheckFailedException') ?? false;
  const units = isRefused ? 1 : consumed?.Table?.CapacityUnits;
  if (units === undefined) throw new Error(`The engine does not report what a call costs: ${type}`);
  counts.writeUnits += units;
  for (const { CapacityUnits = 0 } of Object.values(consumed?.GlobalSecondaryIndexes ?? {})) {
    counts.indexUnits += CapacityUnits;
  }
}

async function passOn(
  target: string,
  { headers }: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; body: Buffer }> {
  const { host: _, 'content-length': __, ...kept } = headers;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(target, { method: 'POST', headers: { ...kept, 'content-length': body.length } }, resolve)
      .on('error', reject)
      .end(body);
  });
  return { status: response.statusCode ?? 0, body: await buffer(response) };
}
