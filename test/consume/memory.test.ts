import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type ConsumerServices, consume } from '../../lib/consume/consume.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { NOW, recordingMessage } from '../support/callbacks.ts';

const SETTINGS = { sources: SOURCES, eventHistoryDays: 30, retentionDays: 0, timestampWindowHours: () => 24 };

/** Larger than what goes uncompressed into a message. */
const LARGE = { filling: 'x'.repeat(100_000) };

/** Services whose ledger holds every callback until it is released. */
function heldServices() {
  const held: (() => void)[] = [];
  const hold = () => new Promise<boolean>((release) => held.push(() => release(true)));
  const services: ConsumerServices = {
    ledger: {
      apply: async () => true,
      isRecorded: async () => false,
      record: hold,
      claim: async () => 'first',
      acceptance: async () => undefined,
    },
    isErased: async () => false,
    heartbeat: async () => {},
    readBody: async () => Buffer.alloc(0),
    quarantine: async (_message, reason) => expect.fail(reason),
    requeue: async () => expect.fail('a rest'),
    log: () => {},
    now: () => NOW,
  };
  return { services, held };
}

const messages = (count: number, values: JsonObject) =>
  Array.from({ length: count }, (_, index) =>
    recordingMessage('upload', { recordId: `task-${index}`, ...values }),
  );

test('of many compressed callbacks a few are unpacked at a time, the others later', async () => {
  const { services, held } = heldServices();
  const done = consume(messages(30, LARGE), services, SETTINGS);
  let applied = 0;
  while (applied < 30) {
    await expect.poll(() => held.length).toBeGreaterThan(0);
    await setImmediate();
    expect(held.length).toBeLessThanOrEqual(4);
    held.shift()?.();
    applied += 1;
  }
  expect(await done).toEqual([]);
});

test('small callbacks do not wait for one another', async () => {
  const { services, held } = heldServices();
  const done = consume(messages(30, {}), services, SETTINGS);
  await expect.poll(() => held.length).toBe(30);
  for (const release of held) release();
  expect(await done).toEqual([]);
});

test('what has not begun when the time is up does not begin later', async () => {
  const { services, held } = heldServices();
  const batch = messages(10, LARGE);
  expect(await consume(batch, services, SETTINGS, 0)).toHaveLength(10);
  const begun = held.length;
  for (const release of held.splice(0)) release();
  await setImmediate();
  // The room is free again for the next batch.
  const next = consume(batch, services, SETTINGS);
  await expect.poll(() => held.length).toBe(4);
  expect(begun).toBeLessThanOrEqual(4);
  while (held.length > 0) {
    held.shift()?.();
    await setImmediate();
    await setImmediate();
  }
  expect(await next).toEqual([]);
});
