import fc from 'fast-check';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { attentionId, parseAttentionId } from '../../lib/attention/attention-id.ts';
import type { AttentionAnswer } from '../../lib/ledger/answers.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { answerQuery } from '../../lib/query/query.ts';
import { HOUR, iso, messageOf, NOW, ownerOf, sampleBody } from '../support/callbacks.ts';
import { interceptCommands } from '../support/commands.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { closed, endOf, otherFiles, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { attentionItemsOf, DAY, startWatch } from '../support/watch.ts';
import { writeApi } from '../support/write-api.ts';

const RONGCLOUD = ownerOf('rongcloud');

test('an id reads back to where its item is, and no other text does', () => {
  const kind = fc.constantFrom('failure' as const, 'overdue' as const);
  const sk = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(kind, fc.string({ unit: 'grapheme' }), sk, (kind_, id, sortKey) => {
      const key = { kind: kind_, key: { pk: `task#${id}`.toWellFormed(), sk: sortKey.toWellFormed() } };
      expect(parseAttentionId(attentionId(key))).toEqual(key);
      expect(attentionId(key)).toMatch(/^[\w-]+$/);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => parseAttentionId(text) === undefined));
  for (const parts of [
    ['failure', 'credential#x', 'head'],
    ['overdue', 'task#x'],
    ['other', 'task#x', 'head'],
    ['failure', `task#${'x'.repeat(2048)}`, 'head'],
    ['failure', 'task#x', 'x'.repeat(1025)],
    {},
  ])
    expect(parseAttentionId(Buffer.from(JSON.stringify(parts)).toString('base64url'))).toBeUndefined();
});

