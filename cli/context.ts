import type { Command } from 'commander';
import type { Connection, ConnectionOptions } from './connection.ts';
import { wrongUsage } from './failure.ts';
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
    session.connection = await connect(options);
    const context = { connection: session.connection, json: options.json ?? false, signal: session.signal };
    session.exitCode = await work(context, options, ...args);
  };
}

/** Connects to the stack that the options choose: a deployed one with `--stage`, else the local one. */
async function connect(options: ConnectionOptions): Promise<Connection> {
  // Help, completion and wrong usage need not wait for the SDK to load.
  const { stage } = options;
  if (stage === undefined || stage === 'local')
    return (await import('./local-connection.ts')).connectLocal(options);
  return (await import('./deployed-connection.ts')).connectDeployed({ ...options, stage });
}

/** An option's value as a whole number of at least 1; throws what is wrong with it. */
export function wholeNumber(option: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw wrongUsage(`${option} takes a whole number of at least 1, not "${value}"`);
  }
  return number;
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 60 * 60_000],
  ['d', 24 * 60 * 60_000],
]);

/** An option's value such as `10m` as the moment that long before `now`, Unix time in ms; throws what is wrong with it. */
export function pastTime(option: string, value: string, now: number): number {
  return now - timeSpan(option, value);
}

/** An option's value such as `10m` in ms; throws what is wrong with it. */
export function timeSpan(option: string, value: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  const unitMs = UNITS_MS.get(unit);
  if (unitMs === undefined)
    throw wrongUsage(`${option} takes a time such as 30s, 10m, 2h or 1d, not "${value}"`);
  return Number(count) * unitMs;
}
