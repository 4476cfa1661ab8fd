import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { createTable } from '../../stack/resources.ts';
import { clientOf, type EngineServer, OLDEST_JAVA, startDynalite } from './engine-servers.ts';
import { ledgerTableDefinition } from './ledger-table.ts';
import { isWholeSuite, randomRuns } from './suite.ts';

/** A DynamoDB with the ledger table of `serverless.yml`, for as long as the tests of one suite run. */
export interface Engine {
  name: EngineName;
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  endpoint: string;
  client: DynamoDBClient;
  tableName: string;
  /** Another client, for a test that changes what the client does. */
  connect(): DynamoDBClient;
  /** Another ledger table, for a test that needs one to itself. Returns its name. */
  newTable(): Promise<string>;
  close(): Promise<void>;
}

export type EngineName = 'dynalite' | 'DynamoDB Local';

/** Runs the same tests on each engine; on DynamoDB Local in `npm run test:all` alone, where there is Java to run it. */
export function describeOnEngines(name: string, tests: (engine: Engine) => void): void {
  const endpoint = inject('dynamodbLocal');
  describe(name, () => {
    describeOn('dynalite', startDynalite, tests);
    if (endpoint !== undefined) {
      // All files share it: it takes longer to start than most of them to run.
      describeOn('DynamoDB Local', async () => ({ endpoint, stop: async () => {} }), tests);
    } else if (isWholeSuite) {
      describe('DynamoDB Local', () => it.skip(`skipped: needs Java ${OLDEST_JAVA} or later`));
    }
  });
}

/** Runs tests on dynalite alone: where faults are of interest, not what an engine makes of a command. */
export function describeOnDynalite(name: string, tests: (engine: Engine) => void): void {
  describe(name, () => describeOn('dynalite', startDynalite, tests));
}

/**
 * How many random runs to make of a property on an engine. DynamoDB Local gets a quarter: a property is of the ledger,
 * whichever engine is below it.
 */
export function runsOn({ name }: Engine, count: number): number {
  const runs = randomRuns(count);
  return name === 'dynalite' ? runs : Math.ceil(runs / 4);
}

/** The engine starts with the suite around this one, so that one is slow to start while another is tested. */
function describeOn(
  name: EngineName,
  start: () => Promise<EngineServer>,
  tests: (engine: Engine) => void,
): void {
  let starting: Promise<Engine> | undefined;
  let running: Engine | undefined;
  beforeAll(() => {
    starting = startEngine(name, start);
    // Set by the suite of this engine, which waits for it.
    starting.catch(() => {});
  });
  afterAll(async () => (await starting)?.close());

  const current = () => {
    if (running === undefined) throw new Error('The engine runs only while the tests of its suite do.');
    return running;
  };
  const engine: Engine = {
    name,
    get endpoint() {
      return current().endpoint;
    },
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
    });
    tests(engine);
  });
}

async function startEngine(name: EngineName, start: () => Promise<EngineServer>): Promise<Engine> {
  const { endpoint, stop } = await start();
  const clients: DynamoDBClient[] = [];
  const connect = () => {
    const client = clientOf(endpoint);
    clients.push(client);
    return client;
  };
  const client = connect();
  const newTable = async () => {
    const definition = ledgerTableDefinition(`ledger-${randomUUID()}`);
    // Nothing of these tests is to disappear by itself.
    await createTable(client, { ...definition, TimeToLiveSpecification: undefined });
    return definition.TableName;
  };
  return {
    name,
    endpoint,
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
