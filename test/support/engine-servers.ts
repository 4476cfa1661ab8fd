import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { dynamodbLocalFolder } from './dynamodb-local.ts';

/** An engine that listens on loopback. */
export interface EngineServer {
  endpoint: string;
  stop(): Promise<unknown>;
}

const LOOPBACK = '127.0.0.1';
const START_TIMEOUT_MS = 240_000;

/** The oldest Java that DynamoDB Local runs on. */
export const OLDEST_JAVA = 17;

/** A client of an engine. */
export function clientOf(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
}

/** The engine of the local stack, in this process. */
export async function startDynalite(): Promise<EngineServer> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    endpoint: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** AWS's own emulator, from the jar that an npm package carries. */
export async function startDynamodbLocal(java: string): Promise<EngineServer> {
  const directory = await dynamodbLocalFolder();
  const [port, scratch] = await Promise.all([freePort(), mkdtemp(join(tmpdir(), 'dynamodb-local-'))]);
  const child = spawn(
    java,
    [
      // A short life: compile little, collect simply.
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      `-Djava.library.path=${join(directory, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(directory, 'DynamoDBLocal.jar'), '-inMemory', '-disableTelemetry'],
      ...['-port', String(port)],
    ],
    // It leaves a file in its working directory.
    { cwd: scratch, env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  process.once('exit', () => child.kill());
  const endpoint = `http://${LOOPBACK}:${port}`;
  await answering(endpoint, child);
  return {
    endpoint,
    async stop() {
      await stopped(child);
      await rm(scratch, { recursive: true });
    },
  };
}

async function answering(endpoint: string, child: ChildProcess): Promise<void> {
  const output = Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')));
  const client = clientOf(endpoint);
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await setTimeout(50)) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended: ${(await output).join('')}`);
    const answers = await client.send(new ListTablesCommand({})).then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (Date.now() > deadline) throw new Error('DynamoDB Local does not answer.');
  }
  client.destroy();
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The Java to run, if it is one that DynamoDB Local runs on. */
export function findJava(): string | undefined {
  const { JAVA_HOME } = process.env;
  const java = JAVA_HOME ? join(JAVA_HOME, 'bin', 'java') : 'java';
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
  return major >= OLDEST_JAVA ? java : undefined;
}
