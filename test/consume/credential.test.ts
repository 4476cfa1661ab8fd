import { ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { storeAcceptance } from '../../lib/ledger/acceptance.ts';
import type { Beat } from '../../lib/ledger/heartbeat.ts';
import type { CredentialUse } from '../../lib/ledger/history.ts';
import { createLedger, type Ledger } from '../../lib/ledger/ledger.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { rongcloudSignature } from '../../lib/vendors/rongcloud/verify.ts';
import { zegoSignature } from '../../lib/vendors/zego/verify.ts';
import {
  HOUR,
  type MessageChanges,
  messageOf,
  NOW,
  ownerOf,
  recordingMessage,
  SECOND,
  sampleBody,
  sampleMessage,
  signedAt,
} from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

const DAY = 24 * HOUR;
const RONGCLOUD = ownerOf('rongcloud');
const SECRET = 'f0c1e2secret';

const forged: JsonObject = { recordId: 'task', output: { fileName: 'forged.mp4' } };
const genuine: JsonObject = { recordId: 'task', output: { fileName: 'genuine.mp4' } };

/** What an attacker makes of a captured credential: another pair of values with the same signature. */
interface Split {
  nonce: string;
  timestamp: string;
}

/** Every pair of values that hashes to what `captured` does. */
function splitsOf(hashed: string, isSame: (split: Split) => boolean): Split[] {
  const text = hashed.replace(SECRET, '');
  const cuts = Array.from({ length: text.length - 1 }, (_, index) => index + 1);
  return cuts
    .flatMap((cut) => {
      const [head, tail] = [text.slice(0, cut), text.slice(cut)];
      return [
        { nonce: head, timestamp: tail },
        { nonce: tail, timestamp: head },
      ];
    })
    .filter(isSame);
}

const VENDORS = {
  rongcloud: {
    signature: ({ nonce, timestamp }: Split) => rongcloudSignature(SECRET, nonce, timestamp),
    message: (body: JsonObject, changes: MessageChanges) => recordingMessage('upload', body, changes),
    nonce: fc.stringMatching(/^[0-9a-z]{0,4}[0-9]{1,14}$/),
    examples: [],
    hashed: ({ nonce, timestamp }: Split) => SECRET + nonce + timestamp,
  },
  zego: {
    signature: ({ nonce, timestamp }: Split) => zegoSignature(SECRET, timestamp, nonce),
    message: (body: JsonObject, changes: MessageChanges) =>
      messageOf(
        'zego',
        sampleBody('zego', 'snapshot', { task_id: 'task', field_id: JSON.stringify(body) }),
        changes,
      ),
    nonce: fc.oneof(fc.stringMatching(/^[0-9]{6}$/), fc.stringMatching(/^7[0-9]{18}$/)),
    // Its last ten digits are another fresh timestamp.
    examples: [[`712345678${signedAt('zego', NOW)}`, HOUR] as [string, number]],
    hashed: ({ nonce, timestamp }: Split) => [SECRET, nonce, timestamp].sort().join(''),
  },
} as const;

describeOnEngines('a credential', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });

  describe.each(['rongcloud', 'zego'] as const)('of %s', (vendor) => {
    const { signature, message, nonce, examples, hashed } = VENDORS[vendor];

    it('carries one body, however its hashed string is split', async () => {
      const runs = runsOn(engine, 6);
      let splits = 0;
      await fc.assert(
        fc.asyncProperty(nonce, fc.nat(DAY - 1), async (value, age) => {
          const captured = { nonce: value, timestamp: signedAt(vendor, NOW - age) };
          const signed = signature(captured);
          const consumer = startConsumer(await freshLedger(engine));
          await consumer.consume(message(genuine, { ...captured, signature: signed }));
          expect(consumer.verdicts()).toEqual(['applied']);
          const others = splitsOf(hashed(captured), (split) => signature(split) === signed);
          splits += others.length;
          for (const [index, split] of others.entries()) {
            // In either case it is the same signature.
            const text = index % 2 === 0 ? signed.toUpperCase() : signed;
            await consumer.consume(message(forged, { ...split, signature: text }));
          }
          for (const verdict of consumer.verdicts().slice(1))
            expect(verdict).toMatch(/^quarantined (nonce_reused|malformed_timestamp|stale)$/);
        }),
        { numRuns: runs, examples: [...examples] },
      );
      expect(splits).toBeGreaterThan(runs);
    });

    it.each([
      ['a sign', '+'],
      ['a space', ' '],
      ['a leading zero', '0'],
      ['hex', '0x'],
    ])('has no timestamp with %s', async (_name, prefix) => {
      const consumer = startConsumer(store);
      await consumer.consume(message(genuine, { timestamp: prefix + signedAt(vendor, NOW) }));
      expect(consumer.verdicts()).toEqual(['quarantined malformed_timestamp']);
    });
  });

  it('of RongCloud has no timestamp in seconds, and of ZEGOCLOUD none in ms with state', async () => {
    const consumer = startConsumer(store);
    await consumer.consume(recordingMessage('upload', {}, { timestamp: String(NOW / SECOND) }));
    await consumer.consume(sampleMessage('zego', 'snapshot', { timestamp: String(NOW) }));
    await consumer.consume(sampleMessage('zego-recording', 'upload', { timestamp: String(NOW) }));
    expect(new Set(consumer.verdicts())).toEqual(new Set(['quarantined malformed_timestamp']));
  });

  it('of a ZEGOCLOUD family in ms is taken, and kept as an event', async () => {
    const consumer = startConsumer(store);
    const body = { Event: 'AgentSpeakAction', AppId: 12345, AgentInstanceId: '1', RoomId: 'room' };
    await consumer.consume(messageOf('zego', body, { timestamp: String(NOW) }));
    expect(consumer.verdicts()).toEqual(['event']);
  });

  it('is claimed only where it is checked: a forgery in a wrong form does not lock the callback out', async () => {
    const consumer = startConsumer(store);
    const signature = 'a'.repeat(40);
    await consumer.consume(
      recordingMessage('upload', forged, { signature, timestamp: String(NOW / SECOND) }),
    );
    await consumer.consume(recordingMessage('upload', genuine, { signature }));
    expect(consumer.verdicts()).toEqual(['quarantined malformed_timestamp', 'applied']);
  });

  describe('is remembered', () => {
    const remembered = async (source: 'rongcloud' | 'zego', changes: MessageChanges): Promise<number> => {
      const uses: CredentialUse[] = [];
      const ledger: Ledger = {
        ...createLedger(engine.client, store.tableName),
        async claim(_owner, use) {
          uses.push(use);
          return 'first';
        },
      };
      const consumer = startConsumer(store, { ledger });
      await consumer.consume(VENDORS[source].message(genuine, changes));
      expect(uses).toHaveLength(1);
      return uses[0]?.expiresAt ?? 0;
    };

    it('for 30 days, so that no forgery outlives it on whatever way', async () => {
      expect(await remembered('rongcloud', { timestamp: signedAt('rongcloud', NOW) })).toBe(NOW + 30 * DAY);
    });

    it('until no other split of its digits is fresh, for the next ten years', async () => {
      // 1768471790 and 990000 are signed as 176847 and 1790990000, too.
      const captured = { nonce: '990000', timestamp: '1768471790' };
      const split = { nonce: '176847', timestamp: '1790990000' };
      const { signature } = VENDORS.zego;
      expect(signature(split)).toBe(signature(captured));
      expect(await remembered('zego', captured)).toBe(1_790_990_000 * SECOND + 30 * DAY);
    });

    it('not until the year 2236', async () => {
      const captured = { nonce: '990000', timestamp: String(NOW / SECOND) };
      expect(await remembered('zego', captured)).toBeLessThan(NOW + 31 * DAY);
    });
  });

  it('is not checked later than 28 days after its reception, by whatever way it comes', async () => {
    const message = recordingMessage('upload', genuine);
    for (const [days, verdict] of [
      [28, 'applied'],
      [28 + 1 / 86_400_000, 'quarantined too_old_to_check'],
    ] as const) {
      const consumer = startConsumer(await freshLedger(engine), { now: () => NOW + days * DAY });
      await consumer.consume(message);
      expect(consumer.verdicts()).toEqual([verdict]);
    }
  });

  describe('that is in doubt', () => {
    const credential = { signature: 'b'.repeat(40), nonce: 'nonce', timestamp: String(NOW) };
    const first = recordingMessage('upload', genuine, credential);
    const DOUBTFUL = {
      nonce_reused: recordingMessage('upload', forged, credential),
      stale: recordingMessage('upload', forged, { timestamp: String(NOW - 3 * DAY) }),
      malformed_timestamp: recordingMessage('upload', forged, { timestamp: String(NOW / SECOND) }),
      too_old_to_check: recordingMessage('upload', forged, {
        receivedAt: NOW - 29 * DAY,
      }),
    };
    const acceptance = (text: string, reason: string) =>
      storeAcceptance(engine.client, store.tableName, {
        text,
        by: 'ann',
        why: 'checked with the vendor',
        at: new Date(NOW).toISOString(),
        reason,
        messageId: 'message',
      });

    it.each(Object.entries(DOUBTFUL))(
      'as %s is applied only once somebody accepts it',
      async (reason, message) => {
        const consumer = startConsumer(store);
        for (const one of [first, message, message]) await consumer.consume(one);
        await acceptance(message.body, reason);
        await consumer.consume(message);
        const no = `quarantined ${reason}`;
        expect(consumer.verdicts()).toEqual(['applied', no, no, 'applied']);
        expect(consumer.lines.at(-1)?.fields).toMatchObject({
          acceptedBy: 'ann',
          acceptedWhy: 'checked with the vendor',
          acceptedAt: new Date(NOW).toISOString(),
        });
        const names = (await store.reader.task(RONGCLOUD, 'task')).flatMap(({ files }) =>
          files.map(({ name }) => name),
        );
        expect(names.toSorted()).toEqual(['forged.mp4', 'genuine.mp4']);
      },
    );

    it('is accepted once, as it was received: the same received again is not', async () => {
      const consumer = startConsumer(store);
      const again = recordingMessage('upload', forged, { ...credential, receivedAt: NOW + SECOND });
      await acceptance(DOUBTFUL.nonce_reused.body, 'nonce_reused');
      for (const one of [first, DOUBTFUL.nonce_reused, again]) await consumer.consume(one);
      expect(consumer.verdicts()).toEqual(['applied', 'applied', 'quarantined nonce_reused']);
    });
  });
});

