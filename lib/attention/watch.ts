import type { AttentionReason } from '../../types/index.d.ts';
import type { LineMetrics } from '../platform/log.ts';
import { lookAtDeadlines } from './look-at-deadlines.ts';
import { lookAtOpenMatters, lookAtOverdueMatters } from './look-at-expectations.ts';
import { lookAtHeartbeats } from './look-at-heartbeats.ts';
import { ATTENTION_REASONS, type WatchResult, type WatchRun, type WatchServices } from './run.ts';
import type { WatchSettings } from './settings.ts';

/** How many entries of `/attention` there are, each reason by its name. */
const METRICS: LineMetrics = {
  dimensions: [[]],
  metrics: ATTENTION_REASONS.map((name) => ({ name, unit: 'Count' })),
};

/**
 * Looks at all whose time has come: failed uploads that will be deleted soon, apps that have become quiet, and tasks and
 * files of which something is missing. What it finds becomes, changes or ends an entry of `/attention`. Everything is
 * found in the indexes, and every write is conditional on what was read: two runs at once, and a run that breaks off,
 * do no harm. Stops at `deadline` (Unix time in ms). Rejects with the SDK's exceptions.
 */
export async function watch(
  services: WatchServices,
  settings: WatchSettings,
  deadline: number,
): Promise<WatchResult> {
  const counts = ATTENTION_REASONS.map((reason) => [reason, 0] as const);
  const result: WatchResult = {
    ...(Object.fromEntries(counts) as Record<AttentionReason, number>),
    ...{ looked: 0, raised: 0, cleared: 0, dropped: 0, left: 0 },
  };
  const isLate = (items: number) => {
    const late = services.now() >= deadline;
    if (late) result.left += items;
    return late;
  };
  const run: WatchRun = { services, settings, now: services.now(), result, isLate };
  // The few come first, so that there is time for them however many the others are.
  await lookAtHeartbeats(run);
  await lookAtDeadlines(run);
  await lookAtOpenMatters(run);
  await lookAtOverdueMatters(run);
  services.log(result.left > 0 ? 'warn' : 'info', 'watch', { ...result }, METRICS);
  return result;
}
