import { ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import {
  HOUR,
  messageOf,
  NOW,
  ownerOf,
  recordingMessage,
  SECOND,
  type SourceName,
  sampleBody,
  sampleMessage,
} from '../support/callbacks.ts';
import { faultyClient } from '../support/commands.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { quickOrWhole, randomRuns } from '../support/suite.ts';

const PICTURES = quickOrWhole(300, 500);

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const RONGCLOUD = ownerOf('rongcloud');

describeOnEngines('the consumer', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });

  it('logs the outcome of each message in one line', async () => {
    const consumer = startConsumer(store, { now: () => NOW + 5 });
    const message = recordingMessage('upload', { recordId: 'task', roomId: 'room' });
    for (const each of [message, message, { messageId: 'bad', body: '' }]) await consumer.consume(each);
    const fields = {
      messageId: message.messageId,
      source: 'rongcloud-recording',
      appId: RONGCLOUD.appId,
      type: 'recording 4',
      taskId: 'task',
      roomId: 'room',
      observations: 1,
      lagMs: 5,
    };
    expect(consumer.lines).toEqual([
      { level: 'info', message: 'consumed', fields: { ...fields, verdict: 'applied', changes: 1 } },
      { level: 'info', message: 'consumed', fields: { ...fields, verdict: 'duplicate', changes: 0 } },
      {
        level: 'warn',
        message: 'consumed',
        fields: { messageId: 'bad', verdict: 'quarantined', reason: 'unreadable_envelope' },
      },
    ]);
  });

  it('keeps with a stored callback the message that it was received as', async () => {
    const consumer = startConsumer(store);
    const first = recordingMessage('start', { recordId: 'task' }, { messageId: 'a' });
    const replayed = recordingMessage('upload', { recordId: 'task' }, { messageId: 'c' });
    for (const message of [first, { ...first, messageId: 'b' }, { ...replayed, replayOf: 'original' }])
      expect(await consumer.consume(message)).toEqual([]);
    const [{ events } = { events: [] }] = await store.reader.task(RONGCLOUD, 'task');
    expect(events?.map(({ messageId }) => messageId).toSorted()).toEqual(['a', 'original']);
  });

  it.each([
    [0, undefined],
    [400, { N: String((NOW + 400 * 24 * HOUR) / SECOND) }],
  ])(
    'keeps tasks and files for retentionDays after what changed them: %i',
    async (retentionDays, expiresAt) => {
      const consumer = startConsumer(store, { retentionDays, eventHistoryDays: 0 });
      const body = { recordId: 'task', roomId: 'room' };
      for (const event of ['start', 'upload']) await consumer.consume(recordingMessage(event, body));
      const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: store.tableName }));
      const state = Items.filter(({ pk }) => pk?.S?.startsWith('task#'));
      expect(state.length).toBeGreaterThan(1);
      for (const item of state) expect(item.expiresAt).toEqual(expiresAt);
    },
  );

  it('calls what the vendor sends again a duplicate', async () => {
    const consumer = startConsumer(store);
    const again = { nonce: 'nonce', timestamp: String(NOW) };
    for (const event of ['upload', 'unknown-type']) {
      const credential = { ...again, nonce: event };
      await consumer.consume(sampleMessage('rongcloud-recording', event, credential));
      const later = { ...credential, receivedAt: NOW + SECOND };
      await consumer.consume(sampleMessage('rongcloud-recording', event, later));
    }
    expect(consumer.verdicts()).toEqual(['applied', 'duplicate', 'event', 'duplicate']);
  });

  it.each([
    ['rongcloud-recording', { type: 99, recordId: 'id' }, 'task', 'recording 99'],
    ['rongcloud-screenshot', { type: 5, imageId: 'id' }, 'task', 'screenshot 5'],
    ['tencent', { EventGroupId: 99, EventType: 9901, EventInfo: { TaskId: 'id' } }, 'task', '99/9901'],
    ['tencent', { EventGroupId: 99, EventType: 9901, EventInfo: { RoomId: 'id' } }, 'room', '99/9901'],
    ['tencent', { EventInfo: { RoomId: 'id' } }, 'room', 'unknown/unknown'],
    ['zego', { event: 'something_new', task_id: 'id' }, 'task', 'something_new'],
    ['zego', { room_id: 'id' }, 'room', 'unknown'],
  ] as [SourceName, JsonObject, 'task' | 'room', string][])(
    'keeps what it does not know: %s %o',
    async (source, body, what, type) => {
      const owner = ownerOf(SOURCES.get(source)?.vendor ?? 'zego');
      const consumer = startConsumer(store);
      expect(await consumer.consume(messageOf(source, body))).toEqual([]);
      expect(consumer.verdicts()).toEqual(['event']);
      expect(await store.reader[what](owner, 'id')).toMatchObject([
        { [what]: { status: 'unknown' }, events: [{ type, source, body }] },
      ]);
    },
  );

  it.runIf(engine.name === 'dynalite')(`applies a ZEGO snapshot with ${PICTURES} pictures`, async () => {
    const urls = Array.from({ length: PICTURES }, (_, index) => `http://abc.com/${index}.jpg`);
    const pictures = urls.map((url) => ({ url }));
    const consumer = startConsumer(store);
    const body = sampleBody('zego', 'snapshot', { task_id: 'task', snapshot_pic_list: pictures });
    await consumer.consume(messageOf('zego', body));
    expect(consumer.lines).toMatchObject([{ fields: { verdict: 'applied', changes: PICTURES } }]);
    const pages = await store.reader.task(ownerOf('zego'), 'task');
    // No callback is about the task itself: its pictures say that it has ended.
    for (const { task } of pages) {
      expect(task).toMatchObject({ status: 'ended', endedAt: pages[0]?.task.endedAt });
      expect(task.endedAt).toBeDefined();
    }
    const files = pages.flatMap((page) => page.files);
    expect(new Set(files.map(({ name }) => name))).toEqual(new Set(urls));
  });

  describe('when the table fails for a moment', () => {
    const KINDS = ['claim', 'state', 'history'] as const;
    it.each(KINDS)('while it writes the %s, it asks for that message again', async (kind) => {
      const hit = KINDS.indexOf(kind);
      const [before, failing, after] = ['before', 'failing', 'after'].map((recordId) =>
        recordingMessage('upload', { recordId }, { messageId: recordId, nonce: recordId }),
      ) as [QueueMessage, QueueMessage, QueueMessage];
      let writes = 0;
      const client = faultyClient(engine.connect(), ({ input }) =>
        JSON.stringify(input).includes('failing') && writes++ === hit ? 'before' : undefined,
      );
      const consumer = startConsumer({ ...store, client });
      expect(await consumer.consume(before, failing, after)).toEqual(['failing']);
      expect(consumer.quarantined).toEqual([]);
      const retries = consumer.lines.filter(({ message }) => message === 'retry');
      expect(retries).toMatchObject([{ level: 'error', fields: { messageId: 'failing' } }]);
      expect(await store.reader.file(RONGCLOUD, 'before')).toMatchObject({ status: 'uploaded' });
      expect(await store.reader.file(RONGCLOUD, 'after')).toMatchObject({ status: 'uploaded' });

      expect(await consumer.consume(failing)).toEqual([]);
      const [{ files, events } = { files: [] }] = await store.reader.task(RONGCLOUD, 'failing');
      expect(files).toMatchObject([{ status: 'uploaded' }]);
      expect(events).toHaveLength(1);
    });

    /** Fails at one write, comes back under another id and fails at another, comes back again. */
    it.each(KINDS.flatMap((first) => KINDS.map((second) => [first, second] as const)))(
      'takes it whole as a dead letter, whose id is another: %s, then %s',
      async (...kinds) => {
        const upload = recordingMessage('upload', { recordId: 'failing' });
        const event = recordingMessage('unknown-type', { recordId: 'failing' });
        for (const { body } of [upload, event]) {
          for (const [delivery, kind] of kinds.entries()) {
            const client = faultyClient(engine.connect(), (_command, count) =>
              count === KINDS.indexOf(kind) ? 'before' : undefined,
            );
            await startConsumer({ ...store, client }).consume({
              messageId: delivery === 0 ? 'a' : 'b',
              body,
            });
          }
          expect(await startConsumer(store).consume({ messageId: 'b', body })).toEqual([]);
        }
        const [{ files, events } = { files: [] }] = await store.reader.task(RONGCLOUD, 'failing');
        expect(files).toMatchObject([{ status: 'uploaded' }]);
        expect(events?.map(({ type }) => type).toSorted()).toEqual(['recording 4', 'recording 9']);
      },
    );

    it('takes a dead letter into the history even when its state is outdated', async () => {
      const failed = recordingMessage('upload-failed', { recordId: 'failing' }, { messageId: 'a' });
      const client = faultyClient(engine.connect(), (_command, count) =>
        count === 1 ? 'before' : undefined,
      );
      await startConsumer({ ...store, client }).consume(failed);
      await startConsumer(store).consume(recordingMessage('upload', { recordId: 'failing' }));
      await startConsumer(store).consume({ ...failed, messageId: 'b' });
      const [{ events } = { events: [] }] = await store.reader.task(RONGCLOUD, 'failing');
      expect(events).toHaveLength(2);
    });

    it('takes it whole when the vendor has sent it twice and both messages fail in turn', async () => {
      const [first, second] = [NOW, NOW + SECOND].map((receivedAt) =>
        recordingMessage(
          'upload',
          { recordId: 'failing' },
          { nonce: 'nonce', timestamp: String(NOW), receivedAt },
        ),
      ) as [QueueMessage, QueueMessage];
      // The first fails at its state; the second finds the credential claimed, and fails at its state too.
      for (const [message, failing] of [[first, 1], [second, 2], [first], [second]] as const) {
        const client = faultyClient(engine.connect(), (_command, count) =>
          count === failing ? 'before' : undefined,
        );
        await startConsumer({ ...store, client }).consume(message);
      }
      const [{ files, events } = { files: [] }] = await store.reader.task(RONGCLOUD, 'failing');
      expect(files).toMatchObject([{ status: 'uploaded' }]);
      expect(events).toMatchObject([{ type: 'recording 4' }]);
    });
  });

  it('never throws, and never asks again for what will not change', async () => {
    const sources = fc.constantFrom<SourceName>(...([...SOURCES.keys()] as SourceName[]));
    const names = fc.constantFrom(
      'type',
      'recordId',
      'imageId',
      'output',
      'EventInfo',
      'event',
      'task_id',
      'x',
    );
    const bodies = fc.oneof(
      fc.dictionary(names, fc.jsonValue()).map((value) => JSON.stringify(value)),
      fc.json({ stringUnit: 'binary' }),
      fc.string({ unit: 'binary' }),
    );
    const messages = fc.oneof(
      fc.string({ unit: 'binary' }).map((body) => ({ messageId: 'message', body })),
      fc.json().map((body) => ({ messageId: 'message', body })),
      fc
        .tuple(sources, bodies, fc.string({ unit: 'binary' }))
        .map(([source, body, nonce]) => messageOf(source, Buffer.from(body), { nonce })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(messages, { maxLength: 10 }), async (batch) => {
        const consumer = startConsumer(store);
        expect(await consumer.consume(...batch)).toEqual([]);
        expect(consumer.verdicts()).toHaveLength(batch.length);
      }),
      { seed: SEED, numRuns: randomRuns(30) },
    );
  });
});
