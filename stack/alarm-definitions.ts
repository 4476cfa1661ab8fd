import type { Resource } from '../build/local-service.ts';

/** A metric that an alarm looks at. */
export interface MetricDefinition {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  statistic: Statistic;
}

export type Statistic = 'Maximum' | 'Sum' | 'SampleCount';

/** An `AWS::CloudWatch::Alarm`: it rings when the sum of its metrics is above the threshold in enough periods. */
export interface AlarmDefinition {
  name: string;
  description: string;
  metrics: readonly MetricDefinition[];
  periodMs: number;
  /** How many periods are looked at, and in how many of them the value has to be above the threshold. */
  evaluationPeriods: number;
  datapointsToAlarm: number;
  threshold: number;
}

/** The namespace of the queues' metrics. */
export const SQS_NAMESPACE = 'AWS/SQS';

/** A sum of metrics in which a missing one counts as 0. */
const SUM = /^FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*$/;

/**
 * The alarms of a template on the metrics that the embedded stack has: those of log lines, whose namespace is `own`, and
 * those of queues. Throws on such an alarm in an unknown form.
 */
export function alarmsOf(resources: Readonly<Record<string, Resource>>, own: string): AlarmDefinition[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => alarmOf(Properties, resources))
    .filter(({ metrics }) => metrics.every(({ namespace }) => [own, SQS_NAMESPACE].includes(namespace)))
    .map(checked);
}

type Properties = Record<string, unknown>;

function alarmOf(properties: Properties, resources: Readonly<Record<string, Resource>>) {
  const list = properties.Metrics as Properties[] | undefined;
  const expressions = (list ?? []).flatMap(({ Expression }) =>
    Expression === undefined ? [] : [Expression],
  );
  const stats = (list ?? []).flatMap(({ MetricStat }) =>
    MetricStat === undefined ? [] : [MetricStat as Properties],
  );
  const metrics =
    list === undefined
      ? [metricOf(properties, properties.Statistic, resources)]
      : stats.map(({ Metric, Stat }) => metricOf(Metric as Properties, Stat, resources));
  const [period, ...otherPeriods] = new Set(
    (list === undefined ? [properties] : stats).map(({ Period }) => Period),
  );
  return {
    name: String(properties.AlarmName),
    description: String(properties.AlarmDescription),
    metrics,
    periodMs: Number(period) * 1_000,
    evaluationPeriods: Number(properties.EvaluationPeriods),
    datapointsToAlarm: Number(properties.DatapointsToAlarm ?? properties.EvaluationPeriods),
    threshold: Number(properties.Threshold),
    isKnown:
      otherPeriods.length === 0 &&
      expressions.every((expression) => SUM.test(String(expression))) &&
      properties.ComparisonOperator === 'GreaterThanThreshold' &&
      properties.TreatMissingData === 'notBreaching',
  };
}

function checked({ isKnown, ...alarm }: AlarmDefinition & { isKnown: boolean }): AlarmDefinition {
  if (!isKnown) throw new Error(`The embedded stack does not know how to look at the alarm ${alarm.name}.`);
  return alarm;
}

function metricOf(
  { Namespace, MetricName, Dimensions = [] }: Properties,
  statistic: unknown,
  resources: Readonly<Record<string, Resource>>,
): MetricDefinition {
  const dimensions = (Dimensions as { Name: string; Value: unknown }[]).map(({ Name, Value }) => [
    Name,
    textOf(Value, resources),
  ]);
  return {
    namespace: String(Namespace),
    name: String(MetricName),
    dimensions: Object.fromEntries(dimensions),
    statistic: statistic as Statistic,
  };
}

/** A text, or the name of the queue that `{ "Fn::GetAtt": ["X", "QueueName"] }` refers to. */
function textOf(value: unknown, resources: Readonly<Record<string, Resource>>): string {
  const [id = '', attribute = ''] = (value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? [];
  return typeof value === 'string' ? value : String(resources[id]?.Properties[attribute] ?? '');
}
