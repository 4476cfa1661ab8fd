import type { Command } from 'commander';
import type { Connection, ConnectionOptions } from './connection.ts';
import type { Output } from './output.ts';

/** What every command works with. */
export interface Context {
  connection: Connection;
  /** Whether the result is for a program. */
  json: boolean;
  /** Aborted by Ctrl-C: what was begun is finished or put back. */
  signal: AbortSignal;
}

/** Options that every command takes. */
interface GlobalOptions extends ConnectionOptions {
  json?: boolean;
}

/** One run of the tool: where it writes and what ends it early; then what it talked to, and its exit code. */
export interface Session {
  output: Output;
  signal: AbortSignal;
  connection?: Connection;
  exitCode?: number;
}

/** Runs one command in a context. The promise is of its exit code. */
export type Work<Arguments extends unknown[], Options> = (
  context: Context,
  options: Options,
  ...args: Arguments
) => Promise<number>;

/** Makes a command's action of work that needs the context; its result becomes the exit code. */
export function actionOf<Options, Arguments extends unknown[]>(
  session: Session,
  work: Work<Arguments, Options>,
): (...args: [...Arguments, Options, Command]) => Promise<void> {
  return async (...parameters) => {
    const command = parameters.at(-1) as Command;
    const args = parameters.slice(0, -2) as unknown as Arguments;
    const options = command.optsWithGlobals<GlobalOptions & Options>();
    // Help, completion and wrong usage need not wait for the SDK to load.
    const { connect } = await import('./connect.ts');
    session.connection = connect(options);
    const context = { connection: session.connection, json: options.json ?? false, signal: session.signal };
    session.exitCode = await work(context, options, ...args);
  };
}
