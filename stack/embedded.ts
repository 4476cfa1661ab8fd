import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';

const LOOPBACK = '127.0.0.1';

/** A service that speaks an AWS protocol on a free loopback port. */
export interface EmbeddedService {
  /** Such as `http://127.0.0.1:40123`. */
  origin: string;
  stop(): Promise<void>;
}

/**
 * Starts an SQS that keeps its queues and messages in `directory`, every change before it is answered; in memory
 * when there is no directory.
 */
export async function startSqs(directory?: string): Promise<EmbeddedService> {
  if (directory !== undefined) releaseMessages(join(directory, 'fauxqs.db'));
  const storage = directory === undefined ? {} : { dataDir: directory };
  const server = await listeningOnLoopback(() => startFauxqs({ port: 0, logger: false, ...storage }));
  return { origin: `http://${LOOPBACK}:${server.port}`, stop: () => server.stop() };
}

/**
 * Makes the messages visible that a stack was working on when it ended: nobody works on them any more, and
 * the visibility timeout, right for a fleet, would only keep the developer waiting.
 */
function releaseMessages(file: string): void {
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  database.close();
}

/** fauxqs listens on every interface and has no option for it; Fastify's channel shows the server it creates. */
function listeningOnLoopback<Server>(start: () => Promise<Server>): Promise<Server> {
  const channel = 'fastify.initialization';
  subscribe(channel, bindToLoopback);
  try {
    // The server is created before `start` first awaits, so no other server passes through the channel.
    return start();
  } finally {
    unsubscribe(channel, bindToLoopback);
  }
}

interface Listener {
  listen(options: object): Promise<string>;
}

function bindToLoopback(message: unknown): void {
  const { fastify } = message as { fastify: Listener };
  const listen = fastify.listen.bind(fastify);
  fastify.listen = (options) => listen({ ...options, host: LOOPBACK });
}

/** Starts a DynamoDB that keeps its tables in `directory`. */
export async function startDynamodb(directory: string): Promise<EmbeddedService> {
  mkdirSync(directory, { recursive: true });
  const server = dynalite({ path: directory, createTableMs: 0 });
  // Node's 5 s would close a client's kept connection just when it is used again.
  server.keepAliveTimeout = 60_000;
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${LOOPBACK}:${port}`,
    stop: () =>
      new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}
