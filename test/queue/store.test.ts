import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TableItem } from '../../lib/platform/aws/table-writer.ts';
import { type Envelope, encodeEnvelope } from '../../lib/queue/envelope.ts';
import type { SendResult } from '../../lib/queue/queue.ts';
import { SPILL_PARTITIONS, spilledMessage } from '../../lib/queue/spill.ts';
import { createEnvelopeStore } from '../../lib/queue/store.ts';
import { LARGEST_PART_BYTES } from '../../lib/queue/stored-body.ts';

const STARTED_AT = 1_700_000_000_000;

const ENVELOPE: Envelope = {
  source: 'tencent',
  appId: 'app-1',
  keyIndex: 0,
  strength: 'body',
  signature: 'signature',
  receivedAt: STARTED_AT,
  body: Buffer.from('{}'),
};

interface StoreOptions {
  queueTakes?: () => boolean;
  sendMs?: number;
  maximumMessageBytes?: number;
}

/** Stores whose queue and table answer as given, and remember what they were asked for. */
function stores({ queueTakes = (): boolean => false, sendMs = 0, ...limits } = {} as StoreOptions) {
  const clock = { now: STARTED_AT };
  const sends: { message: string; deadline: number; at: number }[] = [];
  const items: { item: TableItem; deadline: number }[] = [];
  const store = createEnvelopeStore({
    ...limits,
    now: () => clock.now,
    send: async (message, _group, deadline): Promise<SendResult> => {
      sends.push({ message, deadline, at: clock.now });
      clock.now += sendMs;
      return queueTakes() ? { ok: true, messageId: 'm-1' } : { ok: false, reason: 'timeout' };
    },
    put: async (item, deadline) => {
      items.push({ item, deadline });
      return { ok: true };
    },
  });
  return { clock, sends, items, store };
}

describe('a spilled message', () => {
  test('is what the queue would have got, and comes back from its item', async () => {
    const { store, items } = stores();
    const result = await store(ENVELOPE, STARTED_AT);
    const spilled = spilledMessage(items[0]?.item as Record<string, { S: string }>);
    const { pk, sk } = items[0]?.item ?? {};
    expect(spilled).toEqual({
      key: { pk, sk },
      spillId: result.ok ? result.messageId : '',
      message: encodeEnvelope(ENVELOPE),
      group: 'app-1',
      spilledAt: STARTED_AT,
    });
    expect(result).toMatchObject({ ok: true, spilled: true, cause: 'timeout' });
    expect(items[0]?.item).not.toHaveProperty('expiresAt');
  });

  test('goes to any of the partitions', async () => {
    const { store, items } = stores();
    for (let count = 0; count < 400; count += 1) await store(ENVELOPE, STARTED_AT);
    const partitions = new Set(items.map(({ item }) => (item.pk as { S: string }).S));
    expect([...partitions].sort()).toEqual([...SPILL_PARTITIONS].sort());
  });

  test('has its body beside it when it does not fit one item', async () => {
    const { store, items } = stores();
    await store({ ...ENVELOPE, body: randomBytes(LARGEST_PART_BYTES - 1_000) }, STARTED_AT);
    expect(items.map(({ item }) => (item.pk as { S: string }).S.split('#')[0])).toEqual(['body', 'spill']);
    for (const { item } of items) expect(JSON.stringify(item).length).toBeLessThan(500_000);
  });
});

describe('a message where SQS takes 256 KiB', () => {
  const maximumMessageBytes = 262_144;

  test.each([
    ['fits with its body', 190_000, 0],
    ['has a larger body in the table', 200_000, 1],
  ])('%s', async (_name, bodyBytes, parts) => {
    const { store, sends, items } = stores({ queueTakes: () => true, maximumMessageBytes });
    expect(await store({ ...ENVELOPE, body: randomBytes(bodyBytes) }, STARTED_AT)).toMatchObject({
      ok: true,
    });
    expect(sends[0]?.message.length).toBeLessThanOrEqual(maximumMessageBytes - 1_024);
    expect(items).toHaveLength(parts);
  });

  test('is no larger when it waits in the table while the queue is out', async () => {
    const { store, items } = stores({ maximumMessageBytes });
    await store({ ...ENVELOPE, body: randomBytes(200_000) }, STARTED_AT);
    const [body, spilled] = items.map(({ item }) => item);
    expect(body).toHaveProperty('bytes');
    expect(spilled?.message).toEqual({ S: expect.stringMatching(/^.{100,999}$/) });
  });
});

describe('time', () => {
  test('queue and table have theirs within 4 s, one after the other', async () => {
    const { store, sends, items } = stores();
    await store({ ...ENVELOPE, body: randomBytes(1_048_576) }, STARTED_AT);
    const deadlines = [...items.slice(0, 3), ...sends, ...items.slice(3)].map(
      ({ deadline }) => deadline - STARTED_AT,
    );
    expect(deadlines).toEqual(deadlines.toSorted((a, b) => a - b));
    expect(Math.max(...deadlines)).toBeLessThan(3_800);
  });

  test('a queue that has just failed is not waited for long, until it takes one again', async () => {
    let isUp = false;
    const { store, sends, clock } = stores({ queueTakes: () => isUp });
    const waits = async () => {
      await store(ENVELOPE, clock.now);
      const { deadline = 0, at = 0 } = sends.at(-1) ?? {};
      return deadline - at;
    };
    const [first, second] = [await waits(), await waits()];
    expect(second).toBeLessThan(500);
    expect(first).toBeGreaterThan(1_500);
    isUp = true;
    await waits();
    expect(await waits()).toBe(first);
  });

  test('some time after a failure the queue has its full time again', async () => {
    const { store, sends, clock } = stores();
    await store(ENVELOPE, clock.now);
    clock.now += 60_000;
    await store(ENVELOPE, clock.now);
    expect(sends.map(({ deadline, at }) => deadline - at)).toEqual([2_100, 2_100]);
  });
});
