import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { SQSEvent } from 'aws-lambda';

const RUNNER = fileURLToPath(new URL('runner.cjs', import.meta.url));

/** A server in a process of its own. */
export interface ServiceProcess {
  origin: string;
  stop(): Promise<void>;
}

/** Starts `services/<name>.ts`, which prints its port when it listens. */
export async function startService(name: string, ...args: string[]): Promise<ServiceProcess> {
  const file = fileURLToPath(new URL(`services/${name}.ts`, import.meta.url));
  const child = fork(file, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const lines = createInterface({ input: child.stdout as Readable });
  const [port] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]);
  if (port === undefined) throw new Error(`services/${name}.ts ended before it listened.`);
  return { origin: `http://127.0.0.1:${port}`, stop: () => stopped(child) };
}

/** A packaged function and what it runs with. */
export interface Runnable {
  /** Absolute path of the bundle. */
  bundle: string;
  /** Absolute path of a JSON file with the event. */
  eventFile: string;
  environment: Record<string, string>;
}

/** What one start took, in ms from the beginning of the bundle's load. */
export interface FirstCall {
  loadMs: number;
  firstMs: number;
  status: number;
  /** What it wrote to the standard output. */
  log: string;
}

/** Starts a function in a fresh process, for one call. Throws when it does not answer. */
export async function firstCall({ bundle, eventFile, environment }: Runnable): Promise<FirstCall> {
  const child = spawn(process.execPath, [RUNNER, 'first', bundle, eventFile], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [output, log] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stdout as Readable),
    once(child, 'exit'),
  ]);
  if (output === '') throw new Error(`${bundle} did not answer.`);
  return { ...JSON.parse(output), log };
}

/** What a number of calls took. */
export interface Calls {
  /** ms of each call. */
  latencies: number[];
  /** Answers other than 200. */
  errors: number;
  /** CPU time of the whole process, in ms. */
  cpuMs: number;
}

/** A function that stays loaded and is called when it is asked to be. */
export interface WarmFunction {
  call(calls: number): Promise<Calls>;
  stop(): Promise<void>;
}

/** Loads a function in a process of its own, as Lambda does, for many calls one after the other. */
export function warmFunction({ bundle, eventFile, environment }: Runnable): WarmFunction {
  const { ask, stop } = startRunner(['serve', bundle, eventFile], environment);
  return { call: (calls) => ask({ calls }) as Promise<Calls>, stop };
}

/** What a number of batches took. `latencies` are of batches, `errors` are messages that failed. */
export interface Batches extends Calls {
  /** After a garbage collection. */
  memory: NodeJS.MemoryUsage;
  /** The largest resident memory of the process so far. */
  largestBytes: number;
}

/** A consumer that stays loaded. */
export interface WarmConsumer {
  /** Applies batches one after the other. */
  apply(events: readonly SQSEvent[]): Promise<Batches>;
  stop(): Promise<void>;
}

/** Loads a function that takes batches of messages in a process of its own; `onLog` gets what it logs. */
export function warmConsumer(
  bundle: string,
  environment: Record<string, string>,
  onLog?: (text: string) => void,
): WarmConsumer {
  const { ask, stop } = startRunner(['batches', bundle], environment, onLog);
  return { apply: (events) => ask({ events }) as Promise<Batches>, stop };
}

/** As Lambda starts Node.js with 1,024 MB: old objects get nine tenths of them, each half of the new ones a twentieth. */
const HEAP_OPTIONS = ['--max-old-space-size=921', '--max-semi-space-size=51'];

/** A runner that answers every message with one. */
function startRunner(
  args: string[],
  environment: Record<string, string>,
  onLog: (text: string) => void = () => {},
) {
  const child = fork(RUNNER, args, {
    env: environment,
    execArgv: ['--expose-gc', ...HEAP_OPTIONS],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  // Log lines go into a pipe, as on Lambda.
  child.stdout?.setEncoding('utf8').on('data', onLog);
  let answered: ((answer: unknown) => void) | undefined;
  child.on('message', (answer) => answered?.(answer)).on('exit', () => answered?.(undefined));
  return {
    async ask(message: object): Promise<unknown> {
      child.send(message);
      const answer = await new Promise((resolve) => {
        answered = resolve;
      });
      if (answer === undefined) throw new Error(`The runner of ${args[1]} ended while it was called.`);
      return answer;
    },
    stop: () => stopped(child),
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  // Its log is read to the end, too.
  await once(child, 'close');
}
