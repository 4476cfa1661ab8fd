import {
  BatchWriteItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import {
  appSortKey,
  EXPECTATION_SHARDS,
  fileSortKey,
  HEAD,
  HEARTBEATS,
  OVERDUE_SHARDS,
  taskKey,
} from '../../lib/ledger/keys.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { callbacks } from '../support/arbitrary-callbacks.ts';
import { HOUR, iso, messageOf, NOW, ownerOf, SECOND, sampleBody, signedAt } from '../support/callbacks.ts';
import { faultyClient, interceptCommands } from '../support/commands.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, type Engine, runsOn } from '../support/engines.ts';
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
import { attentionItemsOf, DAY, MINUTE, settingsOf, startWatch } from '../support/watch.ts';

const RONGCLOUD = ownerOf('rongcloud');

/** A callback of the task `task`, `at` ms after `NOW`. */
type Sent = QueueMessage;

function recording(event: string, at: number, fileName = 'a.mp4'): Sent {
  const changes = { recordId: 'task', output: { fileName } };
  return messageAt('rongcloud-recording', event, changes, at);
}

function screenshot(event: string, at: number, fileName = '1.jpg'): Sent {
  const output = event.startsWith('upload') ? { output: { fileName } } : {};
  return messageAt('rongcloud-screenshot', event, { imageId: 'task', ...output }, at);
}

function relay(event: string, at: number): Sent {
  return messageAt('rongcloud-cdn', event, { sessionId: 'task' }, at);
}

function trtc(event: string, at: number, payload: JsonObject = {}): Sent {
  const EventInfo = { TaskId: 'task', EventTs: Math.floor((NOW + at) / SECOND), EventMsTs: NOW + at };
  const body = sampleBody('tencent', event, { EventInfo }, NOW + at);
  const info = body.EventInfo as JsonObject;
  const changed = { ...info, Payload: { ...(info.Payload as JsonObject), ...payload } };
  return messageOf('tencent', { ...body, EventInfo: changed }, { receivedAt: NOW + at });
}

function zego(event: string, at: number, changes: JsonObject = {}): Sent {
  return messageAt('zego-recording', event, { task_id: 'task', ...changes }, at);
}

function messageAt(source: string, event: string, changes: JsonObject, at: number): Sent {
  return messageOf(source, sampleBody(source, event, changes, NOW + at), { receivedAt: NOW + at });
}

const M3U8 = { FileName: 'a.m3u8', FileList: 'a.m3u8' };

interface Case {
  name: string;
  /** What is sent first. */
  opening: Sent[];
  /** When it is overdue, ms after `NOW`. */
  due: number;
  attentionItem: string;
  /** Any of these ends it. */
  clearing: [string, Sent][];
}

const CASES: Case[] = [
  {
    name: 'the upload of a file that was closed',
    opening: [recording('segment', 5)],
    due: HOUR + 5,
    attentionItem: 'upload_missing task a.mp4',
    clearing: [
      ['the upload', recording('upload', 2 * HOUR)],
      ['the upload from before', recording('upload', 1)],
    ],
  },
  {
    name: 'the upload of the file that the end names',
    opening: [recording('start', 0, 'temporary.mp4'), recording('end', 5)],
    due: HOUR + 5,
    attentionItem: 'upload_missing task a.mp4',
    clearing: [
      ['the upload', recording('upload', 2 * HOUR)],
      ['a failed upload', recording('upload-failed', 2 * HOUR)],
    ],
  },
  {
    name: 'any file of a task that has ended',
    opening: [trtc('recording-start', 0), trtc('recording-end', 5)],
    due: HOUR + 5,
    attentionItem: 'upload_missing task',
    clearing: [
      ['a file', trtc('recording-vod', 2 * HOUR)],
      ['the uploads of all files', trtc('recording-uploaded', 2 * HOUR)],
      ['the upload of the whole task', trtc('recording-vod-end', 2 * HOUR)],
    ],
  },
  {
    name: 'the upload of a file whose task has ended',
    opening: [trtc('recording-start', 0), trtc('recording-file', 1, M3U8), trtc('recording-end', 2 * HOUR)],
    due: 3 * HOUR,
    attentionItem: 'upload_missing task a.m3u8',
    clearing: [['the uploads of all files', trtc('recording-uploaded', 3 * HOUR)]],
  },
  {
    name: 'any file of a ZEGOCLOUD recording',
    opening: [zego('stop', 0)],
    due: HOUR,
    attentionItem: 'upload_missing task',
    clearing: [
      ['a file', zego('upload', 2 * HOUR)],
      ['word that nothing was recorded', zego('upload-nothing', 2 * HOUR)],
    ],
  },
  {
    name: 'the end of a task',
    opening: [relay('start', 5)],
    due: DAY + 5,
    attentionItem: 'task_silent task',
    clearing: [
      ['an end from before', relay('end', HOUR)],
      ['the end', relay('end', DAY + HOUR)],
    ],
  },
  {
    name: 'a picture',
    opening: [screenshot('start', 0), screenshot('upload', 5 * MINUTE)],
    due: 35 * MINUTE,
    attentionItem: 'screenshot_missing task',
    clearing: [
      ['the next picture', screenshot('upload', 36 * MINUTE, '2.jpg')],
      ['a picture that failed', screenshot('upload-failed', 36 * MINUTE, '2.jpg')],
      ['the end', screenshot('end', 36 * MINUTE)],
    ],
  },
];

/** The number of entries that the watch index holds under some of its partitions. */
async function indexed(store: FreshLedger, shards: readonly string[]): Promise<number> {
  const counts = shards.map(async (shard) => {
    const query = new QueryCommand({
      TableName: store.tableName,
      IndexName: 'watch',
      KeyConditionExpression: 'watch = :shard',
      ExpressionAttributeValues: { ':shard': { S: shard } },
    });
    return (await store.client.send(query)).Items?.length ?? 0;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

describeOnEngines('the watch', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });
  // These tests are not about silent apps.
  const settings = settingsOf({ appSilentMs: 0 });
  const watched = () => startWatch(store, settings);

  // What is asked of the history is the same on both engines.
  const histories = engine.name === 'dynalite' ? [30, 0] : [30];
  describe.each(histories)('with a history of %i days', (eventHistoryDays) => {
    const deliver = async (...messages: Sent[]) => {
      const consumer = startConsumer(store, { eventHistoryDays });
      for (const message of messages) expect(await consumer.consume(message)).toEqual([]);
      expect(consumer.quarantined).toEqual([]);
    };

    // Only silence is looked for in the history.
    const cases = CASES.filter(
      ({ attentionItem }) => eventHistoryDays > 0 || !attentionItem.startsWith('upload'),
    );
    describe.each(cases)('raises $name', ({ opening, due, attentionItem, clearing }) => {
      it('from the threshold on, once', async () => {
        const { run, lines } = watched();
        await deliver(...opening);
        for (const at of [30 * MINUTE, due - 1]) {
          expect(await run(at)).toMatchObject({ raised: 0 });
          expect(await attentionItemsOf(store.reader, at)).toEqual([]);
        }
        const [reason = ''] = attentionItem.split(' ');
        expect(await run(due)).toMatchObject({ raised: 1, [reason]: 1 });
        expect(await attentionItemsOf(store.reader, due)).toEqual([attentionItem]);
        expect(await run(due + 1)).toMatchObject({ raised: 0, cleared: 0, [reason]: 1 });
        const raised = lines.filter(({ message }) => message === 'attention');
        expect(raised).toMatchObject([
          { level: 'warn', fields: { change: 'raised', reason, taskId: 'task' } },
        ]);

        await deliver(...opening);
        expect(await attentionItemsOf(store.reader, due)).toEqual([attentionItem]);
      });

      it.each(clearing)('until there is %s', async (_name, message) => {
        const { run } = watched();
        await deliver(...opening);
        await run(due);
        await deliver(message);
        expect(await attentionItemsOf(store.reader, due)).not.toContain(attentionItem);
        expect(await run(due + MINUTE)).toMatchObject({ raised: 0 });
        expect(await indexed(store, OVERDUE_SHARDS)).toBe(0);
        expect(await attentionItemsOf(store.reader, due + MINUTE)).not.toContain(attentionItem);
      });

      it.each(clearing)('never when it came before: %s', async (_name, message) => {
        const { run } = watched();
        await deliver(message, ...opening.toReversed());
        const result = await run(due);
        expect(result).toMatchObject({ upload_missing: 0, task_silent: 0, screenshot_missing: 0 });
        expect(await attentionItemsOf(store.reader, due)).not.toContain(attentionItem);
      });
    });
  });

  describe('settles what needs no attention', () => {
    it('and takes it out of the index', async () => {
      await store.applyAll(RONGCLOUD, [
        startOf('done', 0),
        endOf('done', 1, { file: { name: 'a' } }),
        uploaded('done', 'a', 2),
        startOf('failed', 0),
        endOf('failed', 1, { status: 'failed' }),
        startOf('running', 30 * MINUTE),
      ]);
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(3);
      expect(await watched().run(HOUR)).toMatchObject({ checked: 3, raised: 0, cleared: 0 });
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(1);
      expect(await watched().run(2 * HOUR)).toMatchObject({ checked: 0 });
    });

    it('when a callback that was late opens it again', async () => {
      await store.applyAll(RONGCLOUD, [uploaded('task', 'a', 5), closed('task', 'a', 0)]);
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(1);
      expect(await watched().run(2 * HOUR)).toMatchObject({ checked: 1, raised: 0 });
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(0);
    });

    it('leaves no trace on an item whose callback has come', async () => {
      const key = { pk: taskKey(RONGCLOUD.vendor, RONGCLOUD.appId, 'task'), sk: fileSortKey('a') };
      const table = createLedgerTable(store.client, store.tableName);
      const attributes = async () => {
        const names = Object.keys((await table.get(key)) ?? {});
        return names.filter((name) => /^(watch|attention|failedSince)/.test(name)).sort();
      };
      await store.applyAll(RONGCLOUD, [closed('task', 'a', 0)]);
      await watched().run(HOUR);
      expect(await attributes()).toEqual(['watch', 'watchAt', 'watchReason', 'watchSince']);
      await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
      await watched().run(20 * HOUR);
      expect(await attributes()).toEqual(['attention', 'attentionAt', 'attentionReason', 'failedSince']);
      await store.applyAll(RONGCLOUD, [uploaded('task', 'a', 1)]);
      expect(await attributes()).toEqual([]);
    });

    it('looks at a task that has ended when its files are due, however long it was to wait before', async () => {
      await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
      await watched().run(40 * MINUTE);
      await store.applyAll(RONGCLOUD, [endOf('task', HOUR, { file: { name: 'a' } })]);
      await watched().run(2 * HOUR);
      expect(await attentionItemsOf(store.reader, 2 * HOUR)).toEqual(['upload_missing task a']);
    });

    it('a task that has started again is waited for', async () => {
      await store.applyAll(RONGCLOUD, [startOf('task', 0), endOf('task', 1), startOf('task', 2)]);
      await watched().run(DAY + 1);
      expect(await attentionItemsOf(store.reader, DAY + 1)).toEqual([]);
      await watched().run(DAY + 2);
      expect(await attentionItemsOf(store.reader, DAY + 2)).toEqual(['task_silent task']);
    });
  });

  describe('of a failed upload', () => {
    const failed = () => store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0)]);
    const { run } = { run: (at: number) => watched().run(at) };

    it('says when its deletion is near, and that it is lost', async () => {
      await failed();
      for (const [at, reason, raised] of [
        [18 * HOUR - 1, 'upload_failed', 0],
        [18 * HOUR, 'purge_near', 1],
        [18 * HOUR + 1, 'purge_near', 0],
        [DAY, 'lost', 1],
        [DAY + 1, 'lost', 0],
      ] as const) {
        expect(await run(at), `${at}`).toMatchObject({ [reason]: 1, raised });
        expect(await attentionItemsOf(store.reader, at)).toEqual([`${reason} task a`]);
      }
    });

    it('says so no more once it succeeds, and not twice when it fails again', async () => {
      await failed();
      await run(18 * HOUR);
      await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 18 * HOUR)]);
      expect(await run(19 * HOUR)).toMatchObject({ purge_near: 1, raised: 0 });
      await store.applyAll(RONGCLOUD, [uploaded('task', 'a', 19 * HOUR)]);
      expect(await attentionItemsOf(store.reader, 20 * HOUR)).toEqual([]);
      expect(await run(20 * HOUR)).toMatchObject({ purge_near: 0, checked: 0 });
    });

    it('lets it go 7 days after the file was deleted, and knows the file as lost', async () => {
      await failed();
      await run(8 * DAY - 1);
      expect(await attentionItemsOf(store.reader, 8 * DAY)).toEqual(['lost task a']);
      expect(await run(8 * DAY)).toMatchObject({ dropped: 1, lost: 0 });
      expect(await attentionItemsOf(store.reader, 8 * DAY)).toEqual([]);
      const [page] = await store.reader.task(RONGCLOUD, 'task', { now: NOW + 8 * DAY });
      expect(page?.files).toMatchObject([{ name: 'a', status: 'lost', purgeAt: iso(DAY) }]);
    });

    it('without a deadline lets it go 7 days after it failed, and knows that it did', async () => {
      await store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', 0, { retentionMs: undefined })]);
      expect(await run(7 * DAY - 1)).toMatchObject({ dropped: 0, upload_failed: 1 });
      expect(await attentionItemsOf(store.reader, 7 * DAY)).toEqual(['upload_failed task a']);
      expect(await run(7 * DAY)).toMatchObject({ dropped: 1, upload_failed: 0 });
      expect(await attentionItemsOf(store.reader, 7 * DAY)).toEqual([]);
      const [page] = await store.reader.task(RONGCLOUD, 'task', { now: NOW + 7 * DAY });
      expect(page?.files).toMatchObject([{ name: 'a', status: 'upload_failed' }]);
      const { run: forEver } = startWatch(store, settingsOf({}, Number.POSITIVE_INFINITY));
      await store.applyAll(RONGCLOUD, [uploadFailed('other', 'b', 0, { retentionMs: undefined })]);
      expect(await forEver(100 * DAY)).toMatchObject({ dropped: 0, upload_failed: 1 });
    });

    it('counts no file that was recovered with the others of its task, unless it fails after that', async () => {
      const failedAt = (at: number) =>
        store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', at, { retentionMs: undefined })]);
      await failedAt(0);
      expect(await run(HOUR)).toMatchObject({ upload_failed: 1, cleared: 0 });
      await store.applyAll(RONGCLOUD, [otherFiles('task', 5, 'recovered')]);
      expect(await run(HOUR)).toMatchObject({ upload_failed: 0, cleared: 1 });
      expect(await run(HOUR)).toMatchObject({ upload_failed: 0, cleared: 0, checked: 0 });
      await failedAt(6);
      expect(await run(HOUR)).toMatchObject({ upload_failed: 1 });
      expect(await attentionItemsOf(store.reader, HOUR)).toEqual(['upload_failed task a']);
    });

    it('that comes between read and write, of a file that was recovered, is not written over', async () => {
      const failedAt = (at: number) =>
        store.applyAll(RONGCLOUD, [uploadFailed('task', 'a', at, { retentionMs: undefined })]);
      await failedAt(0);
      await store.applyAll(RONGCLOUD, [otherFiles('task', 5, 'recovered')]);
      const client = interceptCommands(engine.connect(), async ({ name, proceed }) => {
        if (name === 'UpdateItemCommand') await failedAt(6);
        return proceed();
      });
      expect(await startWatch({ ...store, client }, settings).run(HOUR)).toMatchObject({ cleared: 0 });
      client.destroy();
      expect(await attentionItemsOf(store.reader, HOUR)).toEqual(['upload_failed task a']);
    });

    it('without a threshold says only that it is lost', async () => {
      await failed();
      const { run: without } = startWatch(store, settingsOf({ purgeNearMs: 0, appSilentMs: 0 }));
      expect(await without(23 * HOUR)).toMatchObject({ purge_near: 0, upload_failed: 1 });
      expect(await without(DAY)).toMatchObject({ lost: 1 });
    });
  });

  describe('of an app', () => {
    const callback = (at: number) => recording('upload', at);
    const attentionItem = `app_silent rongcloud ${RONGCLOUD.appId}`;

    it('raises a silent app until it calls, whichever process hears it', async () => {
      const { run } = startWatch(store);
      await startConsumer(store).consume(callback(0));
      expect(await run(DAY - 1)).toMatchObject({ app_silent: 0 });
      expect(await run(DAY)).toMatchObject({ app_silent: 1, raised: 1 });
      expect(await run(DAY + 1)).toMatchObject({ app_silent: 1, raised: 0 });
      expect(await store.reader.attention({ now: NOW + DAY })).toEqual([
        {
          files: [],
          apps: [{ ...RONGCLOUD, id: expect.any(String), reason: 'app_silent', lastReceivedAt: iso(0) }],
        },
      ]);
      await startConsumer(store).consume(callback(-1));
      expect(await attentionItemsOf(store.reader, DAY)).toEqual([attentionItem]);
      await startConsumer(store).consume(callback(DAY + 2));
      expect(await attentionItemsOf(store.reader, DAY + 2)).toEqual([]);
      expect(await run(DAY + 3)).toMatchObject({ app_silent: 0, raised: 0 });
    });

    it('reads the reason that earlier versions stored', async () => {
      const { run, lines } = startWatch(store);
      await startConsumer(store).consume(callback(0));
      await run(DAY);
      await store.client.send(
        new UpdateItemCommand({
          TableName: store.tableName,
          Key: { pk: { S: HEARTBEATS }, sk: { S: appSortKey('rongcloud', RONGCLOUD.appId) } },
          UpdateExpression: 'SET watchReason = :earlier',
          ExpressionAttributeValues: { ':earlier': { S: 'vendor_silent' } },
        }),
      );
      expect(await attentionItemsOf(store.reader, DAY)).toEqual([attentionItem]);
      expect(await run(8 * DAY)).toMatchObject({ dropped: 1 });
      expect(lines.at(-2)?.fields).toMatchObject({ change: 'dropped', reason: 'app_silent' });
    });

    it('takes an app to be gone after a while', async () => {
      const { run } = startWatch(store);
      await startConsumer(store).consume(callback(0));
      await run(DAY);
      expect(await run(8 * DAY)).toMatchObject({ app_silent: 0, dropped: 1 });
      expect(await run(8 * DAY + 1)).toMatchObject({ app_silent: 0, raised: 0, dropped: 0 });
      expect(await attentionItemsOf(store.reader, 8 * DAY)).toEqual([]);
    });

    it('takes neither a replay nor a table that refuses for more than it is', async () => {
      const consumer = startConsumer(store, { timestampWindowHours: () => 24 });
      await consumer.consume(
        messageOf('rongcloud-recording', sampleBody('rongcloud-recording', 'upload'), {
          timestamp: signedAt('rongcloud', NOW - 2 * DAY),
        }),
      );
      expect(consumer.verdicts()).toEqual(['quarantined stale']);
      expect(await startWatch(store).run(DAY)).toMatchObject({ checked: 0, app_silent: 0 });

      const failing = startConsumer(store, { heartbeat: () => Promise.reject(new Error('out')) });
      expect(await failing.consume(callback(0))).toEqual([]);
      expect(failing.lines.map(({ message }) => message)).toEqual(['heartbeat', 'consumed']);
    });
  });

  describe('an attention item that nobody sees to', () => {
    it('is dropped 7 days after it was raised, and comes back with its task', async () => {
      await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
      const { run, lines } = watched();
      await run(DAY + HOUR);
      await run(8 * DAY + HOUR - 1);
      expect(await attentionItemsOf(store.reader, 8 * DAY)).toEqual(['task_silent task']);
      expect(await run(8 * DAY + HOUR)).toMatchObject({ dropped: 1, cleared: 0 });
      expect(lines.at(-2)?.fields).toMatchObject({ change: 'dropped', reason: 'task_silent' });
      expect(await attentionItemsOf(store.reader, 8 * DAY + HOUR)).toEqual([]);
      await store.applyAll(RONGCLOUD, [endOf('task', 8 * DAY, { file: { name: 'a' } })]);
      await run(9 * DAY);
      expect(await attentionItemsOf(store.reader, 9 * DAY)).toEqual(['upload_missing task a']);
    });
  });

  describe('at any moment', () => {
    const opened = () =>
      store.applyAll(
        RONGCLOUD,
        Array.from({ length: 9 }, (_, index) => endOf(`task ${index}`, index, { file: { name: 'a' } })),
      );
    const allOf = (reason: string) => Array.from({ length: 9 }, (_, index) => `${reason} task ${index} a`);

    it('two runs at once raise everything once', async () => {
      await opened();
      const results = await Promise.all([watched().run(2 * HOUR), watched().run(2 * HOUR)]);
      expect(results.map(({ raised }) => raised).reduce((sum, raised) => sum + raised)).toBe(9);
      expect((await attentionItemsOf(store.reader, 2 * HOUR)).sort()).toEqual(allOf('upload_missing'));
    });

    it.each(['before', 'after'] as const)('a run may break off %s a write', async (moment) => {
      for (const position of [0, 4, 8]) {
        store = await freshLedger(engine);
        await opened();
        let writes = 0;
        const client = faultyClient(engine.connect(), ({ name }) =>
          name === 'UpdateItemCommand' && writes++ === position ? moment : undefined,
        );
        const broken = startWatch({ ...store, client }, settings).run(2 * HOUR);
        await expect(broken).rejects.toThrow('Too many requests');
        client.destroy();
        await watched().run(2 * HOUR);
        expect((await attentionItemsOf(store.reader, 2 * HOUR)).sort()).toEqual(allOf('upload_missing'));
        expect(await watched().run(2 * HOUR + 1)).toMatchObject({ upload_missing: 9, raised: 0 });
      }
    });

    it('a callback that comes between read and write is not written over', async () => {
      await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
      let isFirst = true;
      const client = interceptCommands(engine.connect(), async ({ name, proceed }) => {
        if (name === 'UpdateItemCommand' && isFirst) {
          isFirst = false;
          // At the same time as the start, so that the index attributes stay as they were read.
          await store.applyAll(RONGCLOUD, [endOf('task', 0, { file: { name: 'a' } })]);
        }
        return proceed();
      });
      expect(await startWatch({ ...store, client }, settings).run(DAY)).toMatchObject({ raised: 0 });
      client.destroy();
      await watched().run(DAY);
      expect(await attentionItemsOf(store.reader, DAY)).toEqual(['upload_missing task a']);
    });

    it('an item that it cannot read holds up no other', async () => {
      await opened();
      const key = { pk: { S: taskKey(RONGCLOUD.vendor, RONGCLOUD.appId, 'damaged') }, sk: { S: HEAD } };
      const due = { watch: { S: EXPECTATION_SHARDS[0] ?? '' }, watchAt: { S: iso(0) } };
      const Item = { ...key, ...due, start: { S: 'secret' } };
      await engine.client.send(new PutItemCommand({ TableName: store.tableName, Item }));
      const { run, lines } = watched();
      expect(await run(2 * HOUR)).toMatchObject({ raised: 9, left: 1 });
      expect(lines.find(({ message }) => message === 'watch_unreadable')?.fields).toEqual({
        partition: key.pk.S,
        reason: 'SyntaxError',
      });
    });

    it('without time it says how much is left, and the next run goes on', async () => {
      await opened();
      const { run, lines } = watched();
      expect(await run(2 * HOUR, 0)).toMatchObject({ checked: 0, raised: 0, left: 9 });
      expect(lines).toMatchObject([{ level: 'warn', message: 'watch', fields: { left: 9 } }]);
      expect(await run(2 * HOUR)).toMatchObject({ raised: 9, left: 0 });
    });
  });

  describe('of a task with hundreds of files', () => {
    const COUNT = 600;
    const names = Array.from({ length: COUNT }, (_, index) => `${String(index).padStart(4, '0')}.jpg`);

    it('reads every file only where there is no history', async () => {
      await putFiles(store, engine, 'task', names);
      await store.applyAll(RONGCLOUD, [
        startOf('task', 0),
        startOf('task 2', 0),
        // On the second page of the files.
        uploaded('task', names.at(-8) ?? '', 5 * MINUTE),
      ]);
      let fileQueries = 0;
      const client = interceptCommands(engine.connect(), async ({ input, proceed }) => {
        const { ':prefix': prefix } = (input as QueryCommandInput).ExpressionAttributeValues ?? {};
        if (prefix?.S === 'file#') fileQueries += 1;
        return proceed();
      });
      const { run } = startWatch({ ...store, client }, settings);
      expect(await run(DAY + 5 * MINUTE - 1)).toMatchObject({ task_silent: 1 });
      expect(await run(DAY + 5 * MINUTE)).toMatchObject({ task_silent: 2 });
      expect(await attentionItemsOf(store.reader, DAY)).toEqual(['task_silent task 2', 'task_silent task']);
      expect(fileQueries).toBeGreaterThan(2);

      for (const recordId of ['task', 'task 2']) {
        const event = messageAt('rongcloud-recording', 'unknown-type', { recordId }, 6 * MINUTE);
        await startConsumer(store).consume(event);
      }
      fileQueries = 0;
      expect(await run(DAY + 6 * MINUTE - 1)).toMatchObject({ task_silent: 0, cleared: 2 });
      expect(await run(DAY + 6 * MINUTE)).toMatchObject({ task_silent: 2, raised: 2 });
      expect(fileQueries).toBe(0);
      client.destroy();
    });

    it('settles each when one callback reports all of them', async () => {
      // dynalite distinguishes index entries of one time by 24 bits of a hash; these names do not collide.
      const files = names.slice(0, 210).map((name) => fileStart('task', `track-${name}`, 0));
      await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
      await Promise.all(files.map((file) => store.ledger.apply(RONGCLOUD, file)));
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(211);
      expect(await watched().run(HOUR)).toMatchObject({ checked: 211, raised: 0 });
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(211);
      await store.applyAll(RONGCLOUD, [
        endOf('task', HOUR, { filesFollow: true }),
        otherFiles('task', 0, 'uploaded'),
      ]);
      expect(await watched().run(3 * HOUR)).toMatchObject({ checked: 211, upload_missing: 0 });
      expect(await indexed(store, EXPECTATION_SHARDS)).toBe(0);
    });
  });

  it('pages through entries of every kind, each on one page', async () => {
    await startConsumer(store).consume(recording('upload', 0));
    await store.applyAll(RONGCLOUD, [
      ...[3, 1, 2].map((hours) => uploadFailed(`failed ${hours}`, 'a', hours * HOUR)),
      ...[2, 1].map((hours) => endOf(`ended ${hours}`, hours * HOUR, { file: { name: 'a' } })),
      startOf('silent', 0),
    ]);
    await startWatch(store).run(DAY + 2 * HOUR);
    const expected = [
      'lost failed 1 a',
      'lost failed 2 a',
      'purge_near failed 3 a',
      'task_silent silent',
      'upload_missing ended 1 a',
      'upload_missing ended 2 a',
      `app_silent rongcloud ${RONGCLOUD.appId}`,
    ];
    for (const limit of [1, 2, 3, 7, 100]) {
      const entries = await attentionItemsOf(store.reader, DAY + 2 * HOUR, limit);
      const files = entries.filter((entry) => entry.endsWith(' a'));
      expect(files[0], `${limit}`).toBe('purge_near failed 3 a');
      expect(files.slice(-2), `${limit}`).toEqual(['lost failed 1 a', 'lost failed 2 a']);
      expect(entries.toSorted(), `${limit}`).toEqual(expected.toSorted());
    }
    expect(await store.reader.attention({ now: NOW + DAY + 2 * HOUR })).toMatchObject([
      { tasks: [{ taskId: 'silent', status: 'started', since: iso(0) }] },
    ]);
  });

  it('finds the same whatever the order of the callbacks and whenever it has looked', () => {
    const times = [HOUR, 40 * HOUR, 60 * HOUR];
    const steps = fc.array(fc.oneof(callbacks, fc.constantFrom(...times)), { minLength: 2, maxLength: 9 });
    const end = 200 * HOUR;
    const forEver = settingsOf({ appSilentMs: 0 }, Number.POSITIVE_INFINITY);
    return fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const sent = list.filter((step) => typeof step !== 'number');
        const [reference, other] = [await freshLedger(engine), await freshLedger(engine)];
        for (const { source, body } of sent) await startConsumer(reference).consume(messageOf(source, body));
        for (const step of list.toReversed()) {
          if (typeof step === 'number') await startWatch(other, forEver).run(step);
          else await startConsumer(other).consume(messageOf(step.source, step.body));
        }
        const found = [];
        for (const ledger of [reference, other]) {
          await startWatch(ledger, forEver).run(end);
          found.push((await attentionItemsOf(ledger.reader, end)).sort());
        }
        expect(found[1]).toEqual(found[0]);
      }),
      { seed: 20_260_115, numRuns: runsOn(engine, 6) },
    );
  });
});

/** Uploaded pictures at `NOW`, as callbacks would have written them one by one. */
async function putFiles(
  { tableName }: FreshLedger,
  engine: Engine,
  taskId: string,
  names: readonly string[],
): Promise<void> {
  const { value } = uploaded(taskId, '', 0);
  // So long that 600 of them are more than one read.
  const url = `https://storage.example.com/${'a'.repeat(2000)}`;
  const requests = names.map((name) => ({
    PutRequest: {
      Item: {
        pk: { S: taskKey(RONGCLOUD.vendor, RONGCLOUD.appId, taskId) },
        sk: { S: fileSortKey(name) },
        upload: { S: JSON.stringify({ at: NOW, ...value, url }) },
        uploadOrder: { S: '1#' },
      },
    },
  }));
  for (let from = 0; from < requests.length; from += 25) {
    const RequestItems = { [tableName]: requests.slice(from, from + 25) };
    await engine.client.send(new BatchWriteItemCommand({ RequestItems }));
  }
}
