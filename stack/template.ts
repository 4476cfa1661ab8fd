import { join } from 'node:path';
import { type CompiledService, localService, type Resource } from '../build/local-service.ts';
import { type AlarmDefinition, alarmsOf } from './alarm-definitions.ts';

/** The account that every local resource belongs to. */
export const ACCOUNT_ID = '000000000000';

/** The namespace of the metrics that log lines offer. */
const METRICS_NAMESPACE = 'rtc-callbacks-local';

/** What `serverless.yml` deploys for the stage `local`, as far as the embedded stack runs it. */
export interface Template {
  region: string;
  /** By logical id. */
  queues: Record<string, QueueDefinition>;
  table: TableDefinition;
  /** The names of the event buses. */
  busNames: string[];
  /** The name of the topic for the watch's notices. */
  topicName: string;
  /** The rules of the buses that are on. */
  rules: RuleDefinition[];
  functions: FunctionDefinition[];
  /** The alarms on metrics that the embedded stack has. */
  alarms: AlarmDefinition[];
}

/** A rule that sends events of a bus to queues. */
export interface RuleDefinition {
  busName: string;
  pattern: object;
  targets: { queueLogicalId: string; sendsDetailOnly: boolean }[];
}

/** The properties of an `AWS::SQS::Queue`, without references to other resources. */
export type QueueDefinition = { QueueName: string } & Record<string, unknown>;

/** The properties of an `AWS::DynamoDB::Table`. */
export type TableDefinition = { TableName: string } & Record<string, unknown>;

/** A deployed function with the events that invoke it. */
export interface FunctionDefinition {
  /** Its name in `serverless.yml`. */
  name: string;
  /** Its name on AWS. */
  functionName: string;
  /** The absolute path of its code. */
  file: string;
  /** The name of the handler that the code exports. */
  exportName: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memorySizeMb: number;
  region: string;
  routes: RouteDefinition[];
  queueSources: QueueSource[];
  streamSources: StreamSource[];
  schedules: ScheduleSource[];
}

/** A route of the HTTP API. */
export interface RouteDefinition {
  /** `<method> <path>` or `$default`. */
  routeKey: string;
  method: string;
  path: string;
  /** How long the gateway waits for the function, in ms. */
  timeoutMs: number;
}

/** A queue whose messages invoke a function. */
export interface QueueSource {
  queueLogicalId: string;
  batchSize: number;
  maximumBatchingWindowSeconds: number;
  /** Whether the function answers which messages failed; otherwise a batch fails or succeeds as one. */
  reportsBatchItemFailures: boolean;
}

/** A table's stream whose records invoke a function. */
export interface StreamSource {
  batchSize: number;
  /** Records that are older are given up. */
  maximumRecordAgeSeconds: number;
  /** Whether a batch that failed comes again in halves. */
  bisectsBatch: boolean;
  /** Whether the function answers where to go on; otherwise a batch fails or succeeds as one. */
  reportsBatchItemFailures: boolean;
  /** A record comes if it matches one of them, or if there are none. */
  patterns: object[];
}

/** A rule that invokes a function from time to time. */
export interface ScheduleSource {
  ruleLogicalId: string;
  /** Such as `rate(1 minute)`. */
  expression: string;
}

/**
 * Compiles the service for the stage `local` and reads the result; `directory` is for the functions' code, and keeps
 * the rest for the next time. `port` is where the functions find the stack; `environment` is what `serverless.yml`
 * may refer to. Throws when the service cannot be packaged or uses something that only AWS can resolve.
 */
export async function loadTemplate(
  directory: string,
  port: number,
  environment: NodeJS.ProcessEnv,
): Promise<Template> {
  return parseTemplate(await localService(directory, port, environment), directory);
}

