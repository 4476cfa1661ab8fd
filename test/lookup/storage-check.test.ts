import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createItemChanges } from '../../lib/attention/item-changes.ts';
import type { FileObservation, Observation } from '../../lib/callback/observation.ts';
import { ANSWER_RANK } from '../../lib/callback/rank.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { type BucketAddress, openBucket } from '../../lib/lookup/bucket.ts';
import { checkStorage, confirmUploads, type StorageOptions } from '../../lib/lookup/check-storage.ts';
import type { AppStorage } from '../../lib/lookup/storage-settings.ts';
import { uploadsToConfirm } from '../../lib/lookup/uploads.ts';
import { type GuardedBucket, startGuardedBucket } from '../support/bucket.ts';
import { HOUR, iso, NOW, ownerOf } from '../support/callbacks.ts';
import { describeOnDynalite } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import {
  closed,
  endOf,
  fileStart,
  otherFiles,
  startOf,
  uploaded,
  uploadFailed,
} from '../support/observations.ts';
import { quickOrWhole } from '../support/suite.ts';
import { itemsOf } from '../support/table-items.ts';
import { attentionItemsOf, MINUTE, settingsOf, startWatch } from '../support/watch.ts';
import { EXPECT, writeApi } from '../support/write-api.ts';

const RONGCLOUD = ownerOf('rongcloud');
const TENCENT = ownerOf('tencent');

