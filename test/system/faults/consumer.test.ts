import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { QueueMessage } from '../../../lib/consume/consume.ts';
import { messageOf, SECOND, sampleBody, THIS_HOUR } from '../../support/callbacks.ts';
import { startConsumer } from '../../support/consumer.ts';
import {
  type ConsumerPlace,
  type DeployedConsumer,
  deployConsumer,
} from '../../support/deployed-consumer.ts';
import { describeOnDynalite } from '../../support/engines.ts';
import {
  type Fault,
  type FaultProxy,
  type ProxiedRequest,
  startFaultProxy,
} from '../../support/fault-proxy.ts';
import { PATIENCE_MS, quickOrWhole } from '../../support/suite.ts';
import { itemsOf, type StoredItem } from '../../support/table-items.ts';
import { startTestQueues, type TestQueues } from '../../support/test-queues.ts';

const QUARANTINE = 'quarantine';

/** How long conditions are waited for, in ms. */
const PATIENCE = { timeout: PATIENCE_MS };
/** How many interleavings of two consumers are tried for each case. */
const INTERLEAVINGS = quickOrWhole(1, 2);

/** The life of a recording, as messages whose ids and nonces name it. */
function lifeOf(recordId: string): QueueMessage[] {
  return ['start', 'end', 'upload-failed', 'upload'].map((event, second) => {
    const id = `${recordId} ${event}`;
    const body = sampleBody('rongcloud-recording', event, { recordId }, THIS_HOUR + second * SECOND);
    return messageOf('rongcloud-recording', body, { messageId: id, nonce: id, receivedAt: THIS_HOUR });
  });
}

