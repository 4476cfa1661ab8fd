import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('aws.py', import.meta.url));

const START_TIMEOUT_MS = 60_000;

/** The region that the rehearsal deploys to. */
export const REGION = 'us-east-1';

// biome-ignore lint/suspicious/noExplicitAny: the answers of AWS have no common shape.
type Json = any;

/** AWS as moto plays it. */
export interface Aws {
  /** What makes an SDK talk to it. */
  environment: NodeJS.ProcessEnv;
  /** Calls an action of a service with a JSON protocol; rejects with the answer when it fails. */
  call(service: string, target: string, body: object): Promise<Json>;
  /** Gets a resource of a service with a REST protocol as JSON. */
  get(service: string, path: string): Promise<Json>;
  stop(): void;
}

/** Starts moto's server on a free port of this machine. */
export async function startAws(): Promise<Aws> {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const server = spawn('python3', [SERVER, new URL(endpoint).port], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk).slice(-2_000);
  });
  const stop = (): boolean => server.kill();
  process.on('exit', stop);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await fetch(endpoint).catch(() => undefined))) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`moto did not start:\n${log}`);
    await setTimeout(100);
  }

  // moto reads service and region out of the credential, and looks at no signature.
  const headers = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=rehearsal/20260101/${REGION}/${service}/aws4_request`,
  });

  async function json(path: string, init: RequestInit): Promise<Json> {
    const response = await fetch(endpoint + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  return {
    environment: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'rehearsal',
      AWS_SECRET_ACCESS_KEY: 'rehearsal',
    },
    call: (service, target, body) =>
      json('/', {
        method: 'POST',
        headers: {
          ...headers(service),
          'x-amz-target': target,
          'content-type': 'application/x-amz-json-1.0',
        },
        body: JSON.stringify(body),
      }),
    get: (service, path) => json(path, { headers: headers(service) }),
    stop() {
      process.off('exit', stop);
      stop();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
