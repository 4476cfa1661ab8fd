import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import type { QuarantineReason, Source } from '../../lib/callback/callback.ts';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import { createLedger, type Ledger } from '../../lib/ledger/ledger.ts';
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
  signedAt,
} from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

const RONGCLOUD = ownerOf('rongcloud');
const WINDOW = 24 * HOUR;

const screenshot = (changes: JsonObject) =>
  messageOf('tencent', sampleBody('tencent', 'screenshot', { EventInfo: changes }));
const snapshot = (changes: JsonObject) => messageOf('zego', sampleBody('zego', 'snapshot', changes));
/** A body as it is, with any content. */
const raw = (source: SourceName, text: string) => messageOf(source, Buffer.from(text));

function nested(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

/** What the function sends on in shadow mode. */
function unverifiedMessage(): QueueMessage {
  const message = recordingMessage('start');
  const { appId: _, signature: __, strength: ___, ...rest } = JSON.parse(message.body);
  const unverified = { ...rest, refusal: 'wrong_signature', headers: {}, query: {}, sourceIp: '203.0.113.7' };
  return { ...message, body: JSON.stringify(unverified) };
}

const QUARANTINED: [name: string, reason: QuarantineReason, message: QueueMessage][] = [
  ['no envelope', 'unreadable_envelope', { messageId: '1', body: 'hello' }],
  ['an envelope of another version', 'unreadable_envelope', { messageId: '1', body: '{"version":2}' }],
  ['a callback that did not verify', 'unverified', unverifiedMessage()],
  ['a source that is not there', 'unknown_source', recordingMessage('start', {}, { source: 'toString' })],
  ['no JSON', 'unreadable_body', raw('rongcloud-recording', '{')],
  ['no object', 'unreadable_body', raw('tencent', '[1]')],
  ['a body that is no form either', 'unreadable_body', raw('zego', '[1]')],
  ['a recording without id', 'missing_task_id', recordingMessage('start', { recordId: '' })],
  ['a snapshot without id', 'missing_task_id', snapshot({ task_id: null })],
  ['a TRTC screenshot without room', 'missing_room_id', screenshot({ roomID: '' })],
  ['a segment without file', 'missing_file_name', recordingMessage('segment', { output: { fileName: '' } })],
  ['an upload without file', 'missing_file_name', recordingMessage('upload', { output: 'a.mp4' })],
  ['a TRTC screenshot without file', 'missing_file_name', screenshot({ eventID: '', pictureURL: '' })],
  ['a malformed list of pictures', 'unreadable_file_list', snapshot({ snapshot_pic_list: '[' })],
  ['a picture without URL', 'unreadable_file_list', snapshot({ snapshot_pic_list: [{ offset: 0 }] })],
  ['an event of nothing', 'no_task_or_room', raw('tencent', '{"EventGroupId":99,"EventInfo":{}}')],
  ['the app key of another app', 'app_mismatch', recordingMessage('start', { appKey: 'other' })],
  ['the app id of another app', 'app_mismatch', snapshot({ appid: '54321' })],
  ['no timestamp', 'malformed_timestamp', recordingMessage('start', {}, { timestamp: '' })],
  ['no nonce', 'malformed_timestamp', recordingMessage('start', {}, { nonce: '' })],
  ['a malformed timestamp', 'malformed_timestamp', recordingMessage('start', {}, { timestamp: 'now' })],
  [
    'a body nested 100,000 deep',
    'not_storable',
    raw('rongcloud-recording', `{"recordId":"1","type":1,"config":{"a":${nested(100_000)}}}`),
  ],
];

/** When a callback is signed, and whether that is in time; received at `NOW`. */
const TIMESTAMPS: [vendor: 'rongcloud' | 'zego', at: number, isFresh: boolean][] = [
  ['rongcloud', NOW - WINDOW, true],
  ['rongcloud', NOW - WINDOW - 1, false],
  ['rongcloud', NOW + WINDOW, true],
  ['rongcloud', NOW + WINDOW + 1, false],
  ['zego', NOW - WINDOW, true],
  ['zego', NOW - WINDOW - SECOND, false],
  ['zego', NOW + WINDOW, true],
  ['zego', NOW + WINDOW + SECOND, false],
];

describeOnEngines('the consumer quarantines', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });

  it.each(QUARANTINED)('%s as %s', async (_name, reason, message) => {
    const consumer = startConsumer(store);
    expect(await consumer.consume(message)).toEqual([]);
    expect(consumer.quarantined).toEqual([{ message, reason }]);
    expect(consumer.verdicts()).toEqual([`quarantined ${reason}`]);
  });

  it.each(TIMESTAMPS)('by the signed timestamp: %s at %i, in time: %s', async (vendor, at, isFresh) => {
    const consumer = startConsumer(store);
    const changes = { timestamp: signedAt(vendor, at) };
    await consumer.consume(
      vendor === 'zego'
        ? sampleMessage('zego', 'snapshot', changes)
        : recordingMessage('upload', {}, changes),
    );
    expect(consumer.verdicts()).toEqual([isFresh ? 'applied' : 'quarantined stale']);
  });

  it('by the window of the vendor', async () => {
    const timestampWindowHours = (vendor: string) => (vendor === 'zego' ? 1 : 2);
    const consumer = startConsumer(store, { timestampWindowHours });
    const at = NOW - 2 * HOUR;
    await consumer.consume(recordingMessage('upload', {}, { timestamp: signedAt('rongcloud', at) }));
    await consumer.consume(sampleMessage('zego', 'snapshot', { timestamp: signedAt('zego', at) }));
    expect(consumer.verdicts()).toEqual(['applied', 'quarantined stale']);
  });

  it('another body with a credential, whose first body stays', async () => {
    const consumer = startConsumer(store);
    const credential = { nonce: 'nonce', timestamp: String(NOW) };
    const first = recordingMessage('upload', { recordId: 'task', output: { fileName: 'a' } }, credential);
    const forged = recordingMessage('upload', { recordId: 'task', output: { fileName: 'b' } }, credential);
    for (const message of [first, forged, first]) await consumer.consume(message);
    expect(consumer.verdicts()).toEqual(['applied', 'quarantined nonce_reused', 'duplicate']);
    expect(await store.reader.file(RONGCLOUD, 'task')).toMatchObject({ name: 'a' });
  });

  it('not a signed body, however old', async () => {
    const consumer = startConsumer(store);
    await consumer.consume(sampleMessage('tencent', 'screenshot', { receivedAt: NOW + 9_999 * HOUR }));
    expect(consumer.verdicts()).toEqual(['applied']);
  });

  it('what says nothing of state where no history is kept', async () => {
    const consumer = startConsumer(store, { eventHistoryDays: 0 });
    await consumer.consume(recordingMessage('unknown-type'));
    await consumer.consume(recordingMessage('upload', { recordId: 'task' }));
    expect(consumer.verdicts()).toEqual(['quarantined no_history', 'applied']);
    expect(await store.reader.task(RONGCLOUD, 'task')).toMatchObject([{ events: [] }]);
  });

  it('what the table refuses as invalid', async () => {
    const Key = { pk: { S: '' }, sk: { S: '' } };
    // No known callback leads to such a command.
    const invalid = () => engine.client.send(new GetItemCommand({ TableName: store.tableName, Key }));
    const ledger: Ledger = {
      ...createLedger(engine.client, store.tableName),
      apply: () => invalid().then(() => true),
    };
    const consumer = startConsumer(store, { ledger });
    const message = recordingMessage('start');
    expect(await consumer.consume(message)).toEqual([]);
    expect(consumer.quarantined).toEqual([{ message, reason: 'not_storable' }]);
  });

  it('again what the quarantine did not take', async () => {
    const message = recordingMessage('start', { recordId: '' });
    const refusing = startConsumer(store, { quarantine: () => Promise.reject(new Error('out')) });
    expect(await refusing.consume(message)).toEqual([message.messageId]);
    const consumer = startConsumer(store);
    expect(await consumer.consume(message)).toEqual([]);
    expect(consumer.quarantined).toEqual([{ message, reason: 'missing_task_id' }]);
  });

  it('what can be applied later, byte for byte, once the parser can', async () => {
    const source: Source = {
      ...SOURCES.get('rongcloud-recording'),
      vendor: 'rongcloud',
      parse: () => ({ ok: false, reason: 'unreadable_body' }),
    };
    const before = startConsumer(store, { sources: new Map([['rongcloud-recording', source]]) });
    const message = recordingMessage('unknown-type', { recordId: 'task' });
    await before.consume(message);
    expect(before.verdicts()).toEqual(['quarantined unreadable_body']);

    const replayed = { ...message, messageId: 'of the replay' };
    await startConsumer(store).consume(replayed);
    const events = (await store.reader.task(RONGCLOUD, 'task')).flatMap((page) => page.events);
    expect(events).toMatchObject([{ type: 'recording 9' }]);
  });
});
