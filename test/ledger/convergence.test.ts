import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StoredCallback } from '../../lib/ledger/answers.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { type Callback, recordingCallbacks } from '../support/arbitrary-callbacks.ts';
import {
  type MessageChanges,
  messageOf,
  NOW,
  ownerOf,
  SECOND,
  type SourceName,
  sampleBody,
} from '../support/callbacks.ts';
import { type FaultMoment, faultyClient } from '../support/commands.ts';
import {
  type DeliveryOrder,
  deliver,
  deliveries,
  faults,
  inOrder,
  messagesOf,
  type Place,
  placesOf,
} from '../support/deliveries.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { endOf, startOf, uploadFailed } from '../support/observations.ts';
import type { Reader } from '../support/reader.ts';
import { quickOrWhole } from '../support/suite.ts';

/** PROPERTY_SEED=… runs another sample; a failure prints its seed and path. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const RUNS = quickOrWhole(3, 8);

const RONGCLOUD = ownerOf('rongcloud');
const RECORD: Place[] = [
  { owner: RONGCLOUD, kind: 'task', id: 'record' },
  { owner: RONGCLOUD, kind: 'room', id: 'room' },
];

/** What an event has of the delivery that was first received: its time and message, and in the body what ZEGOCLOUD signs for each. */
const OF_DELIVERY = ['receivedAt', 'messageId', 'nonce', 'timestamp'];

/** Everything that the read API answers, without which delivery an event was first received by. */
async function answersOf(reader: Reader, places: Place[]): Promise<object> {
  const read = ({ owner, kind, id }: Place) => reader[kind](owner, id);
  const owners = new Map(places.map(({ owner }) => [owner.vendor, owner]));
  const answers = {
    places: await Promise.all(places.map(read)),
    attention: await reader.attention(),
    lists: await Promise.all([...owners.values()].map((owner) => listsOf(reader, owner))),
  };
  return JSON.parse(
    JSON.stringify(answers, (name, value) => {
      // Events without a plausible time are listed by the delivery that was first received.
      if (name === 'events') return value.toSorted(byEventId);
      return OF_DELIVERY.includes(name) ? undefined : value;
    }),
  );
}

/** What the lists by time have. A task with only events without a time has that of its reception. */
async function listsOf(reader: Reader, owner: Owner): Promise<object> {
  const [tasks, files] = await Promise.all([reader.list('tasks', owner), reader.list('files', owner)]);
  const taskIds = tasks.map(({ taskId }) => taskId);
  expect(new Set(taskIds).size).toBe(taskIds.length);
  return { tasks: tasks.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1)), files };
}

/** A file name in a callback, and whose file it is. */
interface Mention {
  name: string;
  userId: string;
  isStart: boolean;
}

/** The names that the callbacks of recordings mention, by task. A recording that could not start has no file. */
function mentionsOf(list: readonly Callback[]): Map<string, Mention[]> {
  const mentions = new Map<string, Mention[]>();
  for (const { body } of list) {
    const isStart = body.type === 1;
    if ((isStart && body.code !== 200) || ![1, 2, 3, 4].includes(Number(body.type))) continue;
    const recordId = String(body.recordId);
    const mention = { name: nameOf(body), userId: String(body.userId), isStart };
    mentions.set(recordId, [...(mentions.get(recordId) ?? []), mention]);
  }
  return mentions;
}

function nameOf(body: JsonObject): string {
  return String((body.output as JsonObject).fileName);
}

/** Whether a callback says that this very file was uploaded. */
function hasUpload(list: readonly Callback[], recordId: string, name: string): boolean {
  return list.some(
    ({ body }) => body.type === 4 && body.code === 200 && body.recordId === recordId && nameOf(body) === name,
  );
}

function byEventId(a: StoredCallback, b: StoredCallback): number {
  return a.eventId < b.eventId ? -1 : 1;
}

describeOnEngines('the state converges', (engine) => {
  const expectConvergence = async (
    list: Callback[],
    order: DeliveryOrder,
    faultsOfRun: (FaultMoment | undefined)[],
    batchSize: number,
  ) => {
    const reference = await freshLedger(engine);
    const places = placesOf(await deliver(reference, messagesOf(list, inOrder(list)), 1));
    const { tableName, reader } = await freshLedger(engine);
    const faulty = faultyClient(engine.connect(), (_command, count) => faultsOfRun[count]);
    await deliver({ client: faulty, tableName }, messagesOf(list, order), batchSize);
    faulty.destroy();
    expect(await answersOf(reader, places)).toEqual(await answersOf(reference.reader, places));
  };
  const check = <Run extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Run>) =>
    fc.assert(property, { seed: SEED, numRuns: runsOn(engine, RUNS) });

  it('whatever the order and the repetitions', () =>
    check(fc.asyncProperty(deliveries, ({ list, order }) => expectConvergence(list, order, [], 1))));

  it('with batches that are worked on at once', () =>
    check(
      fc.asyncProperty(deliveries, fc.integer({ min: 2, max: 15 }), ({ list, order }, size) =>
        expectConvergence(list, order, [], size),
      ),
    ));

  it('with crashes between writes and redeliveries', () =>
    check(
      fc.asyncProperty(deliveries, faults, fc.integer({ min: 1, max: 4 }), ({ list, order }, lost, size) =>
        expectConvergence(list, order, lost, size),
      ),
    ));

  it('and no file name that a callback mentions is forgotten', () =>
    check(
      fc.asyncProperty(fc.array(recordingCallbacks, { minLength: 1, maxLength: 7 }), async (list) => {
        const { tableName, client, reader } = await freshLedger(engine);
        await deliver({ client, tableName }, messagesOf(list, inOrder(list)), 1);
        for (const [recordId, mentions] of mentionsOf(list)) {
          const files = (await reader.task(RONGCLOUD, recordId)).flatMap((page) => page.files);
          const names = files.map(({ name }) => name);
          const finals = mentions.filter(({ isStart }) => !isStart);
          for (const { name } of finals) expect(names).toContain(name);
          for (const { name, userId } of mentions) {
            // A temporary name makes way for the final one of the same user, and for no other.
            const isReplaced = finals.some((final) => final.userId === userId && final.name !== name);
            expect(names.includes(name) || isReplaced).toBe(true);
          }
          for (const { name, status } of files.filter((file) => file.status === 'uploaded')) {
            expect({ name, status, isOwn: hasUpload(list, recordId, name) }).toMatchObject({ isOwn: true });
          }
        }
      }),
    ));

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