describeOnDynalite('the deployed consumer', (engine) => {
  let queues: TestQueues;
  const cleanups: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    queues = await startTestQueues();
    await queues.create(QUARANTINE);
  });
  afterAll(async () => {
    await Promise.all(cleanups.map((cleanup) => cleanup()));
    await queues.stop();
  });

  /** A consumer with a table of its own, whose requests to it meet faults. */
  async function deploy(
    faultOf: (request: ProxiedRequest) => Fault | undefined | Promise<Fault | undefined>,
    changes: Partial<ConsumerPlace> = {},
  ): Promise<{
    consumer: DeployedConsumer;
    tableName: string;
    items: () => Promise<Map<string, StoredItem>>;
  }> {
    const tableName = changes.tableName ?? (await engine.newTable());
    const proxy: FaultProxy = await startFaultProxy(engine.endpoint, faultOf);
    const place = { dynamodb: proxy.origin, sqs: queues.origin, quarantineQueueName: QUARANTINE };
    const consumer = await deployConsumer({ ...place, tableName, ...changes });
    cleanups.push(consumer.kill, proxy.close);
    return { consumer, tableName, items: () => itemsOf(engine.client, tableName) };
  }

  const calmStates = new Map<string, Promise<Map<string, StoredItem>>>();

  /** The table after each message was delivered once, in order. */
  function calmItems(messages: readonly QueueMessage[]): Promise<Map<string, StoredItem>> {
    const key = messages.map(({ messageId }) => messageId).join();
    const items = calmStates.get(key) ?? applyCalmly(messages);
    calmStates.set(key, items);
    // A test that is tried again begins anew.
    items.catch(() => calmStates.delete(key));
    return items;
  }

  async function applyCalmly(messages: readonly QueueMessage[]): Promise<Map<string, StoredItem>> {
    const tableName = await engine.newTable();
    const consumer = startConsumer({ client: engine.client, tableName });
    for (const message of messages) await consumer.consume(message);
    return itemsOf(engine.client, tableName);
  }

  // Most of these wait: for a time-out of the SDK's, or between its attempts.
  describe.concurrent('meets a fault that', () => {
    const passing: Fault[] = quickOrWhole<Fault[]>(
      ['throttle', 'drop after'],
      ['throttle', 'throughput', '500', 'drop before', 'drop after', 'half answer', 'stall after'],
    );
    it.each(passing)('passes: %s at the first attempt of every call', async (fault) => {
      const seen = new Set<string>();
      let faults = 0;
      const { consumer, items } = await deploy(({ body }) => {
        if (seen.has(body)) return undefined;
        seen.add(body);
        faults += 1;
        return fault;
      });
      const batch = lifeOf('task');
      expect(await consumer.deliver(batch)).toEqual([]);
      expect(faults).toBeGreaterThanOrEqual(3 * batch.length);
      expect(await items()).toEqual(await calmItems(batch));
    });

    const lasting = quickOrWhole<Fault[]>(['500'], ['500', 'drop after']);
    const slow = quickOrWhole<Fault[]>([], ['stall after']);
    type Kind = [name: string, isHit: (body: string) => boolean];
    const kinds: [Kind, Kind, Kind] = [
      ['claim', (body) => body.includes('bodyHash')],
      ['state', (body) => body.includes('endOrder')],
      ['history', (body) => body.includes('bodyBytes')],
    ];
    const cases = [
      ...slow.map((fault) => [fault, ...kinds[1]] as const),
      ...lasting.flatMap((fault) => kinds.map((kind) => [fault, ...kind] as const)),
    ];
    it.each(cases)(
      'lasts, and reports only the message that it hits: %s of the %s',
      async (fault, _kind, isHit) => {
        let isOut = true;
        const { consumer, items } = await deploy(({ body }) =>
          isOut && body.includes('poison') && isHit(body) ? fault : undefined,
        );
        const [before, after] = [lifeOf('before'), lifeOf('after')];
        const [, poison] = lifeOf('poison') as [QueueMessage, QueueMessage];
        const batch = [...before, poison, ...after];
        // Again where a busy machine was too slow for the others too.
        await vi.waitFor(
          async () => expect(await consumer.deliver(batch)).toEqual([poison.messageId]),
          PATIENCE,
        );
        // The claim of a credential does not say whose it is.
        const ofOthers = (all: Map<string, StoredItem>) =>
          new Map([...all].filter(([key]) => !/poison|^credential#/.test(key)));
        expect(ofOthers(await items())).toEqual(ofOthers(await calmItems([...before, ...after])));

        isOut = false;
        expect(await consumer.deliver([poison])).toEqual([]);
        expect(await items()).toEqual(await calmItems(batch));
      },
    );
  });

  describe('with a message in the batch that can never be applied', () => {
    it.each([
      ['no envelope', { messageId: 'poison', body: 'hello' }, 'unreadable_envelope'],
      [
        'nothing readable inside',
        messageOf('tencent', Buffer.from('{'), { messageId: 'poison' }),
        'unreadable_body',
      ],
    ])('quarantines it, and applies the others: %s', async (_name, poison, reason) => {
      const { consumer, items } = await deploy(() => undefined);
      const [before, after] = [lifeOf('before'), lifeOf('after')];
      const failed = await consumer.deliver([...before, poison, ...after]);
      expect(await items()).toEqual(await calmItems([...before, ...after]));
      expect(failed).toEqual([]);
      expect(await queues.drain(QUARANTINE)).toMatchObject([
        { Body: poison.body, MessageAttributes: { reason: { StringValue: reason } } },
      ]);
    });
  });

  it('hands back what is not finished in time, and keeps what is', async () => {
    let isOut = true;
    const { consumer, items } = await deploy(
      ({ body }) => (isOut && body.includes('slow') ? 'stall before' : undefined),
      { timeoutSeconds: 5 },
    );
    const [slow, fast] = [lifeOf('slow'), lifeOf('fast')];
    // Again where a busy machine was too slow for the others too.
    const failed = async () => (await consumer.deliver([...slow, ...fast])).toSorted();
    await expect.poll(failed, PATIENCE).toEqual(slow.map(({ messageId }) => messageId).toSorted());
    const done = [...(await items())].filter(([key]) => !key.includes('slow'));
    expect(new Map(done)).toEqual(await calmItems(fast));
    isOut = false;
    expect(await consumer.deliver(slow)).toEqual([]);
    expect(await items()).toEqual(await calmItems([...slow, ...fast]));
  });

  describe('together with another one on the same task', () => {
    const life = lifeOf('task');
    const shares: [name: string, first: QueueMessage[], second: QueueMessage[]][] = [
      ['the same messages', life, life],
      ['the same messages, the other way round', life, life.toReversed()],
      ['different messages', life.slice(0, 2), life.slice(2)],
      ['different messages, the later ones first', life.slice(2), life.slice(0, 2)],
    ];
    /** Holds some requests back, others not: another interleaving for every seed. */
    const delayOf = (seed: number, consumer: number, { body }: ProxiedRequest) => {
      const hash = createHash('sha256').update(`${seed} ${consumer} ${body}`).digest();
      return { delayMs: (hash[0] ?? 0) % 4 === 0 ? (hash[1] ?? 0) % 30 : 0 };
    };
    it.each(quickOrWhole(shares.slice(1, 3), shares))(
      'leaves the state of a calm run: %s',
      async (_name, first, second) => {
        const calm = await calmItems(life);
        for (let seed = 0; seed < INTERLEAVINGS; seed++) {
          const one = await deploy((request) => delayOf(seed, 1, request));
          const { tableName } = one;
          const other = await deploy((request) => delayOf(seed, 2, request), { tableName });
          const failed = await Promise.all([one.consumer.deliver(first), other.consumer.deliver(second)]);
          expect([seed, failed]).toEqual([seed, [[], []]]);
          expect([seed, await one.items()]).toEqual([seed, calm]);
        }
      },
    );
  });
});
