import { type AlarmDefinition, SQS_NAMESPACE } from './alarm-definitions.ts';
import { createMetricStore, type MetricStore } from './metric-store.ts';

/** How often alarms are looked at, in ms of their clock: CloudWatch does it every minute. */
const PERIOD_MS = 10_000;

/** Looking more often than this, in ms, costs more than it shows. */
const SHORTEST_PERIOD_MS = 250;

/** A queue with messages. Times are Unix times in ms. */
export interface QueueSample {
  queueName: string;
  /** Messages that can be received now. */
  visible: number;
  oldestSentAt: number;
}

/** What alarms need. */
export interface AlarmOptions {
  definitions: readonly AlarmDefinition[];
  /** How many times as fast as the clock of this machine theirs runs. */
  speed: number;
  /** The queues that have messages; the names of all. */
  queues: { names: readonly string[]; read(): QueueSample[] };
  /** Gets what a deployed alarm sends to its topic. */
  publish(notice: { subject: string; text: string }): void;
}

/** The alarms of a template, which look at the metrics that the stack has. */
export interface Alarms {
  /** Takes a log line. */
  observe(line: string): void;
  stop(): void;
}

/** How an alarm stands, with the values of its periods, the latest first. */
export interface AlarmState {
  isRinging: boolean;
  values: number[];
}

/**
 * Looks at one alarm at `now`. The periods end now and slide, and a missing value is not above the threshold.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export function alarmState(alarm: AlarmDefinition, metrics: MetricStore, now: number): AlarmState {
  const { periodMs, evaluationPeriods, datapointsToAlarm, threshold } = alarm;
  const values = Array.from({ length: evaluationPeriods }, (_, index) => {
    const to = now - index * periodMs;
    return alarm.metrics.reduce(
      (sum, metric) => sum + (metrics.statistic(metric, to - periodMs, to) ?? 0),
      0,
    );
  });
  return { isRinging: values.filter((value) => value > threshold).length >= datapointsToAlarm, values };
}

/** Looks at alarms until it is stopped, and publishes when one begins or ceases to ring. */
export function startAlarms({ definitions, speed, queues, publish }: AlarmOptions): Alarms {
  const metrics = createMetricStore(definitions.flatMap((definition) => definition.metrics));
  const startedAt = Date.now();
  const clock = (time: number) => startedAt + (time - startedAt) * speed;
  const longestMs = Math.max(
    0,
    ...definitions.map(({ periodMs, evaluationPeriods }) => periodMs * evaluationPeriods),
  );
  const ringing = new Set<string>();

  function look(): void {
    const realNow = Date.now();
    const now = clock(realNow);
    sampleQueues(realNow, now);
    for (const alarm of definitions) {
      const { isRinging, values } = alarmState(alarm, metrics, now);
      if (isRinging === ringing.has(alarm.name)) continue;
      if (isRinging) ringing.add(alarm.name);
      else ringing.delete(alarm.name);
      publish(noticeOf(alarm, isRinging, values));
    }
    metrics.forget(now - longestMs);
  }

  function sampleQueues(realNow: number, now: number): void {
    const filled = new Map(queues.read().map((sample) => [sample.queueName, sample]));
    for (const queueName of queues.names) {
      const { visible = 0, oldestSentAt = realNow } = filled.get(queueName) ?? {};
      const put = (name: string, value: number) =>
        metrics.put({ namespace: SQS_NAMESPACE, name, dimensions: { QueueName: queueName } }, value, now);
      put('ApproximateNumberOfMessagesVisible', visible);
      // The wait is as fast as the clock; what was sent before the start has waited until then already.
      const waitedMs = realNow - Math.max(oldestSentAt, startedAt);
      put(
        'ApproximateAgeOfOldestMessage',
        (Math.max(0, startedAt - oldestSentAt) + waitedMs * speed) / 1_000,
      );
    }
  }

  const timer = setInterval(look, Math.max(SHORTEST_PERIOD_MS, PERIOD_MS / speed));
  return {
    observe: (line) => metrics.addLine(line, clock(Date.now())),
    stop: () => clearInterval(timer),
  };
}

function noticeOf(
  { name, description, threshold, periodMs }: AlarmDefinition,
  isRinging: boolean,
  values: number[],
) {
  const shown = values.map((value) => Math.round(value * 10) / 10).join(', ');
  return {
    subject: `${isRinging ? 'ALARM' : 'OK'}: "${name}"`.slice(0, 100),
    text: `${description}\nThreshold: over ${threshold}. By periods of ${periodMs / 1_000} s, the latest first: ${shown}.`,
  };
}
