import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { erase, itemsOf, partitionsOfRoom } from '../../cli/erasure.ts';
import { taskKey } from '../../lib/ledger/keys.ts';
import { createTombstones, TOMBSTONE_MS } from '../../lib/ledger/tombstones.ts';
import { HOUR, messageOf, NOW, ownerOf, recordingMessage, SECOND, sampleBody } from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

const { vendor, appId } = ownerOf('rongcloud');
const TASK = taskKey(vendor, appId, 'ana');
const MINUTE = 60 * SECOND;

describeOnEngines('erasing', (engine) => {
  let store: FreshLedger;
  let clock: { now: number };
  let consumer: ReturnType<typeof startConsumer>;
  beforeEach(async () => {
    store = await freshLedger(engine);
    clock = { now: NOW + SECOND };
    const isErased = createTombstones(store.client, store.tableName, () => clock.now);
    consumer = startConsumer(store, { isErased });
  });

  const callback = (event: string, changes = {}) =>
    recordingMessage(event, { recordId: 'ana', roomId: 'sala', timestamp: NOW, ...changes });
  const scan = async () =>
    (await store.client.send(new ScanCommand({ TableName: store.tableName }))).Items ?? [];
  const kept = async () =>
    (await scan()).filter(({ pk }) => /^(task|room)#/.test(pk?.S ?? '')).map(({ pk }) => pk?.S);

  it('leaves nothing of a task but a tombstone without its id, and nothing comes back', async () => {
    for (const event of ['start', 'end', 'upload']) await consumer.consume(callback(event));
    await consumer.consume(callback('start', { recordId: 'ben' }));
    expect(await erase(store, TASK, clock.now)).toBeGreaterThan(3);
    clock.now += MINUTE;
    // The second one is of a file that was not known.
    for (const output of [{}, { fileName: 'late.mp4' }])
      await consumer.consume(callback('upload', { output }));
    expect(consumer.verdicts().slice(-2)).toEqual(['erased', 'erased']);
    expect(JSON.stringify(consumer.lines.at(-1))).not.toContain('ana');
    const items = await scan();
    // The claims of credentials that came before name it until they expire.
    const named = items.filter((item) => /"ana"|#ana/.test(JSON.stringify(item)));
    expect(named.map(({ pk, expiresAt: end }) => [pk?.S?.split('#')[0], end === undefined])).toEqual(
      Array.from({ length: 3 }, () => ['credential', false]),
    );
    expect(new Set(await kept())).toEqual(new Set([taskKey(vendor, appId, 'ben')]));
    const tombstones = items.filter(({ pk }) => pk?.S === 'erased');
    const expiresAt = { N: String((NOW + SECOND + TOMBSTONE_MS) / SECOND) };
    expect(tombstones).toEqual([expect.objectContaining({ expiresAt })]);
  });

  it('takes a room with its tasks, and no other', async () => {
    for (const recordId of ['ana', 'eva']) await consumer.consume(callback('upload', { recordId }));
    await consumer.consume(callback('upload', { recordId: 'ben', roomId: 'bens room' }));
    const partitions = await partitionsOfRoom(store, { vendor, appId }, 'sala');
    for (const partition of partitions) await erase(store, partition, clock.now);
    clock.now += MINUTE;
    // A task of the room that was not known.
    await consumer.consume(callback('upload', { recordId: 'new' }));
    expect(consumer.verdicts().at(-1)).toBe('erased');
    expect(new Set(await kept())).toEqual(new Set([taskKey(vendor, appId, 'ben')]));
  });

  it('needs a second run for what a consumer wrote that had read the tombstones before', async () => {
    await consumer.consume(callback('start'));
    await erase(store, TASK, clock.now);
    clock.now += MINUTE - 1;
    await consumer.consume(callback('upload'));
    expect(await itemsOf(store, TASK)).not.toEqual([]);
    clock.now += 1;
    await consumer.consume(callback('end'));
    expect(consumer.verdicts()).toEqual(['applied', 'applied', 'erased']);
    await erase(store, TASK, clock.now);
    expect(await kept()).toEqual([]);
  });

  it.each([
    ['happens afterwards', SECOND + 1, 0],
    ['comes when the tombstone has expired', 0, TOMBSTONE_MS],
  ])('keeps what %s', async (_name, happenedMs, waitedMs) => {
    await erase(store, TASK, clock.now);
    clock.now += waitedMs;
    await consumer.consume(callback('upload', { timestamp: NOW + happenedMs }));
    expect(consumer.verdicts()).toEqual(['applied']);
  });

  it('is for ever where a signed body can be sent again at any time', async () => {
    const { appId: app } = ownerOf('tencent');
    const task = taskKey('tencent', app, 'ana');
    const message = (ms: number) => {
      const EventInfo = { TaskId: 'ana', RoomId: 'sala', EventMsTs: NOW + ms };
      const body = sampleBody('tencent', 'recording-start', { EventInfo });
      return messageOf('tencent', body, { receivedAt: clock.now });
    };
    await consumer.consume(message(0));
    await erase(store, task, clock.now);
    clock.now += 1000 * 24 * HOUR;
    await consumer.consume(message(0), message(SECOND));
    await consumer.consume(message(2 * SECOND));
    expect(consumer.verdicts()).toEqual(['applied', 'erased', 'erased', 'applied']);
    const tombstones = (await scan()).filter(({ pk }) => pk?.S === 'erased');
    expect(tombstones).toEqual([expect.not.objectContaining({ expiresAt: expect.anything() })]);
  });

  it('for ever does not drop what comes later without a plausible time', async () => {
    const task = taskKey('tencent', ownerOf('tencent').appId, 'ana');
    await erase(store, task, clock.now);
    clock.now += HOUR;
    const EventInfo = { TaskId: 'ana', RoomId: 'sala', EventMsTs: 0, EventTs: 0 };
    const body = sampleBody('tencent', 'recording-start', { EventInfo, CallbackTs: 0 });
    await consumer.consume(messageOf('tencent', body, { receivedAt: clock.now }));
    expect(consumer.verdicts()).toEqual(['applied']);
  });

  it('takes a task whose id is too long for a key', async () => {
    const recordId = 'x'.repeat(1_000);
    await consumer.consume(callback('start', { recordId }));
    expect(await erase(store, taskKey(vendor, appId, recordId), clock.now)).toBeGreaterThan(0);
    expect(await kept()).toEqual([]);
  });

  it('costs one query a minute, however many callbacks there are', async () => {
    const queries: unknown[] = [];
    const client = Object.create(store.client);
    client.send = (command: QueryCommand) => {
      queries.push(command);
      return store.client.send(command);
    };
    const isErased = createTombstones(client, store.tableName, () => clock.now);
    const ask = () => Promise.all(Array.from({ length: 50 }, () => isErased([TASK], NOW)));
    await ask();
    await ask();
    expect(queries).toEqual([expect.any(QueryCommand)]);
    clock.now += MINUTE;
    await ask();
    expect(queries).toHaveLength(2);
  });
});
