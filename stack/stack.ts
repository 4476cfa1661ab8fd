import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startAlarms } from './alarms.ts';
import { changeLine } from './change-line.ts';
import { openDataDirectory } from './data-directory.ts';
import { createQueueReader, startDynamodb, startSqs } from './embedded.ts';
import { createEventBus } from './event-bus.ts';
import { createFunctionRuntime, type FunctionRuntime } from './function-runtime.ts';
import { openGateway } from './gateway.ts';
import { withoutMetrics } from './metric-store.ts';
import { createNoticeTopic, noticeLine } from './notice-topic.ts';
import { ownRoutes } from './own-routes.ts';
import { startPoller } from './poller.ts';
import { createServiceProxy, type Upstream } from './proxy.ts';
import { createRecentCallbacks } from './recent-callbacks.ts';
import { createRecentLines } from './recent-lines.ts';
import { createQueue, createTable } from './resources.ts';
import { startSchedule } from './schedule.ts';
import { type StreamPoller, startStreamPoller } from './stream-poller.ts';
import { tableStream } from './table-stream.ts';
import { ACCOUNT_ID, type FunctionDefinition, loadTemplate, queueArn, type Template } from './template.ts';

const SQS_PREFIX = '/aws/sqs';
const S3_PREFIX = '/aws/s3';
const DYNAMODB_PREFIX = '/aws/dynamodb';
const EVENTS_PREFIX = '/aws/events';
const SNS_PREFIX = '/aws/sns';

/** Nobody checks them. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What a stack is started with. */
export interface StackOptions {
  /** Where to listen on 127.0.0.1; 0 takes a free port. */
  port: number;
  /** The absolute path of the folder for everything that survives a restart. */
  dataDir: string;
  /** Variables that replace or complete those of this process where `serverless.yml` refers to them. */
  environment?: Record<string, string>;
  /** How many times as fast the clock of the alarms runs; 1 when absent. */
  alarmSpeed?: number;
  /** Gets the reasons of functions that failed. */
  log?: (line: string) => void;
  /** Gets the functions' log lines; the standard output when absent. */
  output?: { write(text: string): unknown };
  /** Gets the steps of the start. */
  progress?: ((line: string) => void) | undefined;
  /** Gets a log line for every change that reaches the event bus, and for every notice of the watch and of alarms. */
  onChange?: (line: string) => void;
}

/** A running stack. */
export interface Stack {
  /** Such as `http://127.0.0.1:3000`. */
  url: string;
  sqsEndpoint: string;
  dynamodbEndpoint: string;
  region: string;
  /** The queues' URLs by their logical ids in `serverless.yml`. */
  queues: Record<string, string>;
  tableName: string;
  /** The routes' keys, such as `GET /attention`. */
  routes: string[];
  /** Finishes what is at work, then ends. */
  stop(): Promise<void>;
}

