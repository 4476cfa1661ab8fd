import { beforeEach, describe, expect, it } from 'vitest';
import type { AttentionAnswer, File } from '../../lib/ledger/answers.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { answerQuery, type ReadRequest } from '../../lib/query/query.ts';
import { HOUR, iso, messageOf, NOW, ownerOf, SECOND, sampleBody } from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { endOf, startOf, uploaded, uploadFailed } from '../support/observations.ts';

const OWNER = ownerOf('rongcloud');
const DAY = 24 * HOUR;

const LONG = 3_000;
const STRANGE_IDS: [name: string, id: string][] = [
  ['a number sign', 'a#b'],
  ['what a number sign is encoded as', 'a%23b'],
  ['a slash', 'a/b'],
  ['a percent sign', '100%'],
  ['a space and a quote', 'a "b"'],
  ['unicode', '会议室-é-ｆ-😀'],
  ['a leading dash', '-m5X2.a'],
  ['3,000 characters', 'x'.repeat(LONG)],
  ['3,000 characters that differ at the end', `${'x'.repeat(LONG - 1)}y`],
  ['3,000 characters of several bytes', '会'.repeat(LONG)],
  ['the name of an inherited member', '__proto__'],
];

describeOnEngines('reading', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });
  const query = (resource: ReadRequest['resource'], id = '', parameters = {}, vendor = 'rongcloud') =>
    answerQuery(
      createLedgerTable(store.client, store.tableName),
      { resource, vendor, appId: OWNER.appId, id, query: parameters },
      NOW,
    );
  const filesOf = async (taskId: string, now = NOW): Promise<File[]> =>
    (await store.reader.task(OWNER, taskId, { now })).flatMap((page) => page.files);

  describe('what is not known', () => {
    it.each(['task', 'room'] as const)('%s', async (resource) => {
      expect(await query(resource, 'unknown')).toMatchObject({ status: 404, body: { code: 404 } });
      expect(await query(resource, 'unknown', { events: 'true' })).toMatchObject({ status: 404 });
    });

    it('needs no attention', async () => {
      expect(await query('attention')).toEqual({ status: 200, body: { files: [] } });
    });

    it('is unknown to another app and another vendor', async () => {
      await store.applyAll(OWNER, [startOf('task', 0, { roomId: 'room' })]);
      for (const owner of [ownerOf('zego'), { ...OWNER, appId: 'other' }]) {
        expect(await store.reader.task(owner, 'task')).toEqual([]);
        expect(await store.reader.room(owner, 'room')).toEqual([]);
      }
    });
  });

  describe('files that only the task names', () => {
    it('are being recorded until the task ends', async () => {
      await store.applyAll(OWNER, [startOf('task', 1, { file: { name: 'a.mp4', resolution: '640x480' } })]);
      const file = {
        ...{ ...OWNER, taskId: 'task', name: 'a.mp4', kind: 'recording', resolution: '640x480' },
        isProvisional: true,
      };
      expect(await filesOf('task')).toEqual([{ ...file, status: 'recording', lastEventAt: iso(1) }]);

      await store.applyAll(OWNER, [endOf('task', 2)]);
      expect(await filesOf('task')).toEqual([{ ...file, status: 'closed', lastEventAt: iso(1) }]);
    });

    it('are listed once, by any number of callbacks', async () => {
      await store.applyAll(OWNER, [
        startOf('task', 1, { file: { name: 'both' } }),
        endOf('task', 2, { file: { name: 'both', sizeBytes: 7 } }),
      ]);
      expect(await filesOf('task')).toMatchObject([{ name: 'both', sizeBytes: 7, lastEventAt: iso(2) }]);
      await store.applyAll(OWNER, [uploaded('task', 'both', 3)]);
      expect(await filesOf('task')).toMatchObject([{ name: 'both', status: 'uploaded', sizeBytes: 7 }]);
    });

    it('do not come of a start that failed', async () => {
      await store.applyAll(OWNER, [startOf('task', 1, { status: 'failed', file: { name: 'a.mp4' } })]);
      expect(await filesOf('task')).toEqual([]);
    });
  });

  it('a failed upload is lost from its deadline on', async () => {
    await store.applyAll(OWNER, [uploadFailed('task', 'a.mp4', 0)]);
    for (const [now, status] of [
      [NOW + DAY - 1, 'upload_failed'],
      [NOW + DAY, 'lost'],
    ] as const) {
      const file = { name: 'a.mp4', status, failedAt: iso(0), purgeAt: iso(DAY) };
      expect(await filesOf('task', now)).toMatchObject([file]);
      expect(await store.reader.attention({ now })).toMatchObject([{ files: [file] }]);
    }
    await store.applyAll(OWNER, [uploaded('task', 'a.mp4', SECOND)]);
    expect(await filesOf('task', NOW + 2 * DAY)).toMatchObject([{ status: 'uploaded', purgeAt: undefined }]);
  });

  it('attention comes soonest deadline first, without a deadline after those, lost files last', async () => {
    await store.applyAll(OWNER, [
      uploadFailed('never', 'a', 0, { retentionMs: undefined }),
      uploadFailed('later', 'b', 2 * HOUR),
      uploadFailed('soon', 'c', HOUR),
      uploadFailed('later', 'd', 90 * HOUR),
      uploadFailed('past', 'e', -48 * HOUR),
      uploaded('saved', 'f', 0),
    ]);
    for (const limit of [1, 2, 100]) {
      const files = (await store.reader.attention({ limit })).flatMap((page) => page.files);
      expect(files.map(({ name, status }) => [name, status])).toEqual([
        ['c', 'upload_failed'],
        ['b', 'upload_failed'],
        ['d', 'upload_failed'],
        ['a', 'upload_failed'],
        ['e', 'lost'],
      ]);
    }
  });

  it('attention lists every file though deadlines pass between its pages', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await store.applyAll(
      OWNER,
      names.map((name, index) => uploadFailed(`task ${name}`, name, index * HOUR)),
    );
    const table = createLedgerTable(store.client, store.tableName);
    const found: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
      const request = { resource: 'attention', query: { limit: '1', ...(cursor && { cursor }) } } as const;
      const { status, body } = await answerQuery(table, request, NOW + DAY + page * HOUR - 1);
      expect(status).toBe(200);
      const answer = body as AttentionAnswer;
      found.push(...answer.files.map(({ name }) => name));
      cursor = answer.next;
    }
    expect(new Set(found)).toEqual(new Set(names));
    expect(found.length).toBeLessThanOrEqual(2 * names.length);
  });

  it('attention does not page through what was saved', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await store.applyAll(
      OWNER,
      names.map((name) => uploadFailed('task', name, 0)),
    );
    await store.applyAll(
      OWNER,
      names.map((name) => uploaded('task', name, 1)),
    );
    expect(await store.reader.attention({ limit: 1 })).toEqual([{ files: [] }]);
  });

  it('a room with tasks only has an unknown status', async () => {
    await store.applyAll(OWNER, [
      startOf('task 2', -SECOND, { roomId: 'room' }),
      uploaded('task 1', 'a.mp4', 0, { roomId: 'room' }),
      startOf('elsewhere', 0, { roomId: 'other' }),
    ]);
    const [page] = await store.reader.room(OWNER, 'room');
    expect(page?.room).toEqual({ ...OWNER, roomId: 'room', status: 'unknown' });
    expect(page?.tasks).toMatchObject([
      { taskId: 'task 1', status: 'unknown', kind: 'recording' },
      { taskId: 'task 2', status: 'started' },
    ]);
  });

  it('the task of a TRTC screenshot is its room', async () => {
    const tencent = ownerOf('tencent');
    const EventInfo = { roomID: 'room', eventID: '1.jpg' };
    const message = messageOf('tencent', sampleBody('tencent', 'screenshot', { EventInfo }));
    await startConsumer(store).consume(message);

    const task = { ...tencent, taskId: 'room', roomId: 'room', kind: 'screenshot', status: 'unknown' };
    const [page] = await store.reader.task(tencent, 'room');
    expect(page).toMatchObject({ task, files: [{ name: '1.jpg', status: 'uploaded', uploadedAt: iso(0) }] });
    expect(await store.reader.room(tencent, 'room')).toMatchObject([
      { room: { roomId: 'room' }, tasks: [task] },
    ]);
  });

  describe('ids as the vendor made them', () => {
    it.each(STRANGE_IDS)('%s', async (_name, id) => {
      await store.applyAll(OWNER, [
        startOf(id, 0, { roomId: id, file: { name: `${id}1` } }),
        uploaded(id, id, 0, { roomId: id }),
        uploadFailed(id, `${id}2`, 0, { roomId: id }),
      ]);
      const names = (await filesOf(id)).map(({ name, taskId }) => [taskId, name]);
      expect(new Set(names)).toEqual(new Set([id, `${id}1`, `${id}2`].map((name) => [id, name])));
      const [room, ...more] = await store.reader.room(OWNER, id);
      expect(room).toMatchObject({ room: { roomId: id }, tasks: [{ taskId: id, roomId: id }] });
      expect(more).toEqual([]);
      const [attention] = await store.reader.attention();
      expect(attention?.files).toMatchObject([{ taskId: id, name: `${id}2` }]);
      expect((await query('task', id)).status).toBe(200);
    });

    it.each(['task', 'room'] as const)(
      'are answered though they be no well-formed text: %s',
      async (resource) => {
        for (const id of ['\ud800', 'a\udfff#b%']) expect((await query(resource, id)).status).toBe(404);
      },
    );

    it('never meet', async () => {
      await store.applyAll(
        OWNER,
        STRANGE_IDS.map(([, id], at) => startOf(id, at, { roomId: 'room' })),
      );
      const [page] = await store.reader.room(OWNER, 'room');
      const found = page?.tasks.map(({ taskId, startedAt }) => [taskId, startedAt]);
      expect(new Set(found)).toEqual(new Set(STRANGE_IDS.map(([, id], at) => [id, iso(at)])));
    });
  });
});
