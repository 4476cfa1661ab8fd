import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** `npm start` as a process of its own. */
export interface ChildStack {
  url: string;
  /**
   * Ends it, by default in order (SIGTERM); resolves when it is gone. Its functions and services are threads:
   * SIGKILL leaves no process behind.
   */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** How it is started. */
export interface ChildStackOptions {
  /** A free one when absent. */
  port?: number;
  /** Further arguments of `npm start`. */
  args?: readonly string[];
  /** Variables besides those of this process. */
  environment?: Readonly<Record<string, string>>;
}

/**
 * Starts the stack with its own data directory and its log lines in `logFile`. Rejects with what it printed when it ends before it is ready.
 */
export async function startChildStack(
  dataDir: string,
  logFile: string,
  { port = 0, args = [], environment = {} }: ChildStackOptions = {},
): Promise<ChildStack> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./start.ts', import.meta.url)), ...args], {
    env: { ...process.env, ...environment, PORT: String(port), DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const logs = createWriteStream(logFile);
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
      else logs.write(`${line}\n`);
    });
    child.once('exit', () => reject(new Error(complaints.trim())));
  });
  return { url, stop };
}
