import { randomBytes } from 'node:crypto';
import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CallbackEvent } from '../../lib/callback/callback.ts';
import type { StoredCallback } from '../../lib/ledger/answers.ts';
import type { CredentialUse } from '../../lib/ledger/history.ts';
import { credentialKey } from '../../lib/ledger/keys.ts';
import type { ClaimResult } from '../../lib/ledger/ledger.ts';
import { decodeEnvelope, type Envelope } from '../../lib/queue/envelope.ts';
import {
  HOUR,
  iso,
  messageOf,
  NOW,
  ownerOf,
  SECOND,
  sampleBody,
  sampleMessage,
} from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, type Engine } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

const OWNER = ownerOf('rongcloud');
const DAYS = 30;
const DAY = 24 * HOUR;

const EVENT: CallbackEvent = {
  type: 'recording 9',
  at: NOW,
  taskId: 'task',
  roomId: 'room',
  identity: { a: 1 },
};

function envelopeWith(changes: Partial<Envelope> = {}): Envelope {
  const envelope = decodeEnvelope(sampleMessage('rongcloud-recording', 'upload').body);
  if (envelope === undefined || 'refusal' in envelope) throw new Error('The sample has no envelope.');
  return { ...envelope, ...changes };
}

describeOnEngines('the history and its claims', (engine) => {
  describe('the history', () => historyTests(engine));
  describe('a claim of a credential', () => claimTests(engine));
});

function historyTests(engine: Engine) {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });
  const record = (event: CallbackEvent, envelope = envelopeWith()) =>
    store.ledger.record(OWNER, event, envelope, {
      expiresAt: envelope.receivedAt + DAYS * DAY,
      listsTask: false,
      messageId: 'message',
    });
  const eventsOf = async (taskId = 'task'): Promise<StoredCallback[]> =>
    (await store.reader.task(OWNER, taskId)).flatMap((page) => page.events ?? []);

  it('has an event once, as it was first received', async () => {
    await record(EVENT);
    await record({ ...EVENT, identity: { a: 1 } }, envelopeWith({ receivedAt: NOW + HOUR }));
    const { body, source } = envelopeWith();
    expect(await eventsOf()).toEqual([
      {
        eventId: expect.any(String),
        source,
        type: 'recording 9',
        at: iso(0),
        receivedAt: iso(0),
        taskId: 'task',
        roomId: 'room',
        messageId: 'message',
        bodyBytes: body.length,
        body: JSON.parse(body.toString()),
      },
    ]);
  });

  it('has an event once when it is recorded twice at the same time', async () => {
    await Promise.all([record(EVENT), record(EVENT), record(EVENT)]);
    expect(await eventsOf()).toHaveLength(1);
  });

  it.each<[string, Partial<CallbackEvent>]>([
    ['at another time', { at: NOW + 1 }],
    ['with other content', { identity: { a: 2 } }],
  ])('has two events of one task %s', async (_name, changes) => {
    await record(EVENT);
    await record({ ...EVENT, ...changes });
    const ids = (await eventsOf()).map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(2);
  });

  it('lists events by the time the vendor gives', async () => {
    for (const at of [NOW + DAY, NOW, NOW - 900 * DAY, NOW + SECOND]) await record({ ...EVENT, at });
    const times = (await eventsOf()).map(({ at }) => at);
    expect(times).toEqual([iso(-900 * DAY), iso(0), iso(SECOND), iso(DAY)]);
  });

  it('has an event without a task in its room', async () => {
    const { taskId: _, ...ofRoom } = EVENT;
    await record(ofRoom);
    expect(await store.reader.task(OWNER, 'task')).toEqual([]);
    const [page] = await store.reader.room(OWNER, 'room');
    expect(page).toMatchObject({ room: { status: 'unknown' }, tasks: [], events: [{ type: 'recording 9' }] });
  });

  it.each<[string, Buffer, unknown]>([
    ['900 KB that do not compress', randomBytes(900_000), undefined],
    ['900 KB that compress', Buffer.from(`"${'x'.repeat(900_000)}"`), 'x'.repeat(900_000)],
    [
      '340 KB that do not compress, as text',
      Buffer.from(randomBytes(170_000).toString('hex')),
      expect.any(String),
    ],
    ['no JSON', Buffer.from('a=1&b=%7B'), 'a=1&b=%7B'],
    ['an integer of 19 digits', Buffer.from('{"id":1253642700910365374}'), { id: '1253642700910365374' }],
  ])('keeps a body of %s, or at least its size', async (_name, body, listed) => {
    await record(EVENT, envelopeWith({ body }));
    const [event] = await eventsOf();
    expect(event?.bodyBytes).toBe(body.length);
    // Not `toEqual`: a difference of 900 KB is no help.
    expect(expect.anything().asymmetricMatch(event?.body)).toBe(listed !== undefined);
    if (typeof listed === 'string') expect(event?.body === listed).toBe(true);
    else if (listed !== undefined) expect(event?.body).toEqual(listed);
  });

  it('comes in pages of 2 MiB, whatever its bodies unpack to', async () => {
    const bodies = [
      ...Array.from({ length: 7 }, (_, index) => `"${String(index).repeat(1_000_000)}"`),
      // Each of these bytes is six in JSON, so that a page has no room for them.
      '\u0001'.repeat(400_000),
      '{}',
    ];
    for (const [at, body] of bodies.entries()) {
      const event = { ...EVENT, at, identity: { at } };
      await record(event, envelopeWith({ body: Buffer.from(body) }));
    }
    const pages = await store.reader.task(OWNER, 'task');
    const sizes = pages.map(({ events }) => JSON.stringify(events).length);
    expect(Math.max(...sizes)).toBeLessThan(2.1 * 1_048_576);
    const events = pages.flatMap((page) => page.events ?? []);
    expect(events.map(({ bodyBytes }) => bodyBytes)).toEqual(bodies.map((body) => body.length));
    expect(events.map(({ body }) => body !== undefined)).toEqual(
      bodies.map((body) => !body.startsWith('\u0001')),
    );
  });

  it('expires after its days, in the epoch seconds that DynamoDB understands', async () => {
    await record(EVENT);
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: store.tableName }));
    expect(Items.map((item) => item.expiresAt)).toEqual([{ N: String((NOW + DAYS * DAY) / SECOND) }]);
  });

  it('has a ZEGO event that was signed again once', async () => {
    const zego = ownerOf('zego');
    const consumer = startConsumer(store);
    for (const receivedAt of [NOW, NOW + 2 * SECOND]) {
      await consumer.consume(
        messageOf('zego', sampleBody('zego', 'unknown-event', { room_id: 'room' }), { receivedAt }),
      );
    }
    expect(consumer.quarantined).toEqual([]);
    expect((await store.reader.room(zego, 'room')).flatMap((page) => page.events)).toHaveLength(1);
  });
}

