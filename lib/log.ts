/** What a log line may carry: ids, reasons, counts and times. Never secrets, signatures, bodies or signed URLs. */
export type LogFields = Record<string, string | number | boolean | undefined>;

/** Writes one structured JSON line. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields: LogFields) => void;

/** Logs to standard output, where Lambda picks the line up. */
export const logLine: Log = (level, message, fields) => {
  console.log(JSON.stringify({ level, message, time: new Date().toISOString(), ...fields }));
};

/** The name and message of anything thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
