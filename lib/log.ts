/** What a log line may carry: ids, reasons, counts and times. Never secrets, signatures, bodies or signed URLs. */
export type LogFields = Record<string, string | number | boolean | undefined>;

/** Writes one structured JSON line. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields: LogFields) => void;

/** Ids and names come from callbacks and may be of any length, in characters. */
const LONGEST_VALUE = 256;

/** Logs to standard output as it is: Lambda's `console` would put text before the JSON. */
export const logLine: Log = (level, message, fields) => {
  const line = { level, message, time: new Date().toISOString(), ...fields };
  const text = JSON.stringify(line, (_name, value) => (typeof value === 'string' ? shortened(value) : value));
  process.stdout.write(`${text}\n`);
};

function shortened(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}…`;
}

/** The name and message of anything thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
