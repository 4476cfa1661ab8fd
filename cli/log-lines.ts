import type { Json } from '../lib/platform/json.ts';

/** Which log lines are wanted. */
export interface LineSelection {
  /** Unix time in ms from which on; what comes from now on when absent. */
  since?: number | undefined;
  /** The functions whose lines they are, as `serverless.yml` names them. */
  functions: readonly string[];
  /** The values of the field `message`. */
  messages: readonly string[];
}

/** Lines that have come since they were last asked for. */
export interface LineBatch {
  lines: Json[];
  /** How many more there were that nobody remembers. */
  missed: number;
}

/** Log lines as they come. */
export interface NewLines {
  /** Rejects when they cannot be read; those that were not given yet come with the next call. */
  next(): Promise<LineBatch>;
  /** How long to wait between two calls, in ms. */
  pauseMs: number;
}