describeOnEngines('a replay of a signed body', (engine) => {
  const beats: number[] = [];
  const heartbeat = async (_owner: object, { receivedAt }: Beat) => void beats.push(receivedAt);
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
    beats.length = 0;
  });
  const replay = (event: string, changes: JsonObject, receivedAt: number) =>
    messageOf('tencent', sampleBody('tencent', event, changes), { receivedAt });
  const unknown: JsonObject = { EventGroupId: 99, EventType: 1 };
  const eventsInHistory = async () => {
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: store.tableName }));
    return Items.filter(({ sk }) => sk?.S?.startsWith('event#')).length;
  };

  it('moves no heartbeat', async () => {
    const consumer = startConsumer(store, { heartbeat });
    const at = [0, HOUR, 400 * DAY];
    for (const ms of at) await consumer.consume(replay('screenshot', {}, NOW + ms));
    expect(consumer.verdicts()).toEqual(['applied', 'duplicate', 'duplicate']);
    expect(beats).toEqual([NOW]);
  });

  it('moves none where the state is new: it did not happen lately', async () => {
    const consumer = startConsumer(store, { heartbeat });
    await consumer.consume(replay('screenshot', {}, NOW + 25 * HOUR));
    expect(consumer.verdicts()).toEqual(['applied']);
    expect(beats).toEqual([]);
  });

  it('revives no expired history', async () => {
    // The state stays, the history has expired.
    const forgetful: Ledger = { ...createLedger(engine.client, store.tableName), record: async () => true };
    await startConsumer(store, { heartbeat, ledger: forgetful }).consume(replay('screenshot', {}, NOW));
    const consumer = startConsumer(store, { heartbeat });
    await consumer.consume(replay('screenshot', {}, NOW + 31 * DAY));
    expect(consumer.verdicts()).toEqual(['duplicate']);
    expect(await eventsInHistory()).toBe(0);
  });

  it('is forgotten when the first one would be', async () => {
    await startConsumer(store, { heartbeat }).consume(replay('screenshot', {}, NOW + 29 * DAY));
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: store.tableName }));
    const expiries = Items.flatMap(({ expiresAt }) => expiresAt?.N ?? []);
    expect(expiries).toEqual([String((NOW + 30 * DAY) / SECOND)]);
  });

  it('is in the history where it is news, however late it comes', async () => {
    const consumer = startConsumer(store, { heartbeat });
    await consumer.consume(replay('screenshot', {}, NOW + 31 * DAY));
    expect(consumer.verdicts()).toEqual(['applied']);
    expect(await eventsInHistory()).toBe(1);
  });

  it('is quarantined where its state may have expired, and brings nothing back', async () => {
    const consumer = startConsumer(store, { heartbeat, retentionDays: 40 });
    for (const ms of [40 * DAY, 39 * DAY]) {
      await consumer.consume(replay('screenshot', {}, NOW + ms));
      const { Count } = await engine.client.send(new ScanCommand({ TableName: store.tableName }));
      // The picture, its stored callback, and the day of its room in the lists.
      expect(Count).toBe(ms < 40 * DAY ? 3 : 0);
    }
    expect(consumer.verdicts()).toEqual(['quarantined stale', 'applied']);
  });

  it('is quarantined where it says nothing of state and its history has expired', async () => {
    const consumer = startConsumer(store, { heartbeat });
    for (const ms of [29 * DAY, 31 * DAY]) await consumer.consume(replay('screenshot', unknown, NOW + ms));
    expect(consumer.verdicts()).toEqual(['event', 'quarantined stale']);
  });
});
