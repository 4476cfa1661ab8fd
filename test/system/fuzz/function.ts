import { createRequire } from 'node:module';
import type { FunctionDefinition } from '../../../stack/template.ts';

/**
 * Invokes a function with an event as Lambda does: both travel as JSON. It has its whole time, or `remainingMs`. Rejects
 * when the function throws.
 */
export type Invoke = (event: object, requestId: string, remainingMs?: number) => Promise<unknown>;

let slowest = 0;

/** Takes how long the longest invocation of any function took, in ms. */
export function takeSlowest(): number {
  const taken = slowest;
  slowest = 0;
  return taken;
}

/**
 * Loads a function's bundle into this process. Its environment is that of the process, but for its own `SOURCE`: the
 * functions of a vendor share a bundle, which reads the variable when it is loaded.
 */
export function loadFunction({ file, exportName, timeoutSeconds, environment }: FunctionDefinition): Invoke {
  const require = createRequire(import.meta.url);
  if (environment.SOURCE !== undefined) process.env.SOURCE = environment.SOURCE;
  delete require.cache[require.resolve(file)];
  const handler = require(file)[exportName];
  return async (event, awsRequestId, remainingMs = 1000 * timeoutSeconds) => {
    const deadline = Date.now() + remainingMs;
    const getRemainingTimeInMillis = () => deadline - Date.now();
    const context = { awsRequestId, getRemainingTimeInMillis };
    const startedAt = performance.now();
    try {
      return JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(event)), context)) ?? 'null');
    } finally {
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
  };
}

/** Takes the log lines since the last time. */
export type TakeLines = () => string[];

/** Keeps what the functions write to the standard output. */
export function captureLog(): TakeLines {
  let lines: string[] = [];
  process.stdout.write = ((text: string) => {
    lines.push(text);
    return true;
  }) as typeof process.stdout.write;
  return () => {
    const taken = lines;
    lines = [];
    return taken;
  };
}
