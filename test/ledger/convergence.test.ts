import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { QueueMessage } from '../../lib/consumer.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import { type Callback, callbacks } from '../support/arbitrary-callbacks.ts';
import {
  type MessageChanges,
  messageOf,
  NOW,
  ownerOf,
  SECOND,
  type SourceName,
  sampleBody,
  sampleSource,
} from '../support/callbacks.ts';
import { type FaultMoment, faultyClient } from '../support/commands.ts';
import { type ConsumerTable, startConsumer, type TestConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { endOf, startOf, uploadFailed } from '../support/observations.ts';
import type { Reader } from '../support/reader.ts';

/** PROPERTY_SEED=… runs another sample; a failure prints its seed and path. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
/** A counterexample is told, as small as it has become, before the test times out. */
const SEARCH_MS = 20_000;
const RUNS = { dynalite: 20, 'DynamoDB Local': 5 };

const RONGCLOUD = ownerOf('rongcloud');
/** How often a callback comes again: the queue's message, and the vendor's, with the same credential or a new one. */
type Repetition = 'queue' | 'vendor' | 'vendor, signed again';

/** Callbacks and the messages that bring them: every one at least once, in any order. */
const deliveries = fc.array(callbacks, { minLength: 2, maxLength: 7 }).chain((list) => {
  const index = fc.nat({ max: list.length - 1 });
  const kind = fc.constantFrom<Repetition>('queue', 'vendor', 'vendor, signed again');
  return fc
    .array(fc.tuple(index, kind), { maxLength: 5 })
    .chain((repeated) => {
      const first = list.map((_, position) => [position, 'queue'] as [number, Repetition]);
      const all = [...first, ...repeated];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .map((order) => ({ list, order }));
});

function messagesOf(list: Callback[], order: [number, Repetition][]): QueueMessage[] {
  return order.map(([position, repetition], count) => {
    const { source, body } = list[position] as Callback;
    // ZEGO signs inside the body, so that a body that is signed again is another one.
    const isNew = repetition === 'vendor, signed again' && !source.startsWith('zego');
    return messageOf(source, body, {
      nonce: isNew ? `nonce ${position} ${count}` : `nonce ${position}`,
      timestamp: String(NOW),
      ...(repetition === 'queue' ? { messageId: `${position}` } : { receivedAt: NOW + count * SECOND }),
    });
  });
}

/** Something that the read API answers for. */
interface Place {
  owner: Owner;
  kind: 'task' | 'room';
  id: string;
}

const RECORD: Place[] = [
  { owner: RONGCLOUD, kind: 'task', id: 'record' },
  { owner: RONGCLOUD, kind: 'room', id: 'room' },
];

/** What an event has of the delivery that was first received: its time, and ZEGO's credential in the body. */
const OF_DELIVERY = ['receivedAt', 'nonce'];

/** The tasks and rooms that the lines of a consumer name. */
function placesOf({ lines }: TestConsumer): Place[] {
  const places = lines.flatMap(({ fields }): Place[] => {
    const { vendor } = sampleSource(String(fields.source));
    const owner = { vendor, appId: String(fields.appId) };
    const place = (kind: Place['kind'], id: unknown) => (typeof id === 'string' ? [{ owner, kind, id }] : []);
    return [...place('task', fields.taskId), ...place('room', fields.roomId)];
  });
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

/** Everything that the read API answers, without which delivery an event was first received by. */
async function answersOf(reader: Reader, places: Place[]): Promise<object> {
  const read = ({ owner, kind, id }: Place) => reader[kind](owner, id);
  const answers = { places: await Promise.all(places.map(read)), attention: await reader.attention() };
  return JSON.parse(
    JSON.stringify(answers, (name, value) => (OF_DELIVERY.includes(name) ? undefined : value)),
  );
}

/** Delivers every message until it is taken, `batchSize` at a time. */
async function deliver(
  table: ConsumerTable,
  messages: QueueMessage[],
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
const faults = fc.array(fc.constantFrom<FaultMoment | undefined>('before', 'after', undefined), {
  maxLength: 60,
});

describeOnEngines('the state converges', (engine) => {
  const expectConvergence = async (
    list: Callback[],
    order: [number, Repetition][],
    faultsOfRun: (FaultMoment | undefined)[],
    batchSize: number,
  ) => {
    const reference = await freshLedger(engine);
    const inOrder = list.map((_, position) => [position, 'queue'] as [number, Repetition]);
    const places = placesOf(await deliver(reference, messagesOf(list, inOrder), 1));
    const { tableName, reader } = await freshLedger(engine);
    const faulty = faultyClient(engine.connect(), (_command, count) => faultsOfRun[count]);
    await deliver({ client: faulty, tableName }, messagesOf(list, order), batchSize);
    faulty.destroy();
    expect(await answersOf(reader, places)).toEqual(await answersOf(reference.reader, places));
  };
  const check = <Run extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Run>) =>
    fc.assert(property, { seed: SEED, numRuns: RUNS[engine.name], interruptAfterTimeLimit: SEARCH_MS });

  it('whatever the order and the repetitions', { timeout: 60_000 }, () =>
    check(fc.asyncProperty(deliveries, ({ list, order }) => expectConvergence(list, order, [], 1))),
  );

  it('with batches that are worked on at once', { timeout: 60_000 }, () =>
    check(
      fc.asyncProperty(deliveries, fc.integer({ min: 2, max: 15 }), ({ list, order }, size) =>
        expectConvergence(list, order, [], size),
      ),
    ),
  );

  it('with crashes between writes and redeliveries', { timeout: 60_000 }, () =>
    check(
      fc.asyncProperty(deliveries, faults, fc.integer({ min: 1, max: 4 }), ({ list, order }, lost, size) =>
        expectConvergence(list, order, lost, size),
      ),
    ),
  );

  it('with observations applied at once', async () => {
    const failures = [3, 1, 2, 1].map((at) => uploadFailed('record', 'a.mp4', at * SECOND, { code: at }));
    const [oneByOne, atOnce] = [await freshLedger(engine), await freshLedger(engine)];
    await oneByOne.applyAll(RONGCLOUD, failures);
    await Promise.all(failures.map((failure) => atOnce.ledger.apply(RONGCLOUD, failure)));
    expect(await answersOf(atOnce.reader, RECORD)).toEqual(await answersOf(oneByOne.reader, RECORD));
  });

  it.each<[string, SourceName, string, MessageChanges]>([
    ['ZEGO signs it again', 'zego', 'snapshot', {}],
    [
      'it says nothing of its time',
      'rongcloud-moderation',
      'start',
      { nonce: 'nonce', timestamp: String(NOW) },
    ],
  ])('when a callback is sent again and %s', async (_name, source, event, credential) => {
    const messages = [0, 2 * SECOND].map((ms) =>
      messageOf(source, sampleBody(source, event), { ...credential, receivedAt: NOW + ms }),
    );
    const states = [];
    for (const sent of [messages.slice(0, 1), messages, messages.toReversed()]) {
      const store = await freshLedger(engine);
      const [place] = placesOf(await deliver(store, sent, 1));
      states.push(place && (await store.reader.task(place.owner, place.id, { events: false })));
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
  });

  it.each([
    [
      'the end names another room',
      startOf('record', 0, { roomId: 'room' }),
      endOf('record', 1, { roomId: 'other' }),
    ],
    ['a later start names no room', startOf('record', 0, { roomId: 'room' }), startOf('record', 1)],
  ])('when the callbacks of a task disagree on its room: %s', async (_name, ...observations) => {
    const answers = [];
    for (const order of [observations, observations.toReversed()]) {
      const { applyAll, reader } = await freshLedger(engine);
      await applyAll(RONGCLOUD, order);
      answers.push(await answersOf(reader, RECORD));
    }
    expect(answers[0]).toEqual(answers[1]);
  });
});