function claimTests(engine: Engine) {
  const USE: CredentialUse = {
    signature: '5bd59fd62953a8059fb7eaba95720f66d19e4517',
    body: Buffer.from('body'),
    expiresAt: NOW + 1,
  };
  const UPPER = { signature: USE.signature.toUpperCase() };
  const MEETS: [string, Partial<CredentialUse>, ClaimResult][] = [
    ['the same body may come again', {}, 'again'],
    ['another body is reuse', { body: Buffer.from('other') }, 'reused'],
    ['another signature is another credential', { signature: 'f'.repeat(40) }, 'first'],
    [
      'the same signature in capitals is the same credential',
      { ...UPPER, body: Buffer.from('other') },
      'reused',
    ],
  ];
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });

  it.each(MEETS)('%s', async (_name, changes, expected) => {
    expect(await store.ledger.claim(OWNER, USE)).toBe('first');
    expect(await store.ledger.claim(OWNER, { ...USE, ...changes })).toBe(expected);
    expect(await store.ledger.claim(OWNER, USE)).toBe('again');
  });

  it('belongs to one app of one vendor', async () => {
    for (const owner of [OWNER, { ...OWNER, appId: 'other' }, { ...OWNER, vendor: 'zego' as const }]) {
      expect(await store.ledger.claim(owner, USE)).toBe('first');
    }
  });

  it('expires in epoch seconds, not before it is stale', async () => {
    await store.ledger.claim(OWNER, USE);
    const key = { pk: { S: credentialKey(OWNER.vendor, OWNER.appId, USE.signature) }, sk: { S: 'head' } };
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: store.tableName, Key: key }));
    expect(Item?.expiresAt).toEqual({ N: String(NOW / SECOND + 1) });
  });

  describe('by several at the same time', () => {
    const bodies = ['a', 'b', 'c', 'd'].map((body) => Buffer.from(body));

    it('has exactly one owner', async () => {
      for (let round = 0; round < 10; round++) {
        const uses = bodies.map((body) => ({ ...USE, signature: `${round}`, body }));
        const results = await Promise.all(uses.map((use) => store.ledger.claim(OWNER, use)));
        expect(results.toSorted()).toEqual(['first', 'reused', 'reused', 'reused']);
      }
    });

    it('with one body is first once', async () => {
      const results = await Promise.all(bodies.map(() => store.ledger.claim(OWNER, USE)));
      expect(results.toSorted()).toEqual(['again', 'again', 'again', 'first']);
    });
  });
}
