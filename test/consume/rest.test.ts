import { describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import { messageOf, NOW, ownerOf, sampleBody } from '../support/callbacks.ts';
import { startConsumer, type TestConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';

/** How many observations a message applies in these tests. */
const MOST = 20;

const PICTURES = MOST + 7;
const SETTINGS = { observationsPerMessage: MOST };
const CREDENTIAL = { nonce: 'nonce', timestamp: String(NOW / 1000) };

function pictures(count: number, prefix = 'http://example.com/'): QueueMessage {
  const snapshot_pic_list = Array.from({ length: count }, (_, index) => ({ url: `${prefix}${index}.jpg` }));
  return messageOf(
    'zego',
    sampleBody('zego', 'snapshot', { task_id: 'task', snapshot_pic_list }),
    CREDENTIAL,
  );
}

/** Applies a message and what it puts into the queue, until nothing is left. */
async function consumeAll(consumer: TestConsumer, message: QueueMessage): Promise<void> {
  const queue = [message];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    expect(await consumer.consume(next)).toEqual([]);
    queue.push(...consumer.requeued.splice(0));
  }
}

describeOnEngines('a callback with very many pictures', (engine) => {
  const filesOf = async ({ reader }: Awaited<ReturnType<typeof freshLedger>>) =>
    (await reader.task(ownerOf('zego'), 'task')).flatMap((page) => page.files).length;

  it('is applied by several messages, each with a part, and recorded once', async () => {
    const store = await freshLedger(engine);
    const consumer = startConsumer(store, SETTINGS);
    const message = pictures(2 * MOST + 7);
    await consumeAll(consumer, message);
    expect(consumer.lines.map(({ fields }) => [fields.verdict, fields.changes, fields.left])).toEqual([
      ['applied', MOST, MOST + 7],
      ['applied', MOST, 7],
      ['applied', 7, undefined],
    ]);
    expect(await filesOf(store)).toBe(2 * MOST + 7);
    expect(consumer.lines.map(({ fields }) => fields.restOf)).toEqual([
      undefined,
      message.messageId,
      message.messageId,
    ]);
    const events = (await store.reader.task(ownerOf('zego'), 'task')).flatMap((page) => page.events ?? []);
    expect(events.map(({ messageId }) => messageId)).toEqual([message.messageId]);
  });

  describe('whose rest', () => {
    it('is not taken by the queue comes again as a whole, and once applied is a duplicate', async () => {
      const store = await freshLedger(engine);
      const out = startConsumer(store, {
        ...SETTINGS,
        requeue: () => Promise.reject(new Error('out')),
      });
      const message = pictures(PICTURES);
      expect(await out.consume(message)).toEqual([message.messageId]);
      const consumer = startConsumer(store, SETTINGS);
      await consumeAll(consumer, message);
      expect(await filesOf(store)).toBe(PICTURES);

      expect(await consumer.consume(message)).toEqual([]);
      expect(consumer.verdicts().at(-1)).toBe('duplicate');
      expect(consumer.requeued).toEqual([]);
    });

    it('keeps its claim of the credential: no other body takes it in between', async () => {
      const store = await freshLedger(engine);
      const consumer = startConsumer(store, SETTINGS);
      await consumer.consume(pictures(PICTURES));
      const [rest] = consumer.requeued.splice(0);
      await consumer.consume(pictures(3, 'http://forged.example/'));
      expect(consumer.quarantined.map(({ reason }) => reason)).toEqual(['nonce_reused']);
      if (rest !== undefined) await consumeAll(consumer, rest);
      expect(await filesOf(store)).toBe(PICTURES);
    });
  });
});
