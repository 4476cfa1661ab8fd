import { expect, test } from 'vitest';
import { drain } from '../../lib/queue/drain.ts';
import { SPILL_PARTITIONS, type StoredSpill } from '../../lib/queue/spill.ts';

const NOW = 1_700_000_000_000;
const [PARTITION = ''] = SPILL_PARTITIONS;

const MESSAGES: readonly StoredSpill[] = [1, 2, 3].map((number) => ({
  key: { pk: { S: PARTITION }, sk: { S: `spill-${number}` } },
  spillId: `spill-${number}`,
  message: `message-${number}`,
  group: 'app-1',
  spilledAt: NOW,
}));

/** Drains a table that holds `MESSAGES` into a queue; returns in order what was sent and removed. */
async function drained(queueTakes: (message: string) => boolean, deadline = NOW + 60_000) {
  const kept = new Set(MESSAGES);
  const steps: string[] = [];
  const result = await drain(
    {
      table: {
        oldest: async (partition) => (partition === PARTITION ? [...kept] : []),
        remove: async (spilled) => {
          kept.delete(spilled);
          steps.push(`removed ${spilled.message}`);
        },
      },
      send: async (message) => {
        steps.push(`sent ${message}`);
        return queueTakes(message) ? { ok: true, messageId: 'm' } : { ok: false, reason: 'timeout' };
      },
      log: () => {},
      now: () => NOW,
    },
    deadline,
  );
  return { result, steps, kept: [...kept].map(({ message }) => message) };
}

test('a message leaves the table only after the queue has it', async () => {
  const { result, steps, kept } = await drained(() => true);
  expect(result).toEqual({ drained: 3, left: 0 });
  expect(kept).toEqual([]);
  for (const { message } of MESSAGES) {
    expect(steps.filter((step) => step.endsWith(message))).toEqual([`sent ${message}`, `removed ${message}`]);
  }
});

test('what the queue refuses stays', async () => {
  const { result, kept } = await drained((message) => message !== 'message-2');
  expect(result).toEqual({ drained: 2, left: 1 });
  expect(kept).toEqual(['message-2']);
});

test('nothing is sent when the time is up', async () => {
  expect(await drained(() => true, NOW)).toMatchObject({ result: { drained: 0, left: 3 }, steps: [] });
});
