import { paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createBodyReader } from '../../../lib/queue/body-reader.ts';
import { decodeEnvelope, storedBodyOf } from '../../../lib/queue/envelope.ts';
import type { FunctionRuntime } from '../../../stack/function-runtime.ts';
import { bundledFunction } from '../../support/bundled-function.ts';
import {
  answerTo,
  callbackOf,
  ingestFunction,
  LARGEST_FILLER,
  ONE_SOURCE_EACH,
  OUTAGES,
} from '../../support/outage.ts';
import { startStores, type TestStores } from '../../support/stores.ts';
import { PATIENCE_MS } from '../../support/suite.ts';

const [source = ONE_SOURCE_EACH[0]] = ONE_SOURCE_EACH.slice(1);
if (source === undefined) throw new Error('There are no sources.');

const PATIENCE = { timeout: PATIENCE_MS };

/** Stores of their own for a test, so that many can wait at the same time. */
async function withStores(work: (stores: TestStores) => Promise<void>): Promise<void> {
  const stores = await startStores();
  try {
    await work(stores);
  } finally {
    await stores.close();
  }
}

/** Sends a callback as vendors do: again where a busy machine was too slow to store it in time. */
async function acknowledged(runtime: FunctionRuntime, event: object): Promise<void> {
  await vi.waitFor(
    async () => expect(await answerTo(runtime, event)).toEqual({ status: 200, body: '{"code":0}' }),
    PATIENCE,
  );
}

/** The bodies behind the messages of the queue. */
async function bodiesInQueue(stores: TestStores): Promise<(Buffer | undefined)[]> {
  const readBody = createBodyReader(stores.dynamodb, stores.tableName);
  const messages = await stores.takeMessages();
  return Promise.all(
    messages.map(async ({ body }) => {
      const stored = storedBodyOf(body);
      return decodeEnvelope(body, stored && (await readBody(stored)))?.body;
    }),
  );
}

async function itemCount(stores: TestStores, prefix: string): Promise<number> {
  let count = 0;
  for await (const { Items = [] } of paginateScan(
    { client: stores.dynamodb },
    { TableName: stores.tableName },
  )) {
    count += Items.filter(({ pk }) => pk?.S?.startsWith(prefix)).length;
  }
  return count;
}

function drainFunction(stores: TestStores): Promise<FunctionRuntime> {
  return bundledFunction('drain', {
    QUEUE_URL: stores.queueUrl,
    TABLE_NAME: stores.tableName,
    AWS_ENDPOINT_URL_SQS: stores.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: stores.dynamodbEndpoint,
  });
}

describe.concurrent('the queue is out', () => {
  test.each(OUTAGES)(
    '%s: spilled, acknowledged, and drained byte for byte when it is back',
    async (outage) => {
      await withStores(async (stores) => {
        const [runtime, drain] = await Promise.all([ingestFunction(source, stores), drainFunction(stores)]);
        stores.faults.sqs = () => outage;
        const callbacks = [
          callbackOf(source),
          callbackOf(source, 300_000),
          callbackOf(source, LARGEST_FILLER),
        ];
        for (const { event } of callbacks) {
          await acknowledged(runtime, event);
        }
        expect(await itemCount(stores, 'spill#')).toBeGreaterThanOrEqual(3);

        stores.faults.sqs = () => undefined;
        await vi.waitFor(async () => expect(await drain.invoke({})).toMatchObject({ left: 0 }), PATIENCE);
        expect(await itemCount(stores, 'spill#')).toBe(0);
        const inQueue = (await bodiesInQueue(stores)).map((body) => body?.toString('base64'));
        // What was done although its answer was lost is in the queue twice, which changes nothing.
        expect(new Set(inQueue)).toEqual(new Set(callbacks.map(({ body }) => body.toString('base64'))));
        await Promise.all([runtime.stop(), drain.stop()]);
      });
    },
  );

  test('and stays out: draining leaves everything where it is', async () => {
    await withStores(async (stores) => {
      const [runtime, drain] = await Promise.all([ingestFunction(source, stores), drainFunction(stores)]);
      stores.faults.sqs = () => '503';
      await acknowledged(runtime, callbackOf(source).event);
      const spilled = await itemCount(stores, 'spill#');
      expect(await drain.invoke({})).toEqual({ drained: 0, left: spilled });
      expect(await itemCount(stores, 'spill#')).toBe(spilled);
      await Promise.all([runtime.stop(), drain.stop()]);
    });
  });

  test('draining that ends between queue and table drains again', async () => {
    await withStores(async (stores) => {
      const [runtime, drain] = await Promise.all([ingestFunction(source, stores), drainFunction(stores)]);
      stores.faults.sqs = () => '503';
      const { event, body } = callbackOf(source);
      await acknowledged(runtime, event);
      stores.faults.sqs = () => undefined;
      stores.faults.dynamodb = ({ operation }) => (operation === 'DeleteItem' ? 'drop before' : undefined);
      await expect(drain.invoke({})).rejects.toThrow();
      expect(await itemCount(stores, 'spill#')).toBe(1);
      stores.faults.dynamodb = () => undefined;
      expect(await drain.invoke({})).toEqual({ drained: 1, left: 0 });
      expect(await bodiesInQueue(stores)).toEqual([body, body]);
      await Promise.all([runtime.stop(), drain.stop()]);
    });
  });
});

describe('the queue is out', () => {
  test('and the table too: 503, cold and warm, small and large', async () => {
    const waiting = OUTAGES.map((outage) =>
      withStores(async (stores) => {
        const runtime = await ingestFunction(source, stores);
        stores.faults.sqs = () => outage;
        stores.faults.dynamodb = () => outage;
        for (const bytes of [0, 0, LARGEST_FILLER]) {
          const answer = await answerTo(runtime, callbackOf(source, bytes).event);
          expect([outage, answer.status, answer.body]).toEqual([
            outage,
            503,
            '{"code":503,"reason":"stores_unavailable"}',
          ]);
        }
        await runtime.stop();
      }),
    );
    await Promise.all(waiting);
  });
});

describe('a queue that takes everything', () => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = await startStores();
  });
  afterAll(() => stores.close());

  test.each(ONE_SOURCE_EACH)('$name: a body of nearly 1 MiB arrives byte for byte', async (each) => {
    const runtime = await ingestFunction(each, stores);
    const { event, body } = callbackOf(each, LARGEST_FILLER);
    await acknowledged(runtime, event);
    expect(await itemCount(stores, 'spill#')).toBe(0);
    const [received] = await bodiesInQueue(stores);
    expect(received?.equals(body)).toBe(true);
    await runtime.stop();
  });
});

test('a queue that takes 256 KiB refuses no callback: a larger body goes through the table', async () => {
  const stores = await startStores(262_144);
  const runtime = await ingestFunction(source, stores);
  const callbacks = [0, 150_000, 300_000, LARGEST_FILLER].map((bytes) => callbackOf(source, bytes));
  for (const { event } of callbacks) await acknowledged(runtime, event);
  expect(await itemCount(stores, 'spill#')).toBe(0);
  expect(await itemCount(stores, 'body#')).toBeGreaterThanOrEqual(2);
  const received = await bodiesInQueue(stores);
  expect(new Set(received.map(String))).toEqual(new Set(callbacks.map(({ body }) => String(body))));
  await runtime.stop();
  await stores.close();
});
