import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { type ChildStack, startChildStack } from '../../stack/child-stack.ts';
import type { SecretsByVendor } from '../../stack/samples/signed-sample.ts';
import { keepCompiled } from './compiled.ts';
import { type StackClient, stackClient } from './stack-client.ts';

/** A stack that belongs to one test, which may break it. */
export interface OwnStack {
  url: string;
  /** The client of the stack as it runs now; its log is empty at every start. */
  client: StackClient;
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
  /** Takes the ledger away until the next start: the consumer can apply nothing. */
  deleteTable(): Promise<void>;
  /** Takes a queue away until the next start or until it is put back. */
  deleteQueue(suffix: QueueSuffix): Promise<void>;
  /** Puts a queue back, empty. */
  createQueue(suffix: QueueSuffix): Promise<void>;
  /** The log of every start, whole. */
  logFiles: string[];
  /** Ends it, if it runs, and removes its data. */
  dispose(): Promise<void>;
}

type QueueSuffix = 'callbacks' | 'quarantine';

const CREDENTIALS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

const queueClient = (url: string) => new SQSClient({ ...CREDENTIALS, endpoint: `${url}/aws/sqs` });

const queueName = (suffix: QueueSuffix) => `rtc-callbacks-local-${suffix}`;

/**
 * Starts a stack with its own data; `secrets` are those of the shared stack when absent, `environment` are variables besides
 * those of this process.
 */
export async function startOwnStack(
  secrets: SecretsByVendor = inject('stackSecrets'),
  environment: Readonly<Record<string, string>> = {},
): Promise<OwnStack> {
  const variables = { CALLBACK_SECRETS: JSON.stringify(secrets), ...environment };
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-own-'));
  await keepCompiled(inject('stackData'), join(directory, 'data'));
  const logFiles: string[] = [];
  let running: { stack: ChildStack; client: StackClient } | undefined;
  let starting: Promise<ChildStack> | undefined;

  const current = () => {
    if (running === undefined) throw new Error('the stack does not run');
    return running;
  };
  const own: OwnStack = {
    get url() {
      return current().stack.url;
    },
    get client() {
      return current().client;
    },
    logFiles,
    async stop(signal) {
      const { stack } = current();
      running = undefined;
      await stack.stop(signal);
    },
    async start() {
      const logFile = join(directory, `functions-${logFiles.length}.log`);
      starting = startChildStack(join(directory, 'data'), logFile, { environment: variables });
      const stack = await starting;
      logFiles.push(logFile);
      running = { stack, client: stackClient(stack.url, logFile) };
    },
    async deleteTable() {
      const client = new DynamoDBClient({ ...CREDENTIALS, endpoint: `${own.url}/aws/dynamodb` });
      const { TableNames: [TableName] = [] } = await client.send(new ListTablesCommand({}));
      await client.send(new DeleteTableCommand({ TableName }));
      await waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
      client.destroy();
    },
    async deleteQueue(suffix) {
      const client = queueClient(own.url);
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueName(suffix) }));
      await client.send(new DeleteQueueCommand({ QueueUrl }));
      client.destroy();
    },
    async createQueue(suffix) {
      const client = queueClient(own.url);
      await client.send(new CreateQueueCommand({ QueueName: queueName(suffix) }));
      client.destroy();
    },
    async dispose() {
      // A test whose time is up may leave a stack that is still starting.
      await starting?.catch(() => undefined);
      await running?.stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await own.start();
  return own;
}
