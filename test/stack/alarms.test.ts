import { expect, test } from 'vitest';
import { createLog } from '../../lib/platform/log.ts';
import { METRICS } from '../../lib/receive/receive.ts';
import type { MetricDefinition } from '../../stack/alarm-definitions.ts';
import { alarmState } from '../../stack/alarms.ts';
import { createMetricStore, withoutMetrics } from '../../stack/metric-store.ts';

const MINUTE = 60_000;
const refusals = (source: string): MetricDefinition => ({
  ...{ namespace: 'test', name: 'ackMs', statistic: 'SampleCount' },
  dimensions: { source, reason: 'wrong_signature' },
});

/** The line of a refused callback, as a function writes it. */
function lineOf(source: string, namespace = 'test'): string {
  const lines: string[] = [];
  const log = createLog({ METRICS_NAMESPACE: namespace }, (line) => lines.push(line.trimEnd()));
  const fields = { source, verdict: 'refused', reason: 'wrong_signature', ackMs: 3 };
  log('warn', 'callback', fields, METRICS);
  return lines[0] ?? '';
}

test('the metrics of a log line are kept by their dimensions, if they are wanted', () => {
  const metrics = createMetricStore([refusals('tencent')]);
  for (const source of ['tencent', 'tencent', 'zego']) metrics.addLine(lineOf(source), MINUTE);
  metrics.addLine('{"message":"callback"}', MINUTE);
  expect(metrics.statistic(refusals('tencent'), 0, MINUTE)).toBe(2);
  expect(metrics.statistic(refusals('zego'), 0, MINUTE)).toBeUndefined();
  metrics.forget(MINUTE);
  expect(metrics.statistic(refusals('tencent'), 0, MINUTE)).toBeUndefined();
});

test('people see the line without them', () => {
  expect(withoutMetrics(lineOf('tencent')).replace(/"time":"[^"]*"/, '')).toBe(
    lineOf('tencent', '').replace(/"time":"[^"]*"/, ''),
  );
  expect(withoutMetrics('no JSON')).toBe('no JSON');
});

test('an alarm needs enough periods above its threshold, which slide', () => {
  const metric: MetricDefinition = { namespace: 'q', name: 'age', dimensions: {}, statistic: 'Maximum' };
  const alarm = {
    ...{ name: 'a', description: '', metrics: [metric], periodMs: MINUTE },
    ...{ evaluationPeriods: 3, datapointsToAlarm: 2, threshold: 5 },
  };
  const metrics = createMetricStore([metric]);
  for (const [minute, value] of [6, 1, 6].entries()) metrics.put(metric, value, (minute + 0.5) * MINUTE);
  const isRinging = (minute: number) => alarmState(alarm, metrics, minute * MINUTE).isRinging;
  expect([1, 2, 3, 3.4, 4].map(isRinging)).toEqual([false, false, true, true, false]);
});
