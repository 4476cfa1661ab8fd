import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';
import type { QueueSample } from './alarms.ts';

const LOOPBACK = '127.0.0.1';

/**
 * The header with the key of an embedded service. Its port is open to every page in a browser of this machine, and a page
 * cannot send this header without being asked for permission first.
 */
export const KEY_HEADER = 'x-stack-key';

/** A service that speaks an AWS protocol on a free loopback port. */
export interface EmbeddedService {
  /** Such as `http://127.0.0.1:40123`. */
  origin: string;
  stop(): Promise<void>;
}

/**
 * Starts an SQS, and an S3 at the same origin, that keep what they have in `directory`, every change before it is answered;
 * in memory when there is no directory. With a `key` it serves only requests that have it.
 */
export async function startSqs(directory?: string, key?: string): Promise<EmbeddedService> {
  if (directory !== undefined) releaseMessages(join(directory, 'fauxqs.db'));
  const storage = directory === undefined ? {} : { dataDir: directory };
  const server = await listeningOnLoopback(() => startFauxqs({ port: 0, logger: false, ...storage }), key);
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

/** Reads which queues of `startSqs(directory)` have messages, from its own store: SQS has no request for the oldest one. */
export function createQueueReader(directory: string): { read(): QueueSample[]; close(): void } {
  const database = new DatabaseSync(join(directory, 'fauxqs.db'), { readOnly: true });
  const query = database.prepare(
    `SELECT queue_name AS queueName, MIN(sent_timestamp) AS oldestSentAt,
       SUM(visibility_deadline IS NULL OR visibility_deadline <= ?) AS visible
     FROM sqs_messages GROUP BY queue_name`,
  );
  return { read: () => query.all(Date.now()) as unknown as QueueSample[], close: () => database.close() };
}

/** fauxqs listens on every interface and has no option for it; Fastify's channel shows the server it creates. */
function listeningOnLoopback<Result>(start: () => Promise<Result>, key: string | undefined): Promise<Result> {
  const channel = 'fastify.initialization';
  const bindToLoopback = (message: unknown) => {
    const { fastify } = message as { fastify: Listener };
    const listen = fastify.listen.bind(fastify);
    fastify.listen = (options) => {
      if (key !== undefined) guard(fastify.server, key);
      return listen({ ...options, host: LOOPBACK });
    };
  };
  subscribe(channel, bindToLoopback);
  try {
    // The server is created before `start` first awaits, so no other server passes through the channel.
    return start();
  } finally {
    unsubscribe(channel, bindToLoopback);
  }
}

interface Listener {
  server: Server;
  listen(options: object): Promise<string>;
}

/** Lets a server answer 403 to every request without the key. */
function guard(server: Server, key: string): void {
  const listeners = server.listeners('request') as ((...parameters: unknown[]) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.headers[KEY_HEADER] !== key) response.writeHead(403, { connection: 'close' }).end();
    else for (const listener of listeners) listener.call(server, request, response);
  });
}

/** Starts a DynamoDB that keeps its tables in `directory`. With a `key` it serves only requests that have it. */
export async function startDynamodb(directory: string, key?: string): Promise<EmbeddedService> {
  mkdirSync(directory, { recursive: true });
  const server = dynalite({ path: directory, createTableMs: 0 });
  // Node's 5 s would close a client's kept connection just when it is used again.
  server.keepAliveTimeout = 60_000;
  if (key !== undefined) guard(server, key);
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${LOOPBACK}:${port}`,
    stop: () =>
      new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}