/**
 * Brings up everything that `serverless.yml` describes for the stage `local`: gateway, functions, queues, table
 * and event source mappings. Nothing is left running when it throws.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { log = () => {}, progress, onChange = () => {}, alarmSpeed = 1 } = options;
  const cleanups: (() => unknown)[] = [];
  const cleanUp = async () => {
    const errors: unknown[] = [];
    for (const cleanup of cleanups.splice(0).reverse()) {
      try {
        await cleanup();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  };
  try {
    return await start();
  } catch (error) {
    await cleanUp();
    throw error;
  }

  async function start(): Promise<Stack> {
    const data = openDataDirectory(options.dataDir);
    cleanups.push(data.release);
    const gateway = await openGateway(options.port, log);
    cleanups.push(gateway.close);
    progress?.(`listening on ${gateway.url}, packaging the service`);

    // Who wants the table's stream is in the template, and the functions that do are loaded last.
    let around: Upstream['around'];
    const services = startServices();
    const [template] = await settled([
      loadTemplate(data.path('service'), gateway.port, { ...process.env, ...options.environment }),
      services,
    ]);
    progress?.('creating the queues and the table');

    const [sqsEndpoint, dynamodbEndpoint] = [gateway.url + SQS_PREFIX, gateway.url + DYNAMODB_PREFIX];
    const settings = { region: template.region, credentials: CREDENTIALS };
    const sqs = new SQSClient({ ...settings, endpoint: sqsEndpoint });
    const dynamodb = new DynamoDBClient({ ...settings, endpoint: dynamodbEndpoint });
    cleanups.push(
      () => sqs.destroy(),
      () => dynamodb.destroy(),
    );
    const [queues] = await settled([createQueues(sqs, template), createTable(dynamodb, template.table)]);

    const recentCallbacks = createRecentCallbacks(data.path('recent-callbacks.json'));
    cleanups.push(recentCallbacks.save);
    const recentLines = createRecentLines();
    const onNotice = (line: string) => {
      recentLines.add(line);
      onChange(line);
    };
    const queueReader = createQueueReader(data.path('sqs'));
    const alarms = startAlarms({
      definitions: template.alarms,
      speed: alarmSpeed,
      queues: {
        names: Object.values(template.queues).map(({ QueueName }) => QueueName),
        read: queueReader.read,
      },
      publish: (notice) => onNotice(noticeLine(notice)),
    });
    cleanups.push(queueReader.close, alarms.stop);
    const onLine = (offering: string) => {
      alarms.observe(offering);
      const line = withoutMetrics(offering);
      recentCallbacks.observe(line);
      recentLines.add(line);
    };
    const { output: lines = process.stdout } = options;
    const output = { write: (line: string) => lines.write(`${withoutMetrics(line.trimEnd())}\n`) };
    const onEvent = (event: unknown) => {
      const line = changeLine(event, Date.now());
      recentLines.add(line);
      onChange(line);
    };
    const functions = template.functions.map((definition) => ({
      definition,
      runtime: createFunctionRuntime(definition, { onLine, output }),
    }));
    cleanups.push(() => Promise.all(functions.map(({ runtime }) => runtime.stop())));
    progress?.('loading the functions');
    await settled(functions.map(({ runtime }) => runtime.load()));

    const sendTo = (queue: string, MessageBody: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queues[queue], MessageBody }));
    gateway.proxy(EVENTS_PREFIX, createEventBus({ ...template, send: sendTo, onEvent }));
    gateway.proxy(SNS_PREFIX, createNoticeTopic(template.topicName, onNotice));
    // Stopped after the pollers of queues, whose functions write to the table.
    const streams = functions.flatMap(({ definition, runtime }) => startStreamPollers(definition, runtime));
    cleanups.push(() => Promise.all(streams.map((stream) => stream.stop())));
    around = streamOf(template, streams);

    for (const { definition, runtime } of functions) {
      for (const poller of startPollers(definition, runtime, sqs, queues, template))
        cleanups.push(poller.stop);
      for (const source of definition.schedules) {
        const schedule = startSchedule(source, runtime.invoke, (line) => log(`${definition.name}: ${line}`));
        cleanups.push(schedule.stop);
      }
    }
    const routes = functions.flatMap(({ definition, runtime }) =>
      definition.routes.map((route) => ({ ...route, invoke: runtime.invoke })),
    );
    cleanups.push(gateway.drain);
    gateway.serve([
      ...routes,
      ...ownRoutes({ callbacks: recentCallbacks.list, lines: recentLines.read, report: onLine }),
    ]);

    return {
      url: gateway.url,
      sqsEndpoint,
      dynamodbEndpoint,
      region: template.region,
      queues,
      tableName: template.table.TableName,
      routes: routes.map((route) => route.routeKey),
      stop: cleanUp,
    };

    async function startServices(): Promise<void> {
      // Nobody but this process asks them.
      const key = randomUUID();
      const sqsService = await startSqs(data.path('sqs'), key);
      cleanups.push(sqsService.stop);
      const endpoint = gateway.url + SQS_PREFIX;
      gateway.proxy(
        SQS_PREFIX,
        createServiceProxy({ origin: sqsService.origin, key, rewrite: queueUrls(endpoint) }),
      );
      gateway.proxy(S3_PREFIX, createServiceProxy({ origin: sqsService.origin, key, prefix: S3_PREFIX }));
      const dynamodbService = await startDynamodb(data.path('dynamodb'), key);
      cleanups.push(dynamodbService.stop);
      const dynamodbProxy = createServiceProxy({
        origin: dynamodbService.origin,
        key,
        around: (request, body, ask) => around?.(request, body, ask) ?? ask(request, body),
      });
      gateway.proxy(DYNAMODB_PREFIX, dynamodbProxy);
    }
  }

  /** The table's stream, which the embedded DynamoDB lacks. */
  function streamOf({ table, region }: Template, streams: readonly StreamPoller[]): Upstream['around'] {
    const keys = table.KeySchema as { AttributeName: string }[];
    return tableStream({
      tableName: table.TableName,
      keyNames: keys.map(({ AttributeName }) => AttributeName),
      streamArn: `arn:aws:dynamodb:${region}:${ACCOUNT_ID}:table/${table.TableName}/stream/local`,
      region,
      wants: (itemKeys) => streams.some((stream) => stream.wants(itemKeys)),
      onRecord: (record) => {
        for (const stream of streams) stream.add(record);
      },
      log,
    });
  }

  function startStreamPollers(definition: FunctionDefinition, runtime: FunctionRuntime): StreamPoller[] {
    return definition.streamSources.map((source) =>
      startStreamPoller({
        source,
        invoke: runtime.invoke,
        log: (line) => log(`${definition.name}: ${line}`),
      }),
    );
  }

  function startPollers(
    definition: FunctionDefinition,
    runtime: FunctionRuntime,
    client: SQSClient,
    queues: Record<string, string>,
    template: Template,
  ) {
    return definition.queueSources.map((source) =>
      startPoller({
        client,
        source,
        queueUrl: queues[source.queueLogicalId] as string,
        queueArn: queueArn(template.region, template.queues[source.queueLogicalId]?.QueueName as string),
        region: template.region,
        invoke: runtime.invoke,
        log: (line) => log(`${definition.name}: ${line}`),
      }),
    );
  }
}

async function createQueues(client: SQSClient, template: Template): Promise<Record<string, string>> {
  const entries = Object.entries(template.queues).map(async ([id, queue]) => [
    id,
    await createQueue(client, queue),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The URLs of the embedded SQS name a host of its own; clients need those that lead through the gateway. */
function queueUrls(endpoint: string) {
  const origin = new RegExp(`https?://[^/"]+(?=/${ACCOUNT_ID}/)`, 'g');
  return {
    operations: ['CreateQueue', 'GetQueueUrl', 'ListQueues', 'ListDeadLetterSourceQueues'],
    body: (answer: string) => answer.replaceAll(origin, endpoint),
  };
}

/** Like `Promise.all`, but waits for all of them before it throws, so that nothing goes on behind a clean-up. */
async function settled<Values extends readonly unknown[]>(
  work: [...{ [Index in keyof Values]: Promise<Values[Index]> }],
): Promise<Values> {
  await Promise.allSettled(work);
  return (await Promise.all(work)) as unknown as Values;
}
