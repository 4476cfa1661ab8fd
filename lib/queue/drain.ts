import { forEachConcurrently } from '../platform/concurrency.ts';
import type { LineMetrics, Log } from '../platform/log.ts';
import type { SendMessage } from './queue.ts';
import { SPILL_PARTITIONS, type StoredSpill } from './spill.ts';

const CONCURRENT_SENDS = 16;

/** How long one message may take, in ms. */
const SEND_TIMEOUT_MS = 5_000;

const METRICS: LineMetrics = {
  dimensions: [[]],
  metrics: [
    { name: 'drained', unit: 'Count' },
    { name: 'spillDepth', unit: 'Count' },
  ],
};

/** The spilled messages in the table. Rejects when the table does not answer. */
export interface SpillTable {
  /** The oldest messages of a partition; another call after they were removed gives the next ones. */
  oldest(partition: string): Promise<StoredSpill[]>;
  remove(message: StoredSpill): Promise<void>;
}

/** What draining needs of the outside world. */
export interface DrainServices {
  table: SpillTable;
  send: SendMessage;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** What a run did. */
export interface DrainResult {
  /** Messages that are in the queue now and no longer in the table. */
  drained: number;
  /** Messages seen that are still in the table; there may be more behind them. */
  left: number;
}

/**
 * Moves spilled messages into the queue, the oldest of each partition first, until there are none, the queue
 * refuses one, or `deadline` (Unix time in ms). A message leaves the table only after the queue has it: one
 * that is moved twice changes nothing.
 */
export async function drain(services: DrainServices, deadline: number): Promise<DrainResult> {
  const result: DrainResult = { drained: 0, left: 0 };
  await forEachConcurrently(SPILL_PARTITIONS, SPILL_PARTITIONS.length, (partition) =>
    drainPartition(partition, services, deadline, result),
  );
  const line = { drained: result.drained, spillDepth: result.left };
  services.log(result.left > 0 ? 'warn' : 'info', 'drain', line, METRICS);
  return result;
}

async function drainPartition(
  partition: string,
  { table, send, log, now }: DrainServices,
  deadline: number,
  result: DrainResult,
): Promise<void> {
  for (;;) {
    const messages = await table.oldest(partition);
    const leftBefore = result.left;
    await forEachConcurrently(messages, CONCURRENT_SENDS, async (spilled) => {
      const { spillId, message, group, spilledAt } = spilled;
      // Once the queue refuses one it is out again: the rest waits for the next run.
      const mayTry = now() < deadline && result.left === leftBefore;
      const sent = mayTry
        ? await send(message, group, Math.min(now() + SEND_TIMEOUT_MS, deadline))
        : { ok: false as const, reason: 'not tried' };
      if (!sent.ok) {
        result.left += 1;
        return;
      }
      await table.remove(spilled);
      result.drained += 1;
      log('info', 'drained', { spillId, messageId: sent.messageId, waitedMs: now() - spilledAt });
    });
    if (messages.length === 0 || result.left > leftBefore) return;
  }
}
