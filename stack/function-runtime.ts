import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { ACCOUNT_ID, type FunctionDefinition } from './template.ts';

/** How long loading a function's code may take, in ms. Lambda allows 10 s, but is no busy laptop. */
const LOAD_TIMEOUT_MS = 30_000;

/** What the worker thread gets once. */
export interface WorkerSettings {
  file: string;
  exportName: string;
  functionName: string;
  region: string;
  accountId: string;
  memorySizeMb: number;
}

/** What the worker thread gets for each invocation; events and results travel as JSON, as on Lambda. */
export interface Invocation {
  requestId: string;
  event: string;
  /** Unix time in ms. */
  deadline: number;
}

/** What the worker thread answers. */
export type Outcome = { requestId: string; result: string } | { requestId: string; error: string };

/** The function threw, could not be loaded or ended its process. */
class FunctionError extends Error {
  override name = 'FunctionError';
}

/** The function did not answer within its timeout. */
export class FunctionTimeoutError extends Error {
  override name = 'FunctionTimeoutError';
}

/** A deployed function, ready to be invoked, several times at once if need be. */
export interface FunctionRuntime {
  /** Loads the code. Throws `FunctionError` when that fails. */
  load(): Promise<void>;
  /** Throws `FunctionError` or `FunctionTimeoutError`. */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the function; what still runs fails. */
  stop(): Promise<void>;
}

/** Where what a function prints goes. */
export interface FunctionPrinting {
  output?: { write(text: string): unknown } | undefined;
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a function in a worker thread with an environment of its own. A thread whose function timed out or died
 * gets no more events: the next invocation loads the code again. What it prints goes to `output`, by default the
 * standard output; `onLine` gets each line of it too.
 */
export function createFunctionRuntime(
  definition: FunctionDefinition,
  printing: FunctionPrinting = {},
): FunctionRuntime {
  let current: Sandbox | undefined;

  async function loadedSandbox(): Promise<Sandbox> {
    if (current === undefined || current.retired) current = new Sandbox(definition, printing);
    const sandbox = current;
    await sandbox.loaded;
    return sandbox;
  }

  return {
    load: async () => {
      await loadedSandbox();
    },
    invoke: async (event) => {
      const sandbox = await loadedSandbox();
      return sandbox.run(event, definition.timeoutSeconds * 1000);
    },
    stop: async () => current?.end('the stack stops'),
  };
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** One worker thread. Once retired it finishes what it runs, then ends. */
class Sandbox {
  retired = false;
  readonly loaded: Promise<void>;
  readonly #name: string;
  readonly #worker: Worker;
  readonly #running = new Map<string, Pending>();

  constructor(definition: FunctionDefinition, { output = process.stdout, onLine }: FunctionPrinting) {
    this.#name = definition.name;
    this.#worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      name: definition.name,
      workerData: settingsOf(definition),
      env: { ...environmentOf(definition), ...compileCache() },
      execArgv: [],
      stdout: true,
      resourceLimits: { maxOldGenerationSizeMb: definition.memorySizeMb },
    });
    // Whole lines: what several functions write at once must not run into each other.
    createInterface({ input: this.#worker.stdout }).on('line', (line) => {
      output.write(`${line}\n`);
      onLine?.(line);
    });
    this.loaded = this.#load();
    // The caller gets the reason; without this, a thread that dies before anyone does ends the process.
    this.loaded.catch(() => {});
  }

  #load(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        clearTimeout(timer);
        reject(this.#failure(reason));
        void this.end(reason);
      };
      const timer = setTimeout(() => fail(`not loaded within ${LOAD_TIMEOUT_MS} ms`), LOAD_TIMEOUT_MS);
      this.#worker.once('message', () => {
        clearTimeout(timer);
        this.#worker.on('message', (outcome: Outcome) => this.#settle(outcome));
        resolve();
      });
      this.#worker.on('error', (error: Error) => fail(error.stack ?? String(error)));
      this.#worker.on('exit', (code) => fail(`ended with exit code ${code}`));
    });
  }

  run(event: unknown, timeoutMs: number): Promise<unknown> {
    const requestId = randomUUID();
    const invocation: Invocation = {
      requestId,
      event: JSON.stringify(event),
      deadline: Date.now() + timeoutMs,
    };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#timeOut(requestId, timeoutMs), timeoutMs);
      this.#running.set(requestId, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#worker.postMessage(invocation);
    });
  }

  async end(reason: string): Promise<void> {
    this.retired = true;
    for (const { reject } of this.#running.values()) reject(this.#failure(reason));
    this.#running.clear();
    await this.#worker.terminate();
  }

  #settle(outcome: Outcome): void {
    const pending = this.#take(outcome.requestId);
    if ('error' in outcome) pending?.reject(this.#failure(outcome.error));
    else pending?.resolve(JSON.parse(outcome.result));
  }

  #timeOut(requestId: string, timeoutMs: number): void {
    this.retired = true;
    this.#take(requestId)?.reject(
      new FunctionTimeoutError(`The function "${this.#name}" timed out after ${timeoutMs / 1000} seconds.`),
    );
  }

  #take(requestId: string): Pending | undefined {
    const pending = this.#running.get(requestId);
    this.#running.delete(requestId);
    if (this.retired && this.#running.size === 0) void this.#worker.terminate();
    return pending;
  }

  #failure(reason: string): FunctionError {
    return new FunctionError(`The function "${this.#name}" failed: ${reason}`);
  }
}

function settingsOf(definition: FunctionDefinition): WorkerSettings {
  const { file, exportName, functionName, region, memorySizeMb } = definition;
  return { file, exportName, functionName, region, accountId: ACCOUNT_ID, memorySizeMb };
}

/** The directory of compiled code, where this process has one: without it each thread compiles its function again. */
function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}

/** The variables that Lambda sets, and the function's own. */
export function environmentOf(definition: FunctionDefinition): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    AWS_REGION: definition.region,
    AWS_DEFAULT_REGION: definition.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: definition.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: dirname(dirname(definition.file)),
    _HANDLER: definition.name,
    ...definition.environment,
  };
}
