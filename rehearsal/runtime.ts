import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';

const TIMEOUT_MS = 30_000;

/** A function as Lambda has it. */
export interface DeployedFunction {
  name: string;
  /** `<path without extension>.<export>` in `directory`. */
  handler: string;
  /** The folder with its unpacked zip. */
  directory: string;
  environment: NodeJS.ProcessEnv;
}

/** The path of AWS's runtime interface client; `undefined` where it is not installed. */
export function runtimeClient(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('aws-lambda-ric/package.json')), 'index.mjs');
  } catch {
    return undefined;
  }
}

/**
 * Starts a function under AWS's runtime interface client, the program that runs it on Lambda, and gives it one event.
 * Resolves to what it returned; rejects with what the client reported when it does not load or throws.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function invoke(client: string, definition: DeployedFunction, event: object): Promise<unknown> {
  let report: (answer: { ok: boolean; body: unknown }) => void;
  const reported = new Promise<{ ok: boolean; body: unknown }>((resolve) => {
    report = resolve;
  });
  let isGiven = false;
  const api = createServer(async (request, response) => {
    if (request.method === 'GET') {
      // The second time it asks there is nothing more, and it waits.
      if (!isGiven) giveEvent(response, definition.name, event);
      isGiven = true;
      return;
    }
    const body = await readJson(request);
    response.writeHead(202).end();
    report({ ok: request.url?.endsWith('/response') === true, body });
  });
  await once(api.listen(0, '127.0.0.1'), 'listening');
  const child = startClient(client, definition, (api.address() as AddressInfo).port);
  const errors: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  child.on('exit', (code) => report({ ok: false, body: `ended with ${code}: ${Buffer.concat(errors)}` }));
  try {
    const { ok, body } = await reported;
    if (!ok) throw new Error(`${definition.name}: ${JSON.stringify(body)}`);
    return body;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    api.closeAllConnections();
    api.close();
  }
}

function giveEvent(response: ServerResponse, name: string, event: object): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': 'rehearsal',
    'lambda-runtime-deadline-ms': String(Date.now() + TIMEOUT_MS),
    'lambda-runtime-invoked-function-arn': `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
  });
  response.end(JSON.stringify(event));
}

function readJson(request: IncomingMessage): Promise<unknown> {
  return json(request).catch(() => null);
}

function startClient(client: string, definition: DeployedFunction, port: number): ChildProcess {
  const { name, handler, directory, environment } = definition;
  return spawn(process.execPath, [client], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'rehearsal',
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: handler,
    },
  });
}