function parseTemplate({ resources, state }: CompiledService, directory: string): Template {
  const { region } = state.service.provider;
  const queues: Record<string, QueueDefinition> = {};
  for (const [id, { Properties }] of ofType(resources, 'AWS::SQS::Queue')) {
    queues[id] = resolveReferences(id, Properties, resources, region) as QueueDefinition;
  }
  const [table, ...otherTables] = ofType(resources, 'AWS::DynamoDB::Table');
  if (table === undefined || otherTables.length > 0) {
    throw new Error('The embedded stack needs serverless.yml to have exactly one DynamoDB table.');
  }
  const names = Object.entries(state.service.functions).map(([name, { name: deployed }]) => [deployed, name]);
  const nameOf = Object.fromEntries(names) as Record<string, string>;
  return {
    region,
    queues,
    table: table[1].Properties as TableDefinition,
    busNames: ofType(resources, 'AWS::Events::EventBus').map(([, { Properties }]) => String(Properties.Name)),
    topicName: String(ofType(resources, 'AWS::SNS::Topic')[0]?.[1].Properties.TopicName),
    rules: rulesOf(resources),
    alarms: alarmsOf(resources, METRICS_NAMESPACE),
    functions: ofType(resources, 'AWS::Lambda::Function').map(([id, { Properties }]) => {
      const [path, exportName] = splitHandler(String(Properties.Handler));
      return {
        name: nameOf[String(Properties.FunctionName)] ?? id,
        functionName: String(Properties.FunctionName),
        file: join(directory, `${path}.cjs`),
        exportName,
        environment: environmentOf(id, Properties),
        timeoutSeconds: Number(Properties.Timeout),
        memorySizeMb: Number(Properties.MemorySize),
        region,
        routes: routesOf(id, resources),
        queueSources: queueSourcesOf(id, resources),
        streamSources: streamSourcesOf(id, resources),
        schedules: schedulesOf(id, resources),
      };
    }),
  };
}

function ofType(resources: Record<string, Resource>, type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

function splitHandler(handler: string): [path: string, exportName: string] {
  const dot = handler.lastIndexOf('.');
  return [handler.slice(0, dot), handler.slice(dot + 1)];
}

function environmentOf(id: string, properties: Record<string, unknown>): Record<string, string> {
  const variables =
    (properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      if (typeof value === 'object') {
        throw new Error(`${id}: ${name} has no value for the stage "local": ${JSON.stringify(value)}`);
      }
      return [name, String(value)];
    }),
  );
}

function routesOf(functionId: string, resources: Record<string, Resource>): RouteDefinition[] {
  return ofType(resources, 'AWS::ApiGatewayV2::Route').flatMap(([, { Properties }]) => {
    const integration = resources[integrationId(Properties.Target)]?.Properties;
    if (arnOwner(integration?.IntegrationUri) !== functionId) return [];
    const routeKey = String(Properties.RouteKey);
    const [method = 'ANY', path = '/{any+}'] = routeKey === '$default' ? [] : routeKey.split(' ');
    return { routeKey, method, path, timeoutMs: Number(integration?.TimeoutInMillis ?? 30_000) };
  });
}

function queueSourcesOf(functionId: string, resources: Record<string, Resource>): QueueSource[] {
  return ofType(resources, 'AWS::Lambda::EventSourceMapping').flatMap(([, { Properties }]) => {
    const queueLogicalId = arnOwner(Properties.EventSourceArn);
    if (arnOwner(Properties.FunctionName) !== functionId || Properties.Enabled === false) return [];
    if (queueLogicalId === undefined || resources[queueLogicalId]?.Type !== 'AWS::SQS::Queue') return [];
    return {
      queueLogicalId,
      batchSize: Number(Properties.BatchSize ?? 10),
      maximumBatchingWindowSeconds: Number(Properties.MaximumBatchingWindowInSeconds ?? 0),
      reportsBatchItemFailures: [Properties.FunctionResponseTypes].flat().includes('ReportBatchItemFailures'),
    };
  });
}

