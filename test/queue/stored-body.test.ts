import { randomBytes } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../lib/queue/envelope.ts';
import { packBody } from '../../lib/queue/packed-body.ts';
import { type StoredBody, storeBody } from '../../lib/queue/stored-body.ts';
import { NOW, ownerOf, recordingMessage } from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

const RONGCLOUD = ownerOf('rongcloud');
const FILLER = randomBytes(450_000).toString('base64');

describeOnEngines('a body that is too large for its message', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });

  /** A message whose body is in the table; and where. */
  async function storedMessage() {
    const message = recordingMessage('start', { recordId: 'large', filler: FILLER });
    const envelope = decodeEnvelope(message.body);
    if (envelope === undefined) throw new Error('The message has no envelope.');
    const put = async (item: object) => {
      const { bytes, ...rest } = item as { bytes: { B: string } };
      const Item = { ...rest, bytes: { B: Buffer.from(bytes.B, 'base64') } };
      await store.client.send(new PutItemCommand({ TableName: store.tableName, Item }));
      return { ok: true as const };
    };
    const result = await storeBody(packBody(envelope.body).bytes, put, NOW);
    if (!result.ok) throw new Error(result.reason);
    return { message: { ...message, body: encodeEnvelope(envelope, result.stored) }, stored: result.stored };
  }

  it('is read from the table and applied', async () => {
    const { message, stored } = await storedMessage();
    expect([stored.parts, message.body.length < 1_000]).toEqual([2, true]);
    const consumer = startConsumer(store);
    expect(await consumer.consume(message)).toEqual([]);
    expect(consumer.verdicts()).toEqual(['applied']);
    expect((await store.reader.task(RONGCLOUD, 'large'))[0]?.task.status).toBe('started');
  });

  it('stays in the queue while a part of it cannot be read', async () => {
    const { message } = await storedMessage();
    const missing = { ...message, body: message.body.replace('"bodyParts":2', '"bodyParts":3') };
    const consumer = startConsumer(store);
    expect(await consumer.consume(missing)).toEqual([message.messageId]);
    expect(consumer.lines[0]?.fields.reason).toContain('part 2 of the body');
    expect(consumer.quarantined).toEqual([]);
  });

  it('is not applied when its bytes are not what the message says', async () => {
    const { message } = await storedMessage();
    const readBody = async (_stored: StoredBody) => Buffer.from('not gzip');
    const consumer = startConsumer(store, { readBody });
    await consumer.consume(message);
    expect(consumer.verdicts()).toEqual(['quarantined unreadable_envelope']);
    expect(consumer.quarantined[0]?.message).toEqual(message);
  });
});
