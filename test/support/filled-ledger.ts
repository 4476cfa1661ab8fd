import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Observation, TaskContext } from '../../lib/callback/observation.ts';
import { createHeartbeat } from '../../lib/ledger/heartbeat.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import { forEachConcurrently } from '../../lib/platform/concurrency.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

/** How much is in a filled ledger. */
export interface Filling {
  tasks: number;
  files: number;
  /** Every so manieth file failed, and is still failed. */
  failedOf: number;
  /** Over how much time they are spread, in ms, until `now`. */
  spanMs: number;
  now: number;
}

const CONCURRENT_WRITES = 16;
const TASKS_OF_A_ROOM = 40;

/** Recordings of an app that have ended, each with its files, as callbacks leave them. */
export async function fillLedger(
  client: DynamoDBClient,
  tableName: string,
  owner: Owner,
  filling: Filling,
): Promise<void> {
  const ledger = createLedger(client, tableName);
  const tasks = Array.from({ length: filling.tasks }, (_, task) => task);
  await forEachConcurrently(tasks, CONCURRENT_WRITES, async (task) => {
    for (const observation of lifeOf(task, filling)) await ledger.apply(owner, observation);
  });
  await createHeartbeat(client, tableName)(owner, { receivedAt: filling.now, keyIndex: 0 });
}

function lifeOf(task: number, { tasks, files, failedOf, spanMs, now }: Filling): Observation[] {
  const taskId = `lesson-${task}`;
  const startedAt = now - spanMs + Math.floor((task * (spanMs - HOUR_MS)) / tasks);
  const context: TaskContext = { kind: 'recording', roomId: `class-${Math.floor(task / TASKS_OF_A_ROOM)}` };
  const [first, last] = [task, task + 1].map((count) => Math.floor((count * files) / tasks));
  const uploads = Array.from({ length: (last ?? 0) - (first ?? 0) }, (_, index): Observation => {
    const isFailed = ((first ?? 0) + index) % failedOf === failedOf - 1;
    const name = `${taskId}-${index}.mp4`;
    const details = {
      sizeBytes: 48_000_000,
      durationMs: 20 * MINUTE_MS,
      url: `https://files.example.com/${name}`,
    };
    return {
      ...{ entity: 'file', taskId, name, facet: 'upload', rank: isFailed ? 0 : 1 },
      at: startedAt + 50 * MINUTE_MS,
      value: isFailed
        ? {
            status: 'upload_failed',
            task: context,
            code: 20001,
            message: 'upload failed',
            durationMs: details.durationMs,
          }
        : { status: 'uploaded', task: context, ...details },
      ...(isFailed ? { retentionMs: 24 * HOUR_MS } : {}),
    };
  });
  const phase = (facet: 'start' | 'end', at: number): Observation => ({
    ...{ entity: 'task', taskId, facet, rank: 0, at },
    value: { status: facet === 'start' ? 'started' : 'ended', task: context },
  });
  return [phase('start', startedAt), phase('end', startedAt + 45 * MINUTE_MS), ...uploads];
}
