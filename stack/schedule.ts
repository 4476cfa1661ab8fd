import type { ScheduleSource } from './template.ts';

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 60 * 60_000, day: 24 * 60 * 60_000 };

/** A running schedule. */
export interface Schedule {
  /** Starts nothing more and resolves when the function is done. */
  stop(): Promise<void>;
}

/**
 * The period of an expression such as `rate(5 minutes)`, in ms. Throws on every other kind of expression.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
function periodOf(expression: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) {
    throw new Error(`The embedded stack knows schedules such as rate(1 minute), not "${expression}".`);
  }
  return Number(count) * (UNIT_MS[unit] ?? 0);
}

/**
 * Invokes a function at the pace of its schedule, as EventBridge does; one invocation at a time. `log` gets why
 * an invocation failed.
 */
export function startSchedule(
  { expression, ruleLogicalId }: ScheduleSource,
  invoke: (event: object) => Promise<unknown>,
  log: (line: string) => void,
): Schedule {
  let running = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    running = run().finally(() => {
      isRunning = false;
    });
  }, periodOf(expression));

  async function run(): Promise<void> {
    const time = new Date().toISOString();
    const resources = [`arn:aws:events:local:000000000000:rule/${ruleLogicalId}`];
    try {
      await invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event', time, resources, detail: {} });
    } catch (error) {
      log(`scheduled run failed: ${(error as Error).message}`);
    }
  }

  return {
    stop: () => {
      clearInterval(timer);
      return running;
    },
  };
}
