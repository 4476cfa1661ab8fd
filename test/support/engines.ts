import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createTable } from '../../local/stack/resources.ts';
import { ledgerTableDefinition } from './ledger-table.ts';

/** A DynamoDB with the ledger table of `serverless.yml`, for as long as the tests of one suite run. */
export interface Engine {
  name: EngineName;
  client: DynamoDBClient;
  tableName: string;
  /** Another client, for a test that changes what the client does. */
  connect(): DynamoDBClient;
  /** Another ledger table, for a test that needs one to itself. Returns its name. */
  newTable(): Promise<string>;
  close(): Promise<void>;
}

export type EngineName = 'dynalite' | 'DynamoDB Local';

interface Server {
  endpoint: string;
  stop(): Promise<unknown>;
}

const LOOPBACK = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const OLDEST_JAVA = 17;

/** Runs the same tests on each engine; those of DynamoDB Local are shown as skipped where there is no Java. */
export function describeOnEngines(name: string, tests: (engine: Engine) => void): void {
  const java = findJava();
  describe(name, () => {
    describeOn('dynalite', startDynalite, tests);
    if (java === undefined) {
      describe('DynamoDB Local', () => it.skip(`skipped: needs Java ${OLDEST_JAVA} or later`));
    } else {
      describeOn('DynamoDB Local', () => startDynamodbLocal(java), tests);
    }
  });
}

/** The engine starts with the suite around this one, so that one is slow to start while another is tested. */
function describeOn(name: EngineName, start: () => Promise<Server>, tests: (engine: Engine) => void): void {
  let starting: Promise<Engine> | undefined;
  let running: Engine | undefined;
  beforeAll(() => {
    starting = startEngine(name, start);
    // Told by the suite of this engine, which waits for it.
    starting.catch(() => {});
  });
  afterAll(async () => (await starting)?.close());

  const current = () => {
    if (running === undefined) throw new Error('The engine runs only while the tests of its suite do.');
    return running;
  };
  const engine: Engine = {
    name,
    get client() {
      return current().client;
    },
    get tableName() {
      return current().tableName;
    },
    connect: () => current().connect(),
    newTable: () => current().newTable(),
    close: () => current().close(),
  };
  describe(name, () => {
    beforeAll(async () => {
      running = await starting;
    }, START_TIMEOUT_MS);
    tests(engine);
  });
}

async function startEngine(name: EngineName, start: () => Promise<Server>): Promise<Engine> {
  const { endpoint, stop } = await start();
  const clients: DynamoDBClient[] = [];
  const connect = () => {
    const client = clientOf(endpoint);
    clients.push(client);
    return client;
  };
  const client = connect();
  let tables = 0;
  const newTable = async () => {
    tables += 1;
    const definition = ledgerTableDefinition(`ledger-${tables}`);
    await createTable(client, definition);
    return definition.TableName;
  };
  return {
    name,
    client,
    tableName: await newTable(),
    connect,
    newTable,
    async close() {
      for (const open of clients) open.destroy();
      await stop();
    },
  };
}

function clientOf(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
}

async function startDynalite(): Promise<Server> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    endpoint: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** AWS's own emulator, from the jar that an npm package carries. */
async function startDynamodbLocal(java: string): Promise<Server> {
  const manifest = createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json');
  const directory = join(dirname(manifest), 'emulator');
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
function findJava(): string | undefined {
  const { JAVA_HOME } = process.env;
  const java = JAVA_HOME ? join(JAVA_HOME, 'bin', 'java') : 'java';
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
  return major >= OLDEST_JAVA ? java : undefined;
}
