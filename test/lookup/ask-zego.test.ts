import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startZegoServer, type VendorTask, type ZegoServer } from '../../demo/outage/zego-server.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { queryZego } from '../../lib/lookup/ask-zego.ts';
import { parseServerSecrets } from '../../lib/lookup/query-settings.ts';
import { HOUR, NOW, ownerOf } from '../support/callbacks.ts';
import { describeOnDynalite } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { closed, endOf, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { attentionItemsOf, DAY, settingsOf, startWatch } from '../support/watch.ts';

const ZEGO = { ...ownerOf('zego'), appId: '1234567' };
const SECRET = '9193cc662a4c0ec135ec71fb57194b38';

describeOnDynalite('asking ZEGOCLOUD', (engine) => {
  let vendor: ZegoServer;
  let clock = 0;
  beforeEach(async () => {
    clock = 0;
    vendor = await startZegoServer(ZEGO.appId, SECRET, () => NOW + clock);
  });
  afterEach(() => vendor.close());

  const start = async (serverSecret = SECRET) => {
    const store = await freshLedger(engine);
    const services = {
      table: createLedgerTable(store.client, store.tableName),
      ledger: store.ledger,
      now: () => NOW + clock,
      pauseMs: 0,
    };
    return {
      ...store,
      watch: startWatch(store, settingsOf()),
      ask: (at: number, endpoint = vendor.url) => {
        clock = at;
        const apps = [{ appId: ZEGO.appId, serverSecret, endpoint }];
        return queryZego(services, { apps, deadline: Number.POSITIVE_INFINITY });
      },
      files: async (task: string) =>
        (await store.reader.task(ZEGO, task)).flatMap(({ files }) =>
          files.map(({ name, status, purgeAt }) => ({ name, status, purgeAt })),
        ),
    };
  };

  const task = (TaskId: string, files: [name: string, status: number][], changes = {}): VendorTask => ({
    ...{ TaskId, RoomId: 'room', Status: 3, RecordBeginTimestamp: NOW, RecordEndTimestamp: NOW + HOUR },
    RecordFiles: files.map(([FileId, Status]) => ({
      FileId,
      Status,
      UserId: 'user',
      OutputFileFormat: 'mp4',
    })),
    ...changes,
  });

  it('learns what became of an overdue upload', async () => {
    const store = await start();
    await store.applyAll(ZEGO, [endOf('task', HOUR, { filesFollow: true }), closed('task', 'a.mp4', HOUR)]);
    await store.watch.run(3 * HOUR);
    expect(await attentionItemsOf(store.reader, 3 * HOUR)).toContain('upload_missing task a.mp4');
    vendor.tasks.push(task('task', [['a.mp4', 3]]));
    expect(await store.ask(3 * HOUR)).toMatchObject({ answered: 1, discovered: 0 });
    await store.watch.run(4 * HOUR);
    expect(await attentionItemsOf(store.reader, 4 * HOUR)).toEqual([]);
    const [{ files: [file] = [], task: known } = {}] = await store.reader.task(ZEGO, 'task');
    const at = new Date(NOW + 3 * HOUR).toISOString();
    expect(file).toMatchObject({
      status: 'uploaded',
      sources: [
        { from: 'callback', says: 'closed' },
        { from: 'vendor', says: 'uploaded', at },
      ],
    });
    expect(known).toMatchObject({
      status: 'ended',
      sources: [
        { from: 'callback', says: 'ended' },
        { from: 'vendor', says: 'ended', at },
      ],
    });
  });

  it('discovers a task whose callbacks were all lost, with its files and their deadline', async () => {
    const store = await start();
    vendor.tasks.push(
      task('lost', [
        ['a.mp4', 3],
        ['b.mp4', 4],
        ['c.mp4', 5],
      ]),
    );
    expect(await store.ask(2 * HOUR)).toMatchObject({
      answered: 1,
      discovered: 1,
      apps: { 'zego/1234567': 'ok' },
    });
    expect(await store.files('lost')).toEqual([
      { name: 'a.mp4', status: 'uploaded', purgeAt: undefined },
      { name: 'b.mp4', status: 'upload_failed', purgeAt: new Date(NOW + HOUR + 3 * DAY).toISOString() },
      { name: 'c.mp4', status: 'upload_failed', purgeAt: undefined },
    ]);
    expect(await attentionItemsOf(store.reader, 2 * HOUR)).toEqual([
      'upload_failed lost b.mp4',
      'upload_failed lost c.mp4',
    ]);
    const [{ task: known } = {}] = await store.reader.task(ZEGO, 'lost');
    expect(known).toMatchObject({
      status: 'ended',
      roomId: 'room',
      startedAt: new Date(NOW).toISOString(),
      endedAt: new Date(NOW + HOUR).toISOString(),
    });
  });

  it('gives way to a callback that comes late, and a success to no failure', async () => {
    const store = await start();
    vendor.tasks.push(task('task', [['a.mp4', 4]]));
    await store.ask(2 * HOUR);
    await store.applyAll(ZEGO, [uploaded('task', 'a.mp4', 3 * HOUR)]);
    expect((await store.files('task'))[0]?.status).toBe('uploaded');
    expect(await attentionItemsOf(store.reader, 3 * HOUR)).toEqual([]);

    vendor.tasks.push(task('other', [['b.mp4', 3]]));
    await store.ask(4 * HOUR);
    await store.applyAll(ZEGO, [uploadFailed('other', 'b.mp4', 3 * HOUR)]);
    expect((await store.files('other'))[0]?.status).toBe('uploaded');
    expect(await attentionItemsOf(store.reader, 4 * HOUR)).toEqual([]);
  });

  it.each([
    ['before', [0, 1]],
    ['after', [1, 0]],
  ])('counts the deadline from the earliest failure: %s the callback', async (_when, order) => {
    const store = await start();
    vendor.tasks.push(task('task', [['a.mp4', 4]]));
    for (const index of order) {
      if (index === 0) await store.ask(2 * HOUR);
      else await store.applyAll(ZEGO, [uploadFailed('task', 'a.mp4', 3 * HOUR, { retentionMs: 3 * DAY })]);
      // A task that the ledger knows is asked for when it needs attention.
      if (index === 1) await store.watch.run(4 * HOUR);
    }
    const purgeAt = new Date(NOW + HOUR + 3 * DAY).toISOString();
    expect(await store.files('task')).toEqual([{ name: 'a.mp4', status: 'upload_failed', purgeAt }]);
  });

  it('reads every page, and asks for known tasks no more', async () => {
    const store = await start();
    for (let number = 0; number < 120; number += 1) vendor.tasks.push(task(`task-${number}`, [['a.mp4', 3]]));
    expect(await store.ask(2 * HOUR)).toMatchObject({ requests: 123, discovered: 120 });
    expect(await store.ask(3 * HOUR)).toMatchObject({ requests: 3, discovered: 0 });
  });

  it('asks for a silent task that runs on only once an hour, and for none that is too old', async () => {
    const store = await start();
    await store.applyAll(ZEGO, [startOf('task', 0), startOf('old', -4 * DAY)]);
    await store.watch.run(25 * HOUR);
    expect(await attentionItemsOf(store.reader, 25 * HOUR)).toHaveLength(2);
    vendor.tasks.push(task('task', [], { Status: 2, RecordEndTimestamp: 0 }));
    expect(await store.ask(25 * HOUR)).toMatchObject({ requests: 2, answered: 1 });
    expect(await store.ask(25.5 * HOUR)).toMatchObject({ requests: 1, answered: 0 });
    expect(await attentionItemsOf(store.reader, 25.5 * HOUR)).toEqual(['task_silent old']);
  });

  it.each([
    [100000004, 'wrong_credentials'],
    [100000005, 'wrong_credentials'],
    [300000002, 'not_activated'],
    [300000003, 'rate_exceeded'],
    [300010000, 'error'],
  ])('stops at the return code %i, which is %s', async (code, failure) => {
    const store = await start();
    await store.applyAll(ZEGO, [closed('task', 'a.mp4', 0)]);
    await store.watch.run(2 * HOUR);
    vendor.failure = code;
    const result = await store.ask(2 * HOUR);
    expect(result).toMatchObject({ requests: 1, apps: { 'zego/1234567': `${failure}: 200 ${code}` } });
  });

  it('is refused with another secret, and a vendor that is out is unreachable', async () => {
    const refused = await start('another');
    expect((await refused.ask(HOUR)).apps).toEqual({ 'zego/1234567': 'wrong_credentials: 200 100000005' });
    const out = await start();
    vendor.close();
    expect((await out.ask(HOUR)).apps).toEqual({ 'zego/1234567': 'unreachable: ECONNREFUSED' });
  });

  it('signs with its secret, and sends it nowhere', async () => {
    const store = await start();
    vendor.tasks.push(task('lost', [['a.mp4', 3]]));
    await store.ask(HOUR);
    expect(vendor.asked).toEqual(['DescribeTasks', 'DescribeRecordStatus']);
    expect(vendor.received.join('\n')).not.toContain(SECRET);
  });

  it('follows no redirect: what it signs is for one host', async () => {
    const store = await start();
    const redirecting = createServer((_request, response) => {
      response.writeHead(307, { location: vendor.url }).end();
    });
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/`;
    expect((await store.ask(HOUR, url)).apps).toEqual({ 'zego/1234567': 'error: 307 no code' });
    expect(vendor.asked).toEqual([]);
    redirecting.close();
  });

  it('reads its secrets, and quotes none that are wrong', () => {
    expect(parseServerSecrets('{"1":"secret"}', undefined)).toEqual({
      ok: true,
      apps: [{ appId: '1', serverSecret: 'secret', endpoint: undefined }],
    });
    for (const wrong of ['[]', '{"secret":"1"}', '{"1":""}', '{"1":["secret"]}'])
      expect(JSON.stringify(parseServerSecrets(wrong, undefined))).not.toMatch(/secret"(?!s)/);
  });
});
