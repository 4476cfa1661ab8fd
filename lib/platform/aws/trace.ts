import type { Environment } from '../environment.ts';

/** The trace of the current invocation as X-Ray writes it, `Root=…;Parent=…;Sampled=…`; `undefined` when there is none. */
export type TraceHeader = () => string | undefined;

/**
 * Reads the trace that Lambda keeps in a variable and changes with each invocation. Absent unless `TRACING` is set:
 * Lambda has a trace also where nobody records it.
 */
export function traceHeader(environment: Environment): TraceHeader | undefined {
  if (!environment.TRACING) return undefined;
  return () => environment._X_AMZN_TRACE_ID || undefined;
}

/** The id in a trace header, which X-Ray finds the trace by. */
export function traceIdOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /(?:^|;)Root=([^;]+)/.exec(header)?.[1];
}