function streamSourcesOf(functionId: string, resources: Record<string, Resource>): StreamSource[] {
  return ofType(resources, 'AWS::Lambda::EventSourceMapping').flatMap(([, { Properties }]) => {
    const table = attributeOwner(Properties.EventSourceArn, 'StreamArn');
    if (arnOwner(Properties.FunctionName) !== functionId || Properties.Enabled === false) return [];
    if (table === undefined || resources[table]?.Type !== 'AWS::DynamoDB::Table') return [];
    const { Filters = [] } = (Properties.FilterCriteria ?? {}) as { Filters?: { Pattern: string }[] };
    const age = Number(Properties.MaximumRecordAgeInSeconds ?? -1);
    return {
      batchSize: Number(Properties.BatchSize ?? 100),
      maximumRecordAgeSeconds: age < 0 ? Number.POSITIVE_INFINITY : age,
      bisectsBatch: Properties.BisectBatchOnFunctionError === true,
      reportsBatchItemFailures: [Properties.FunctionResponseTypes].flat().includes('ReportBatchItemFailures'),
      patterns: Filters.map(({ Pattern }) => JSON.parse(Pattern) as object),
    };
  });
}

function rulesOf(resources: Record<string, Resource>): RuleDefinition[] {
  return ofType(resources, 'AWS::Events::Rule').flatMap(([id, { Properties }]) => {
    const bus = (Properties.EventBusName as { Ref?: string } | undefined)?.Ref ?? '';
    if (Properties.EventPattern === undefined || Properties.State === 'DISABLED') return [];
    const targets = (Properties.Targets ?? []) as { Arn: unknown; InputPath?: string }[];
    return {
      busName: String(resources[bus]?.Properties.Name),
      pattern: Properties.EventPattern as object,
      targets: targets.map(({ Arn, InputPath }) => {
        const queueLogicalId = arnOwner(Arn);
        if (queueLogicalId === undefined || resources[queueLogicalId]?.Type !== 'AWS::SQS::Queue')
          throw new Error(`${id}: the embedded stack knows no targets of rules but queues.`);
        return { queueLogicalId, sendsDetailOnly: InputPath === '$.detail' };
      }),
    };
  });
}

function schedulesOf(functionId: string, resources: Record<string, Resource>): ScheduleSource[] {
  return ofType(resources, 'AWS::Events::Rule').flatMap(([ruleLogicalId, { Properties }]) => {
    const targets = (Properties.Targets ?? []) as { Arn: unknown }[];
    const isTarget = targets.some(({ Arn }) => arnOwner(Arn) === functionId);
    if (!isTarget || Properties.State === 'DISABLED' || Properties.ScheduleExpression === undefined)
      return [];
    return { ruleLogicalId, expression: String(Properties.ScheduleExpression) };
  });
}

/** The logical id `X` of `{ "Fn::GetAtt": ["X", "Arn"] }`. */
function arnOwner(value: unknown): string | undefined {
  return attributeOwner(value, 'Arn');
}

function attributeOwner(value: unknown, attribute: string): string | undefined {
  const parts = (value as { 'Fn::GetAtt'?: string[] } | undefined)?.['Fn::GetAtt'];
  return parts?.[1] === attribute ? parts[0] : undefined;
}

/** The logical id `X` of `{ "Fn::Join": ["/", ["integrations", { "Ref": "X" }]] }`. */
function integrationId(target: unknown): string {
  const join = (target as { 'Fn::Join'?: [string, [string, { Ref: string }]] })['Fn::Join'];
  return join?.[1][1]?.Ref ?? '';
}

/** Replaces references to a queue's ARN by the ARN; throws on every other reference. */
function resolveReferences(
  owner: string,
  value: unknown,
  resources: Record<string, Resource>,
  region: string,
): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveReferences(owner, item, resources, region));
  if (typeof value !== 'object' || value === null) return value;
  const target = resources[arnOwner(value) ?? ''];
  if (target?.Type === 'AWS::SQS::Queue') return queueArn(region, String(target.Properties.QueueName));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key === 'Ref' || key.startsWith('Fn::')) {
        throw new Error(`${owner}: the embedded stack cannot resolve ${JSON.stringify(value)}.`);
      }
      return [key, resolveReferences(owner, item, resources, region)];
    }),
  );
}

/** The ARN of a local queue. */
export function queueArn(region: string, name: string): string {
  return `arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`;
}
