import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import dynalite from 'dynalite';

/** A DynamoDB in memory, in a thread of its own, for tests that keep their own thread busy. */
export interface DynaliteThread {
  /** Such as `http://127.0.0.1:40123`. */
  origin: string;
  stop(): Promise<unknown>;
}

/** Starts it on a free loopback port. */
export async function startDynaliteThread(): Promise<DynaliteThread> {
  const worker = new Worker(fileURLToPath(import.meta.url), { execArgv: [] });
  const [port] = await once(worker, 'message');
  return { origin: `http://127.0.0.1:${port}`, stop: () => worker.terminate() };
}

async function serve(): Promise<void> {
  const server = dynalite({ createTableMs: 0 });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  parentPort?.postMessage((server.address() as AddressInfo).port);
}

if (!isMainThread) await serve();
