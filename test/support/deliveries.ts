import fc from 'fast-check';
import { expect } from 'vitest';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import { type Callback, callbacks } from './arbitrary-callbacks.ts';
import { messageOf, NOW, SECOND, sampleSource, signedAt } from './callbacks.ts';
import type { FaultMoment } from './commands.ts';
import { type ConsumerTable, startConsumer, type TestConsumer } from './consumer.ts';

/** How often a callback comes again: the queue's message, and the vendor's, with the same credential or a new one. */
export type Repetition = 'queue' | 'vendor' | 'vendor, signed again';

/** The callbacks' positions in the order of their messages. */
export type DeliveryOrder = [position: number, repetition: Repetition][];

/** Callbacks and the messages that bring them: every one at least once, in any order. */
export const deliveries = fc.array(callbacks, { minLength: 2, maxLength: 7 }).chain((list) => {
  const index = fc.nat({ max: list.length - 1 });
  const kind = fc.constantFrom<Repetition>('queue', 'vendor', 'vendor, signed again');
  return fc
    .array(fc.tuple(index, kind), { maxLength: 5 })
    .chain((repeated) => {
      const all: DeliveryOrder = [...inOrder(list), ...repeated];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .map((order) => ({ list, order }));
});

/** Every callback once, in the order it happened. */
export function inOrder(list: readonly Callback[]): DeliveryOrder {
  return list.map((_, position) => [position, 'queue']);
}

/** The messages that bring the callbacks. */
export function messagesOf(list: readonly Callback[], order: DeliveryOrder): QueueMessage[] {
  return order.map(([position, repetition], count) => {
    const { source, body } = list[position] as Callback;
    // ZEGO signs inside the body, so that a body that is signed again is another one.
    const isNew = repetition === 'vendor, signed again' && !source.startsWith('zego');
    return messageOf(source, body, {
      nonce: isNew ? `nonce ${position} ${count}` : `nonce ${position}`,
      timestamp: signedAt(sampleSource(source).vendor, NOW),
      ...(repetition === 'queue' ? { messageId: `${position}` } : { receivedAt: NOW + count * SECOND }),
    });
  });
}

/** Something that the read API answers for. */
export interface Place {
  owner: Owner;
  kind: 'task' | 'room';
  id: string;
}

/** The tasks and rooms that the lines of a consumer name. */
export function placesOf({ lines }: TestConsumer): Place[] {
  const consumed = lines.filter(({ message }) => message === 'consumed');
  const places = consumed.flatMap(({ fields }): Place[] => {
    const { vendor } = sampleSource(String(fields.source));
    const owner = { vendor, appId: String(fields.appId) };
    const place = (kind: Place['kind'], id: unknown) => (typeof id === 'string' ? [{ owner, kind, id }] : []);
    return [...place('task', fields.taskId), ...place('room', fields.roomId)];
  });
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

/** Delivers every message until it is taken, `batchSize` at a time. */
export async function deliver(
  table: ConsumerTable,
  messages: readonly QueueMessage[],
  batchSize: number,
): Promise<TestConsumer> {
  const consumer = startConsumer(table);
  const queue = [...messages];
  for (let rounds = 0; queue.length > 0; rounds++) {
    if (rounds > 1000) throw new Error('A message is never taken.');
    const batch = queue.splice(0, batchSize);
    const failed = await consumer.consume(...batch);
    queue.push(...batch.filter(({ messageId }) => failed.includes(messageId)));
  }
  expect(consumer.quarantined).toEqual([]);
  return consumer;
}

/** The writes that fail, by their number, and whether the engine had done them. */
export const faults = fc.array(fc.constantFrom<FaultMoment | undefined>('before', 'after', undefined), {
  maxLength: 60,
});
