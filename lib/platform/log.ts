import type { Environment } from './environment.ts';

/** What a log line may carry: ids, reasons, counts and times. Never secrets, signatures, bodies or signed URLs. */
export type LogFields = Record<string, string | number | boolean | undefined>;

const LEVELS = ['info', 'warn', 'error'] as const;

export type LogLevel = (typeof LEVELS)[number];

/**
 * Which numbers of a line become metrics, each by its own name, and the fields that are their dimensions. How
 * many lines there were is a metric's sample count, so that nothing has to be counted for its own sake.
 */
export interface LineMetrics {
  /** Sets of fields; one whose fields are not all in the line is left out. */
  dimensions: readonly (readonly string[])[];
  metrics: readonly { name: string; unit: 'Milliseconds' | 'Count' }[];
}

/** Writes one structured JSON line. */
export type Log = (level: LogLevel, message: string, fields: LogFields, metrics?: LineMetrics) => void;

/** Ids and names come from callbacks and may be of any length, in characters. */
const LONGEST_VALUE = 256;

/**
 * Logs to standard output as it is: Lambda's `console` would put text before the JSON. `LOG_LEVEL` (`info`,
 * `warn`, `error`) leaves out what is below it, nothing when unset; `METRICS_NAMESPACE` makes CloudWatch take metrics from the lines,
 * and none are offered without it. Throws when the level is another one.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createLog(
  environment: Environment,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  const lowest = LEVELS.findIndex((level) => level === (environment.LOG_LEVEL || LEVELS[0]));
  if (lowest < 0) {
    throw new Error(
      `The environment variable LOG_LEVEL must be one of ${LEVELS.join(', ')}, not "${environment.LOG_LEVEL}".`,
    );
  }
  const namespace = environment.METRICS_NAMESPACE || undefined;
  return (level, message, fields, metrics) => {
    if (LEVELS.indexOf(level) < lowest) return;
    const now = new Date();
    const line = { level, message, time: now.toISOString(), ...fields };
    const text = JSON.stringify(line, (_name, value) =>
      typeof value === 'string' ? shortened(value) : value,
    );
    const offered = namespace && metrics ? metricsText(namespace, now.getTime(), fields, metrics) : '';
    write(`${text.slice(0, -1)}${offered}}\n`);
  };
}

/** The member that makes CloudWatch look for metrics in a line. */
function metricsText(
  namespace: string,
  timestamp: number,
  fields: LogFields,
  { dimensions, metrics }: LineMetrics,
): string {
  const present = dimensions.filter((set) => set.every((name) => fields[name] !== undefined));
  const directive = {
    Namespace: namespace,
    Dimensions: present,
    Metrics: metrics
      .filter(({ name }) => fields[name] !== undefined)
      .map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  return `,"_aws":${JSON.stringify({ Timestamp: timestamp, CloudWatchMetrics: [directive] })}`;
}

function shortened(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}…`;
}

/** The name and message of anything thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
