import { field, isObject, type Json, parseJson } from '../lib/platform/json.ts';
import type { MetricDefinition, Statistic } from './alarm-definitions.ts';

/** What a metric is known by. */
export type MetricName = Omit<MetricDefinition, 'statistic'>;

/** The values of metrics in the last while. Times are Unix times in ms of whatever clock. */
export interface MetricStore {
  put(metric: MetricName, value: number, at: number): void;
  /**
   * Takes the metrics that a log line offers in CloudWatch's embedded metric format.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
   */
  addLine(line: string, at: number): void;
  /** A statistic of the values after `from` and until `to`; `undefined` when there are none. */
  statistic(metric: MetricDefinition, from: number, to: number): number | undefined;
  /** Forgets what is older. */
  forget(before: number): void;
}

interface Value {
  value: number;
  at: number;
}

const STATISTICS: Readonly<Record<Statistic, (values: readonly Value[]) => number>> = {
  Maximum: (values) => values.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  Sum: (values) => values.reduce((sum, { value }) => sum + value, 0),
  SampleCount: (values) => values.length,
};

/** Keeps the values of these metrics only: a busy stack offers many more. */
export function createMetricStore(wanted: readonly MetricName[]): MetricStore {
  const keys = new Set(wanted.map(keyOf));
  const series = new Map<string, Value[]>();

  function put(metric: MetricName, value: number, at: number): void {
    const key = keyOf(metric);
    if (!keys.has(key)) return;
    const values = series.get(key) ?? [];
    values.push({ value, at });
    series.set(key, values);
  }

  return {
    put,
    addLine(line, at) {
      // Most lines of a busy stack offer some; those that do not are not parsed.
      if (!line.includes('"_aws"')) return;
      const document = parseJson(line);
      for (const { metric, value } of offeredBy(document)) put(metric, value, at);
    },
    statistic(metric, from, to) {
      const values = (series.get(keyOf(metric)) ?? []).filter(({ at }) => at > from && at <= to);
      return values.length === 0 ? undefined : STATISTICS[metric.statistic](values);
    },
    forget(before) {
      for (const [key, values] of series) {
        const kept = values.filter(({ at }) => at > before);
        if (kept.length > 0) series.set(key, kept);
        else series.delete(key);
      }
    },
  };
}

function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** A metric of a log line for each of its sets of dimensions. */
function offeredBy(document: Json | undefined): { metric: MetricName; value: number }[] {
  const directives = listOf(field(field(document, '_aws'), 'CloudWatchMetrics'));
  return directives.flatMap((directive) =>
    listOf(field(directive, 'Metrics')).flatMap((offered) => {
      const name = String(field(offered, 'Name'));
      const value = field(document, name);
      if (typeof value !== 'number') return [];
      return listOf(field(directive, 'Dimensions')).map((set) => ({
        metric: {
          namespace: String(field(directive, 'Namespace')),
          name,
          dimensions: Object.fromEntries(
            listOf(set).map((key) => [String(key), textOf(document, String(key))]),
          ),
        },
        value,
      }));
    }),
  );
}

/** A log line without the metrics that it offers, which people need not see. */
export function withoutMetrics(line: string): string {
  const at = line.lastIndexOf(',"_aws":{');
  return at < 0 ? line : `${line.slice(0, at)}}`;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(document: Json | undefined, name: string): string {
  const value = field(document, name);
  return isObject(value) ? '' : String(value ?? '');
}
