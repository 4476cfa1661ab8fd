import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ATTENTION_REASONS } from '../../lib/attention/run.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { type AlarmDefinition, alarmsOf, type MetricDefinition } from '../../stack/alarm-definitions.ts';
import { alarmState } from '../../stack/alarms.ts';
import { createMetricStore } from '../../stack/metric-store.ts';
import { type PackagedService, packaged } from '../support/packaged.ts';

const MINUTE = 60_000;
const PREFIX = 'rtc-callbacks-prod';
const GATEWAYS = ['http', 'rest', 'url'] as const;
type Gateway = (typeof GATEWAYS)[number];

const services = new Map<Gateway, PackagedService>();

beforeAll(async () => {
  for (const gateway of GATEWAYS)
    services.set(gateway, await packaged(gateway === 'http' ? 'usual' : gateway));
});

function alarmOf(gateway: Gateway, name: string): AlarmDefinition {
  const resources = services.get(gateway)?.resources ?? {};
  const alarm = alarmsOf(resources, PREFIX).find((one) => one.name === `${PREFIX}-${name}`);
  if (alarm === undefined) throw new Error(`The gateway ${gateway} has no alarm ${name}.`);
  return alarm;
}

/** The values of a metric in a minute. */
type Feed = (metric: MetricDefinition, minute: number) => readonly number[];

/** After how many minutes an alarm rings that is looked at every minute; `undefined` when it does not within two hours. */
function minutesUntilAlarm(alarm: AlarmDefinition, feed: Feed): number | undefined {
  const metrics = createMetricStore(alarm.metrics);
  for (let minute = 1; minute <= 120; minute += 1) {
    for (const metric of alarm.metrics)
      for (const value of feed(metric, minute)) metrics.put(metric, value, (minute - 0.5) * MINUTE);
    if (alarmState(alarm, metrics, minute * MINUTE).isRinging) return minute;
  }
  return undefined;
}

const reasonOf = ({ dimensions }: MetricDefinition) => dimensions.reason ?? '';

/** So many refusals of a reason in the first minute. */
const refusals =
  (counts: Readonly<Record<string, number>>): Feed =>
  (metric, minute) =>
    minute === 1 ? Array<number>(counts[reasonOf(metric)] ?? 0).fill(3) : [];

/** A number that the watch counts in each run, every five minutes. */
const byTheWatch =
  (count: (minute: number) => number): Feed =>
  (_, minute) =>
    minute % 5 === 0 ? [count(minute)] : [];

describe.each(GATEWAYS)('with the gateway %s', (gateway) => {
  test('each source has an alarm on refusals that a secret explains', () => {
    for (const source of SOURCES.keys()) {
      const alarm = alarmOf(gateway, `refusals-${source}`);
      expect(alarm.metrics.map(({ dimensions }) => dimensions)).toEqual([
        { source, reason: 'wrong_signature' },
        { source, reason: 'unknown_app' },
      ]);
      expect(minutesUntilAlarm(alarm, refusals({ wrong_signature: 3, unknown_app: 2 }))).toBe(1);
      expect(minutesUntilAlarm(alarm, refusals({ wrong_signature: 4 }))).toBeUndefined();
      expect(minutesUntilAlarm(alarm, refusals({ missing_signature: 1_000 }))).toBeUndefined();
      // One every two minutes is a trickle that ends in five of ten minutes.
      expect(
        minutesUntilAlarm(alarm, (metric, minute) =>
          reasonOf(metric) === 'unknown_app' && minute % 2 === 0 ? [1] : [],
        ),
      ).toBe(10);
    }
  });

  const TIMES: [name: string, feed: Feed, minutes: number][] = [
    ['quarantine', () => [1], 1],
    ['dead-letters', () => [1], 1],
    // The oldest callback waits a minute longer in every minute.
    ['queue-age', (_, minute) => [60 * minute], 8],
    ['spill-depth', () => [1], 3],
    // The first run of the watch in which the failure is half an hour old.
    ['failed-uploads', byTheWatch((minute) => (minute >= 30 ? 1 : 0)), 30],
    ['lost-files', byTheWatch((minute) => (minute === 5 ? 1 : 0)), 5],
    ['change-failures', () => [1], 1],
    ['webhook-dead-letters', () => [1], 1],
  ];

  test.each(TIMES)('%s rings in time', (name, feed, minutes) => {
    expect(minutesUntilAlarm(alarmOf(gateway, name), feed)).toBe(minutes);
    expect(minutesUntilAlarm(alarmOf(gateway, name), () => [0])).toBeUndefined();
  });

  test('5xx answers ring', () => {
    const names = Object.values(services.get(gateway)?.resources ?? {})
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => String(Properties.AlarmName).slice(PREFIX.length + 1))
      .filter((name) => name.startsWith('server-errors'));
    const ofSources = [...SOURCES.keys()].map((source) => `server-errors-${source}`);
    expect(names.toSorted()).toEqual(gateway === 'url' ? ofSources.toSorted() : ['server-errors']);
  });

  test('an alarm says what to do first', () => {
    for (const { description } of alarmsOf(services.get(gateway)?.resources ?? {}, PREFIX))
      expect(description).toMatch(/ See: rtc-callbacks doctor --stage prod$/);
  });
});

interface Metric {
  MetricStat?: object;
}

test('docs/cost.md counts the metrics that cost by the month', () => {
  const alarms = Object.values(services.get('http')?.resources ?? {})
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    // An alarm on an expression looks at every metric of it.
    .flatMap(
      ({ Properties }) => Properties.Metrics?.filter(({ MetricStat }: Metric) => MetricStat) ?? [Properties],
    );
  // Besides the reasons: savable, newlyLost, drained and spillDepth.
  const metrics = ATTENTION_REASONS.length + 4;
  const text = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  expect(text).toContain(`${alarms.length} alarm metrics`);
  expect(text).toContain(`${metrics}, and two per source`);
});
