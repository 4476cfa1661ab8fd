import type { LineMetrics } from '../platform/log.ts';
import { checkApps } from './check-apps.ts';
import { checkExpectations, checkOverdueExpectations } from './check-expectations.ts';
import { checkFailedUploads } from './check-failed-uploads.ts';
import { createNotices } from './notices.ts';
import {
  ATTENTION_REASONS,
  emptyResult,
  type WatchResult,
  type WatchRun,
  type WatchServices,
} from './run.ts';
import type { WatchSettings } from './settings.ts';

/** How many attention items there are, each reason by its name. */
const METRICS: LineMetrics = {
  dimensions: [[]],
  metrics: [
    ...ATTENTION_REASONS.map((name) => ({ name, unit: 'Count' }) as const),
    { name: 'savable', unit: 'Count' },
    { name: 'newlyLost', unit: 'Count' },
  ],
};

/**
 * Checks all whose time has come: failed uploads whose file will be deleted soon, silent apps, and the expectations of
 * tasks and files. Raises, changes and ends attention items. Everything is found in the indexes, and every write is
 * conditional on what was read: two runs at once, and a run that breaks off, do no harm. Stops at `deadline` (Unix time
 * in ms). Rejects with the SDK's exceptions.
 */
export async function watch(
  services: WatchServices,
  settings: WatchSettings,
  deadline: number,
): Promise<WatchResult> {
  const result = emptyResult();
  const isLate = (items: number) => {
    const late = services.now() >= deadline;
    if (late) result.left += items;
    return late;
  };
  const run: WatchRun = { services, settings, now: services.now(), result, notices: createNotices(), isLate };
  // The few come first, so that there is time for them however many the others are.
  await checkApps(run);
  await checkFailedUploads(run);
  await checkExpectations(run);
  await checkOverdueExpectations(run);
  await run.notices.publish(run, services.publish);
  services.log(result.left > 0 ? 'warn' : 'info', 'watch', { ...result }, METRICS);
  return result;
}
