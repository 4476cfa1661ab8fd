import { DeleteItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { fillLists } from '../../cli/filling.ts';
import { messageOf, NOW, ownerOf, SECOND, type SourceName, sampleBody } from '../support/callbacks.ts';
import { faultyClient } from '../support/commands.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

const CALLBACKS: readonly [SourceName, string][] = [
  ['rongcloud-recording', 'start'],
  ['rongcloud-recording', 'segment'],
  ['rongcloud-screenshot', 'upload'],
  ['tencent', 'screenshot'],
  ['tencent', 'recording-start'],
  ['tencent', 'recording-mp4'],
  ['zego', 'snapshot'],
  ['zego-recording', 'pause'],
];

describeOnEngines('the lists of a table of an earlier version', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
    const messages = CALLBACKS.map(([source, event], index) =>
      messageOf(source, sampleBody(source, event, {}, NOW + index * SECOND)),
    );
    const consumer = startConsumer(store);
    for (const message of messages) expect(await consumer.consume(message)).toEqual([]);
  });

  const listed = async () => {
    const owners = (['rongcloud', 'tencent', 'zego'] as const).map(ownerOf);
    const lists = owners.flatMap((owner) =>
      (['tasks', 'files'] as const).map((name) => store.reader.list<'tasks' | 'files'>(name, owner)),
    );
    return Promise.all(lists);
  };

  /** Takes from the table what earlier versions did not write. */
  const forget = async () => {
    const { client, tableName: TableName } = store;
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    for (const { pk = { S: '' }, sk = { S: '' }, place } of Items) {
      const Key = { pk, sk };
      if (sk.S?.startsWith('day#')) await client.send(new DeleteItemCommand({ TableName, Key }));
      else if (place !== undefined)
        await client.send(
          new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE place, placeAt' }),
        );
    }
  };

  const fill = (signal = new AbortController().signal, onProgress: (count: number) => void = () => {}) =>
    fillLists({ ...store, signal, onProgress });

  it('are the same once they are filled, and filling again changes nothing', async () => {
    const before = await listed();
    expect(before.filter((list) => list.length > 0)).toHaveLength(6);
    expect(await fill()).toMatchObject({ placed: 0 });
    await forget();
    expect((await listed()).flat()).toEqual([]);
    const { placed } = await fill();
    expect(placed).toBeGreaterThan(0);
    expect(await listed()).toEqual(before);
    expect(await fill()).toMatchObject({ placed: 0 });
  });

  it('are filled in the end where filling was stopped', async () => {
    const before = await listed();
    await forget();
    const stop = new AbortController();
    await fill(stop.signal, () => stop.abort());
    await fill();
    expect(await listed()).toEqual(before);
  });

  it('are filled in the end wherever filling broke off', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }), async (counts) => {
        const before = await listed();
        await forget();
        for (const last of counts) {
          const client = faultyClient(engine.connect(), (_, count) => (count >= last ? 'before' : undefined));
          const { signal } = new AbortController();
          const broken = fillLists({ client, tableName: store.tableName, signal, onProgress: () => {} });
          await broken.catch((error: Error) => expect(error.name).toBe('ThrottlingException'));
          client.destroy();
        }
        await fill();
        expect(await listed()).toEqual(before);
        expect(await fill()).toMatchObject({ placed: 0 });
      }),
      { numRuns: runsOn(engine, 4), seed: 18 },
    ));

  it('have what a callback placed meanwhile at its earlier time', async () => {
    await forget();
    await startConsumer(store).consume(
      messageOf('rongcloud-recording', sampleBody('rongcloud-recording', 'end', {}, NOW - 60 * SECOND)),
    );
    await fill();
    const [task] = (await store.reader.list('tasks', ownerOf('rongcloud'))).filter(
      ({ kind }) => kind === 'recording',
    );
    expect(task?.taskId).toBeDefined();
    const early = await store.reader.list('files', ownerOf('rongcloud'), { to: new Date(NOW).toISOString() });
    expect(early).not.toEqual([]);
  });
});