describeOnEngines('a hidden attention item', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });

  const post = (action: string, body: object, at: number, client = store.client) =>
    writeApi({ ...store, client }).request(`POST /attention/${action}`, body, at);
  const listed = async (at: number, hidden = false): Promise<AttentionAnswer> => {
    const [page] = await store.reader.attention({ now: NOW + at, hidden });
    return page as AttentionAnswer;
  };
  const idAt = async (at: number): Promise<string> => {
    const { files, tasks = [], apps = [] } = await listed(at);
    const ids = new Set([...files, ...tasks, ...apps].map(({ id }) => id));
    expect(ids.size).toBe(1);
    return [...ids][0] ?? '';
  };
  const alone = (id: string, at: number) =>
    answerQuery(
      createLedgerTable(store.client, store.tableName),
      { resource: 'attention-item', id, query: {} },
      NOW + at,
    );
  const names = (at: number) => attentionItemsOf(store.reader, at);
  const WHO = { by: 'ada', why: 'a test recording' };

  it('is out of the list, and says who hid it and why where it is asked for', async () => {
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
    const id = await idAt(1);
    const hidden = { ...WHO, at: iso(1), reason: 'upload_failed' };
    expect(await post('dismiss', { id, ...WHO }, 1)).toEqual({ status: 200, body: { id, hidden } });
    expect(await names(2)).toEqual([]);
    expect((await listed(2, true)).files).toMatchObject([{ id, name: 'a', hidden }]);
  });

  it('is read alone as it is listed, until it is none any more', async () => {
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
    const id = await idAt(1);
    await post('dismiss', { id, ...WHO }, 1);
    const { files } = await listed(2, true);
    expect(await alone(id, 2)).toEqual({ status: 200, body: { files, tasks: [], apps: [] } });
    await store.applyAll(RONGCLOUD, [uploaded('task', 'a', 3)]);
    for (const none of [id, 'x', '']) expect((await alone(none, 4)).status).toBe(404);
  });

  it('is read alone where it is an overdue expectation', async () => {
    await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
    await startWatch(store).run(DAY);
    const id = await idAt(DAY);
    const { tasks } = await listed(DAY);
    expect(await alone(id, DAY)).toEqual({ status: 200, body: { files: [], tasks, apps: [] } });
  });

  it('comes back when its reason changes, and is gone with its reason', async () => {
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
    const watch = startWatch(store);
    const id = await idAt(1);
    await post('dismiss', { id, ...WHO }, 1);
    expect(await watch.run(2)).toMatchObject({ hidden: 1, upload_failed: 0 });
    expect(await watch.run(18 * HOUR)).toMatchObject({ hidden: 0, purge_near: 1 });
    expect((await listed(18 * HOUR)).files).toMatchObject([
      { id, reason: 'purge_near', hidden: { ...WHO, reason: 'upload_failed' } },
    ]);
    await post('dismiss', { id, ...WHO }, 18 * HOUR);
    expect(await names(19 * HOUR)).toEqual([]);
    // Its file is deleted by then, whether the watch has run or not.
    expect(await names(DAY)).toEqual(['lost task a']);
    await store.applyAll(RONGCLOUD, [uploaded('task', 'a', 1)]);
    expect((await listed(DAY, true)).files).toEqual([]);
    expect((await post('dismiss', { id, ...WHO }, DAY)).status).toBe(404);
  });

  it('comes back when its time is up', async () => {
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
    const id = await idAt(1);
    expect((await post('snooze', { id, ...WHO, until: iso(HOUR) }, 1)).status).toBe(200);
    expect(await names(HOUR - 1)).toEqual([]);
    expect(await names(HOUR)).toEqual(['upload_failed task a']);
    expect(await startWatch(store).run(HOUR)).toMatchObject({ hidden: 0, upload_failed: 1 });
  });

  it('is overdue again after a callback: that is another occurrence', async () => {
    await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
    const watch = startWatch(store);
    await watch.run(DAY);
    const id = await idAt(DAY);
    await post('dismiss', { id, ...WHO }, DAY);
    expect(await names(DAY + 1)).toEqual([]);
    expect(await watch.run(DAY + 2)).toMatchObject({ hidden: 1, task_silent: 0 });
    await store.applyAll(RONGCLOUD, [startOf('task', DAY + 3)]);
    await watch.run(3 * DAY);
    expect(await names(3 * DAY)).toEqual(['task_silent task']);
    expect(await idAt(3 * DAY)).toBe(id);
  });

  it('may be a task with a missing upload, and the silence and the failed files of one task are two items', async () => {
    const watch = startWatch(store);
    await store.applyAll(RONGCLOUD, [
      startOf('task', 0),
      otherFiles('task', 0, 'upload_failed'),
      closed('task', 'a', 0),
    ]);
    await watch.run(DAY);
    expect(await names(DAY)).toEqual(['upload_failed task a', 'task_silent task']);
    const { files, tasks = [] } = await listed(DAY);
    await post('dismiss', { id: tasks[0]?.id, ...WHO }, DAY);
    expect(await names(DAY)).toEqual(['upload_failed task a']);
    await post('dismiss', { id: files[0]?.id, ...WHO }, DAY);
    expect(await names(DAY)).toEqual([]);
    await store.applyAll(RONGCLOUD, [endOf('other', 0, { file: { name: 'b' } })]);
    await watch.run(DAY + 1);
    expect(await names(DAY + 1)).toEqual(['upload_missing other b']);
    await post('dismiss', { id: await idAt(DAY + 1), ...WHO }, DAY + 1);
    expect(await names(DAY + 1)).toEqual([]);
  });

  it('may be a silent app', async () => {
    const callback = (at: number) =>
      messageOf('rongcloud-recording', sampleBody('rongcloud-recording', 'upload', {}, NOW + at), {
        receivedAt: NOW + at,
      });
    await startConsumer(store).consume(callback(0));
    const watch = startWatch(store);
    await watch.run(DAY);
    await post('dismiss', { id: await idAt(DAY), ...WHO }, DAY);
    expect(await names(DAY)).toEqual([]);
    expect(await watch.run(DAY + 1)).toMatchObject({ hidden: 1, app_silent: 0 });
    await startConsumer(store).consume(callback(2 * DAY));
    await watch.run(4 * DAY);
    expect(await names(4 * DAY)).toEqual([`app_silent rongcloud ${RONGCLOUD.appId}`]);
  });

  it('is hidden as it was read: one that changes in between is read again', async () => {
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
    const id = await idAt(1);
    let writes = 0;
    const client = interceptCommands(engine.connect(), async ({ name, proceed }) => {
      if (name === 'UpdateItemCommand') {
        writes += 1;
        if (writes === 1) await startWatch(store).run(18 * HOUR);
      }
      return proceed();
    });
    expect(await post('dismiss', { id, ...WHO }, 18 * HOUR, client)).toMatchObject({
      status: 200,
      body: { hidden: { reason: 'purge_near' } },
    });
    client.destroy();
    expect(await names(18 * HOUR)).toEqual([]);
  });

  describe('is refused', () => {
    const cases: [string, (id: string) => [action: string, body: object], RegExp][] = [
      ['without an id', () => ['dismiss', WHO], /^id must/],
      ['with another id', () => ['dismiss', { id: 'x', ...WHO }], /^id must/],
      ['without a name', (id) => ['dismiss', { id, why: 'x' }], /^by must/],
      ['without a reason', (id) => ['dismiss', { id, by: 'x', why: ' ' }], /^why must/],
      ['without an end of a snooze', (id) => ['snooze', { id, ...WHO }], /^until must be an ISO 8601 time/],
      [
        'with an end in the past',
        (id) => ['snooze', { id, ...WHO, until: iso(-1) }],
        /^until must be in the future/,
      ],
      [
        'with a time without a zone',
        (id) => ['dismiss', { id, ...WHO, until: '2099-01-01T00:00:00' }],
        /^until must/,
      ],
      [
        'with a misspelt field',
        (id) => ['dismiss', { id, ...WHO, untill: iso(1) }],
        /^untill is not a field/,
      ],
      ['as a list', () => ['dismiss', []], /^the body must be/],
    ];
    it.each(cases)('%s', async (_, request, reason) => {
      await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
      const answer = await post(...request(await idAt(1)), 1);
      expect(answer).toEqual({ status: 400, body: { code: 400, reason: expect.stringMatching(reason) } });
      expect(await names(1)).toEqual(['upload_failed task a']);
    });
  });
});