describeOnDynalite('the storage check', (engine) => {
  let s3: GuardedBucket;
  beforeAll(async () => {
    s3 = await startGuardedBucket();
  });
  afterAll(() => s3.stop());

  /** An empty ledger whose apps have the test's bucket; `prefix` keeps the tests apart. */
  const start = async (prefix: string, changes: Partial<BucketAddress> = {}) => {
    const store = await freshLedger(engine);
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    const address = {
      bucket: s3.bucket,
      region: 'us-east-1',
      endpoint: s3.endpoint,
      credentials,
      ...changes,
    };
    const apps = new Map<string, AppStorage>(
      [RONGCLOUD, TENCENT].map((owner) => [
        `${owner.vendor}/${owner.appId}`,
        { ...owner, prefix, address } satisfies AppStorage,
      ]),
    );
    const services = (at: number) => ({
      table: createLedgerTable(store.client, store.tableName),
      ledger: store.ledger,
      change: createItemChanges(store.client, store.tableName),
      open: openBucket,
      now: () => NOW + at,
    });
    const options: StorageOptions = { apps, deadline: Number.POSITIVE_INFINITY };
    let seen: Awaited<ReturnType<typeof itemsOf>> = new Map();
    return {
      ...store,
      watch: startWatch(store, settingsOf()),
      check: (at: number, more: Partial<StorageOptions> = {}) =>
        checkStorage(services(at), { ...options, ...more }),
      /** Hands over the records of what has changed since the last time, as the table's stream does. */
      confirm: async (at: number) => {
        const now = await itemsOf(store.client, store.tableName);
        const records = [...now].map(([key, NewImage]) => ({
          dynamodb: { NewImage, OldImage: seen.get(key) },
        }));
        seen = now;
        const files = await uploadsToConfirm(services(at).table, records, NOW + at);
        return confirmUploads(services(at), options, files);
      },
    };
  };

  const filesOf = async ({ reader }: FreshLedger, owner = RONGCLOUD, task = 'task') =>
    (await reader.task(owner, task)).flatMap(({ files }) => files);

  it('finds a failed upload by its name after the prefix, and nothing needs attention any more', async () => {
    const store = await start('by-name');
    await store.applyAll(RONGCLOUD, [endOf('task', 0), uploadFailed('task', 'a.mp4', 1)]);
    expect(await attentionItemsOf(store.reader, HOUR)).toEqual(['upload_failed task a.mp4']);
    await s3.put('by-name/a.mp4', 'twelve bytes');
    expect(await store.check(HOUR)).toMatchObject({ found: 1, missing: 0, left: 0 });
    expect(await filesOf(store)).toEqual([
      expect.objectContaining({
        status: 'uploaded',
        sizeBytes: 12,
        storage: {
          bucket: 'lessons',
          key: 'by-name/a.mp4',
          sizeBytes: 12,
          etag: expect.any(String),
          lastModified: expect.any(String),
          checkedAt: new Date(NOW + HOUR).toISOString(),
        },
        sources: [
          { from: 'callback', says: 'upload_failed', at: new Date(NOW + 1).toISOString() },
          { from: 'storage', says: 'uploaded', at: new Date(NOW + HOUR).toISOString() },
        ],
      }),
    ]);
    expect((await filesOf(store))[0]).not.toHaveProperty('purgeAt', expect.anything());
    expect(await attentionItemsOf(store.reader, HOUR)).toEqual([]);
  });

  it('knows what a later callback of a failure does not: that the file is there', async () => {
    const store = await start('by-name');
    await s3.put('by-name/late.mp4');
    await store.applyAll(RONGCLOUD, [endOf('task', 0), uploadFailed('task', 'late.mp4', 1)]);
    await store.check(HOUR);
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'late.mp4', 2 * HOUR)]);
    expect(await attentionItemsOf(store.reader, 2 * HOUR)).toEqual([]);
    expect(await store.watch.run(2 * HOUR)).toMatchObject({ upload_failed: 0 });
    expect((await filesOf(store))[0]?.status).toBe('uploaded');
  });

  it('looks for a file in vain less and less often', async () => {
    const store = await start('in-vain');
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a.mp4', 0)]);
    const [due, early] = [
      [0, 15, 45, 105, 225],
      [14, 44, 104, 224],
    ];
    const asked: number[] = [];
    for (const at of [...due, ...early].sort((a, b) => a - b)) {
      if ((await store.check(at * MINUTE)).missing > 0) asked.push(at);
    }
    expect(asked).toEqual(due);
    expect((await filesOf(store))[0]).toMatchObject({
      status: 'upload_failed',
      sources: [{ from: 'callback' }, { from: 'storage', says: 'not_in_storage' }],
    });
  });

  it('finds all files whose callbacks were lost, doubles none, and asks no more than it may', async () => {
    const store = await start('thousand');
    const count = quickOrWhole(60, 300);
    const names = Array.from({ length: count }, (_, number) => `lesson-${number}.mp4`);
    const step = 50;
    for (let from = 0; from < names.length; from += step) {
      await Promise.all(
        names.slice(from, from + step).map(async (name, index) => {
          await store.applyAll(RONGCLOUD, [closed(`task-${(from + index) % 50}`, name, 0)]);
          await s3.put(`thousand/${name}`);
        }),
      );
    }
    expect(await store.watch.run(2 * HOUR)).toMatchObject({ upload_missing: count });
    const runs = [];
    const mosts = [10, count / 2, Number.POSITIVE_INFINITY];
    for (const mostRequests of mosts) runs.push(await store.check(2 * HOUR, { mostRequests }));
    expect(runs.map(({ found }) => found).reduce((sum, found) => sum + found)).toBe(count);
    // Those under way when it has sent so many are finished.
    for (const [index, { requests }] of runs.entries())
      expect(requests).toBeLessThanOrEqual((mosts[index] ?? 0) + 32);
    const files = [];
    for (let task = 0; task < 50; task += 1) files.push(...(await filesOf(store, RONGCLOUD, `task-${task}`)));
    expect(files.map(({ name }) => name).sort()).toEqual(names.toSorted());
    expect(new Set(files.map(({ status }) => status))).toEqual(new Set(['uploaded']));
    expect(await store.watch.run(3 * HOUR)).toMatchObject({ upload_missing: 0 });
    expect(await store.check(4 * HOUR)).toMatchObject({ found: 0, missing: 0, requests: 2 });
  });

  it('finds the files of a TRTC task that no callback named, without segments', async () => {
    const store = await start('trtc');
    await store.applyAll(TENCENT, [startOf('task', 0), endOf('task', 1, { filesFollow: true })]);
    for (const name of ['room.m3u8', 'room_1.ts', 'room_2.ts', 'room_1.mp4'])
      await s3.put(`trtc/task/${name}`);
    expect(await store.watch.run(2 * HOUR)).toMatchObject({ upload_missing: 1 });
    expect(await store.check(2 * HOUR)).toMatchObject({ found: 2 });
    const files = await filesOf(store, TENCENT);
    expect(files.map(({ name, status }) => [name, status])).toEqual([
      ['room.m3u8', 'uploaded'],
      ['room_1.mp4', 'uploaded'],
    ]);
    await store.watch.run(3 * HOUR);
    expect(await attentionItemsOf(store.reader, 3 * HOUR)).toEqual([]);
  });

  it('finds the files of an expected task without callbacks', async () => {
    const store = await start('expected');
    const body = { kind: 'recording', label: 'lesson-7' };
    await writeApi(store).request(EXPECT, body, 0, { ...TENCENT, taskId: 'task' });
    await s3.put('expected/task/room_1.mp4');
    expect(await store.watch.run(HOUR)).toMatchObject({ callback_missing: 1 });
    expect(await store.check(HOUR)).toMatchObject({ found: 1 });
    const [{ task, files } = {}] = await store.reader.task(TENCENT, 'task');
    expect(files).toMatchObject([{ name: 'room_1.mp4', status: 'uploaded' }]);
    expect(task).toMatchObject(body);
    await store.watch.run(2 * HOUR);
    expect(await attentionItemsOf(store.reader, 2 * HOUR)).toEqual([]);
    expect(await store.check(3 * HOUR)).toMatchObject({ found: 0, missing: 0 });
  });

  it('takes a playlist only after its task has ended', async () => {
    const store = await start('growing');
    await store.applyAll(TENCENT, [startOf('task', 0)]);
    await s3.put('growing/task/room.m3u8');
    expect(await store.watch.run(25 * HOUR)).toMatchObject({ task_silent: 1 });
    expect(await store.check(25 * HOUR)).toMatchObject({ found: 0, missing: 1 });
    expect(await filesOf(store, TENCENT)).toEqual([]);
    await store.applyAll(TENCENT, [endOf('task', 26 * HOUR, { filesFollow: true })]);
    await store.watch.run(28 * HOUR);
    expect(await store.check(28 * HOUR)).toMatchObject({ found: 1 });
  });

  it('settles the failed upload of a whole task once every file of it is there', async () => {
    const store = await start('whole');
    const failed = otherFiles('task', 3, 'upload_failed');
    await store.applyAll(TENCENT, [startOf('task', 0), endOf('task', 1), closed('task', 'a.mp4', 2), failed]);
    expect(await attentionItemsOf(store.reader, HOUR)).toEqual(['upload_failed task a.mp4']);
    await s3.put('whole/task/b.mp4');
    await store.check(HOUR);
    expect(await attentionItemsOf(store.reader, HOUR)).toEqual(['upload_failed task a.mp4']);
    await s3.put('whole/task/ha1_a.mp4');
    await s3.put('whole/task/a.mp4');
    await store.check(3 * HOUR);
    expect(await attentionItemsOf(store.reader, 3 * HOUR)).toEqual([]);
    const files = await filesOf(store, TENCENT);
    expect(files.map(({ name, status }) => [name, status])).toEqual([
      ['a.mp4', 'uploaded'],
      ['b.mp4', 'uploaded'],
      ['ha1_a.mp4', 'uploaded'],
    ]);
  });

  it('names a bucket that does not answer, leaves its files for later, and goes on with the others', async () => {
    const store = await start('out', { endpoint: 'http://127.0.0.1:1' });
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a.mp4', 0)]);
    const before = await itemsOf(store.client, store.tableName);
    expect(await store.check(HOUR)).toMatchObject({
      found: 0,
      missing: 0,
      left: 1,
      apps: { [`rongcloud/${RONGCLOUD.appId}`]: 'unreachable: ECONNREFUSED' },
    });
    expect(await itemsOf(store.client, store.tableName)).toEqual(before);
  });

  it('takes no file for missing that it may not ask for', async () => {
    const credentials = { accessKeyId: 'lister', secretAccessKey: 'secret' };
    s3.faults.set('lister', 'only lists');
    const store = await start('only-lists', { credentials });
    await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a.mp4', 0), uploadFailed('task', 'b.mp4', 0)]);
    const before = await itemsOf(store.client, store.tableName);
    expect(await store.check(HOUR)).toMatchObject({
      ...{ found: 0, missing: 0, left: 2 },
      apps: { [`rongcloud/${RONGCLOUD.appId}`]: 'denied: 403' },
    });
    expect(await itemsOf(store.client, store.tableName)).toEqual(before);
    s3.faults.delete('lister');
    expect(await store.check(HOUR)).toMatchObject({ found: 0, missing: 2, left: 0 });
  });

  describe('with confirmUploads', () => {
    it('raises not_in_storage for a file that is not there, and clears it when it is', async () => {
      const store = await start('confirm');
      await s3.put('confirm/there.mp4');
      await store.applyAll(RONGCLOUD, [uploaded('task', 'there.mp4', 0), uploaded('task', 'gone.mp4', 0)]);
      expect(await store.confirm(HOUR)).toMatchObject({ found: 1, missing: 1 });
      expect(await attentionItemsOf(store.reader, HOUR)).toEqual(['not_in_storage task gone.mp4']);
      expect((await filesOf(store)).map(({ name, status }) => [name, status])).toEqual([
        ['gone.mp4', 'uploaded'],
        ['there.mp4', 'uploaded'],
      ]);
      expect(await store.watch.run(HOUR)).toMatchObject({ not_in_storage: 1, upload_failed: 0, cleared: 0 });
      await s3.put('confirm/gone.mp4');
      expect(await store.check(2 * HOUR)).toMatchObject({ found: 1 });
      expect(await attentionItemsOf(store.reader, 2 * HOUR)).toEqual([]);
      expect(await store.watch.run(2 * HOUR)).toMatchObject({ not_in_storage: 0 });
    });

    const answer: FileObservation = {
      ...{ entity: 'file', taskId: 'task', name: 'a.mp4', facet: 'answer', rank: ANSWER_RANK.uploaded },
      ...{ at: NOW, value: { status: 'uploaded', task: { kind: 'recording' }, askedAt: iso(0) } },
    };

    it.each<[string, Observation[]]>([
      ['its own callback says so', [uploaded('task', 'a.mp4', 1)]],
      ['it was closed before', [closed('task', 'a.mp4', 0), uploaded('task', 'a.mp4', 1)]],
      ['it had failed before', [uploadFailed('task', 'a.mp4', 0), uploaded('task', 'a.mp4', 1)]],
      ['its callback comes again', [uploaded('task', 'a.mp4', 1), uploaded('task', 'a.mp4', 1)]],
      ["its task's callback says so", [closed('task', 'a.mp4', 0), otherFiles('task', 1, 'uploaded')]],
      [
        "it is first named after its task's callback",
        [otherFiles('task', 1, 'uploaded'), closed('task', 'a.mp4', 2)],
      ],
      [
        "it begins after its task's callback",
        [otherFiles('task', 1, 'uploaded'), fileStart('task', 'a.mp4', 2), closed('task', 'a.mp4', 3)],
      ],
      [
        'it was recovered with its task',
        [uploadFailed('task', 'a.mp4', 0), otherFiles('task', 1, 'recovered')],
      ],
      [
        'its failure comes after its recovery',
        [otherFiles('task', 1, 'recovered'), uploadFailed('task', 'a.mp4', 0)],
      ],
      ['the vendor answers so', [answer]],
      ['the vendor answers so of a closed file', [closed('task', 'a.mp4', 0), answer]],
    ])('looks once for a file that was uploaded: %s', async (how, observations) => {
      for (const isThere of quickOrWhole([false], [false, true])) {
        const prefix = `once-${how}-${isThere}`;
        const store = await start(prefix);
        if (isThere) await s3.put(`${prefix}/task/a.mp4`);
        const looks = { found: 0, missing: 0 };
        const confirm = async () => {
          const { found, missing } = await store.confirm(HOUR);
          looks.found += found;
          looks.missing += missing;
        };
        for (const observation of observations) {
          await store.applyAll(TENCENT, [observation]);
          await confirm();
        }
        // What the look itself has written comes as a record, too.
        await confirm();
        expect(looks).toEqual(isThere ? { found: 1, missing: 0 } : { found: 0, missing: 1 });
        expect(await attentionItemsOf(store.reader, HOUR)).toEqual(
          isThere ? [] : ['not_in_storage task a.mp4'],
        );
        expect((await filesOf(store, TENCENT)).map(({ status }) => status)).toEqual(['uploaded']);
        // It stays until the file is there.
        await store.watch.run(2 * HOUR);
        expect(await attentionItemsOf(store.reader, 2 * HOUR)).toHaveLength(isThere ? 0 : 1);
        await s3.put(`${prefix}/task/a.mp4`);
        await store.check(3 * HOUR);
        expect(await attentionItemsOf(store.reader, 3 * HOUR)).toEqual([]);
      }
    });

    it('looks for no file that was not uploaded, and for none without a name', async () => {
      const store = await start('not-uploaded');
      await store.applyAll(TENCENT, [
        closed('task', 'a.m3u8', 0),
        uploadFailed('task', 'b.mp4', 1),
        uploadFailed('task', '', 1),
        otherFiles('task', 2, 'recovered'),
        closed('other', 'c.mp4', 0),
      ]);
      await s3.put('not-uploaded/task/a.m3u8');
      await s3.put('not-uploaded/task/b.mp4');
      expect(await store.confirm(HOUR)).toMatchObject({ found: 2, missing: 0 });
    });

    it('confirms later what a bucket did not answer', async () => {
      const store = await start('later');
      await s3.put('later/a.mp4');
      await store.applyAll(RONGCLOUD, [uploaded('task', 'a.mp4', 0)]);
      const broken = await start('later', { endpoint: 'http://127.0.0.1:1' });
      await broken.applyAll(RONGCLOUD, [uploaded('task', 'a.mp4', 0)]);
      expect(await broken.confirm(HOUR)).toMatchObject({ left: 1 });
      expect(await attentionItemsOf(broken.reader, HOUR)).toEqual([]);
      const apps = new Map([
        [
          `rongcloud/${RONGCLOUD.appId}`,
          {
            ...RONGCLOUD,
            prefix: 'later',
            address: {
              bucket: s3.bucket,
              region: 'us-east-1',
              endpoint: s3.endpoint,
              credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
            },
          },
        ],
      ]);
      expect(await broken.check(2 * HOUR, { apps })).toMatchObject({ found: 1 });
      expect(await broken.check(3 * HOUR, { apps })).toMatchObject({ found: 0, requests: 1 });
    });
  });
});
