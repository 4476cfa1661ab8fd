import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient, FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import aws4 from 'aws4';
import { isoTime } from '../lib/callback/time.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import type { Environment } from '../lib/platform/environment.ts';
import { field, isObject, type Json, parseJson } from '../lib/platform/json.ts';
import {
  CLIENT_SETTINGS,
  type Connection,
  type ConnectionOptions,
  createQueueUrls,
  type LineSelection,
  type NewLines,
  type PastLines,
} from './connection.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';

/** The outputs of the CloudFormation stack: the URL of the read API, what callback URLs begin with, the table. */
const READ_API_OUTPUT = 'HttpApiUrl';
const CALLBACK_OUTPUT = 'CallbackUrl';
const TABLE_OUTPUT = 'LedgerTableName';

/** The output with the function URL of a source, where callbacks come in by function URLs: by the framework's rule. */
function functionUrlOutput(source: string): string {
  const name = source.replaceAll('-', 'Dash');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunctionUrl`;
}

/** Functions in the template, by the framework's rule. */
const LOGICAL_IDS = { consumer: 'ConsumerLambdaFunction', watch: 'WatchLambdaFunction' } as const;

/** Connects to a deployed stage with the SDK's usual chain of credentials. */
export function connectDeployed({
  stage,
  region,
  profile,
  url,
}: ConnectionOptions & { stage: string }): Connection {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(stage))
    throw wrongUsage(`--stage takes a stage's name, not "${stage}"`);
  // The environment is where every part of the SDK looks, that for the region included.
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const prefix = `rtc-callbacks-${stage}`;
  const settings = { ...CLIENT_SETTINGS, ...(region === undefined ? {} : { region }) };
  // An endpoint that the environment names holds for queues too.
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const outputs = createStackOutputs(settings, prefix);
  const withoutSlash = (text: string) => text.replace(/\/+$/, '');
  const urlOf = async (output: string) => withoutSlash(requiredOutput(await outputs(), output, prefix));

  async function functionEnvironment(name: keyof typeof LOGICAL_IDS): Promise<Environment> {
    const { CloudFormationClient, GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
    const client = new CloudFormationClient(settings);
    const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: prefix }));
    const path = ['Resources', LOGICAL_IDS[name], 'Properties', 'Environment', 'Variables'];
    const variables = path.reduce<Json | undefined>(field, parseJson(TemplateBody));
    const entries = isObject(variables) ? Object.entries(variables) : [];
    return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string')) as Environment;
  }

  return {
    name: `stage ${stage}`,
    isLocal: false,
    sqs,
    dynamodb: new DynamoDBClient(settings),
    tableName: async () => requiredOutput(await outputs(), TABLE_OUTPUT, prefix),
    baseUrl: async () => (url === undefined ? urlOf(READ_API_OUTPUT) : withoutSlash(url)),
    async callbackUrl({ name, path }) {
      if (url !== undefined) return withoutSlash(url) + path;
      const functionUrl = (await outputs()).get(functionUrlOutput(name));
      return functionUrl === undefined ? (await urlOf(CALLBACK_OUTPUT)) + path : withoutSlash(functionUrl);
    },
    async signed(target, method, body) {
      const [credentials, signingRegion] = await Promise.all([sqs.config.credentials(), sqs.config.region()]);
      const { headers = {} } = aws4.sign(
        {
          service: 'execute-api',
          region: signingRegion,
          method,
          ...(body === undefined ? {} : { body }),
          host: target.host,
          path: target.pathname + target.search,
        },
        credentials,
      );
      return headers as Record<string, string>;
    },
    queueUrl: createQueueUrls(sqs, prefix),
    logLines: (selection) => deployedLines(settings, `/aws/lambda/${prefix}-`, selection),
    pastLines: (selection) => pastLines(settings, `/aws/lambda/${prefix}-`, selection),
    tellRemoved: async () => {},
    functionEnvironment,
    async identity() {
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const { Arn = '' } = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
      return Arn;
    },
    secretsPlace: (vendor) => `parameter /rtc-callbacks/${stage}/${vendor}`,
    async storedSecrets(vendor) {
      const { SSMClient, GetParameterCommand, ParameterNotFound } = await import('@aws-sdk/client-ssm');
      const Name = `/rtc-callbacks/${stage}/${vendor}`;
      try {
        const command = new GetParameterCommand({ Name, WithDecryption: true });
        const { Parameter } = await new SSMClient(settings).send(command);
        return { text: Parameter?.Value ?? '', changedAt: Parameter?.LastModifiedDate?.getTime() };
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
  };
}

/** A region allows five `FilterLogEvents` a second at least, to all who ask. */
const PAUSE_MS = 3_000;
const CONCURRENT_READS = 2;

/** How much later than others, by its own time, an event may become visible, in ms. */
const LATEST_MS = 20_000;

/** The log lines of deployed functions, out of CloudWatch Logs, in the order of their time. */
function deployedLines(
  settings: typeof CLIENT_SETTINGS & { region?: string },
  groupPrefix: string,
  { since, functions, messages }: LineSelection,
): NewLines {
  const filterPattern = patternOf(messages);
  const client = logsClient(settings);
  let startTime = since ?? Date.now();
  /** The times of the events that were given and could be read once more, by their ids. */
  const given = new Map<string, number>();

  async function readAll(): Promise<FilteredLogEvent[]> {
    const events: FilteredLogEvent[] = [];
    await eachGroup(functions, async (name) => {
      const logGroupName = `${groupPrefix}${name}`;
      const query = { logGroupName, startTime, filterPattern };
      events.push(...(await readGroup(await client, query)).events);
    });
    return events;
  }

  return {
    pauseMs: PAUSE_MS,
    async next() {
      const fresh = (await readAll()).filter(({ eventId = '' }) => !given.has(eventId));
      fresh.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
      for (const { eventId = '', timestamp = 0 } of fresh) given.set(eventId, timestamp);
      // By CloudWatch's clock: that of this machine may be another one.
      startTime = Math.max(startTime, (fresh.at(-1)?.timestamp ?? 0) - LATEST_MS);
      for (const [eventId, timestamp] of given) if (timestamp < startTime) given.delete(eventId);
      return { lines: fresh.flatMap(({ message = '' }) => parseJson(message) ?? []), missed: 0 };
    },
  };
}

/** How many pages of one function's log are read, each of up to 1 MB: some 40,000 lines. */
const MOST_PAGES = 20;

/** Where the log of a function is larger, so much of the time is looked at instead, as often as it takes, to the last of these ms. */
const LATEST_PART = 1 / 4;
const SHORTEST_MS = 10_000;

/** The log lines of deployed functions since a moment; of a function that says too much only the latest. */
async function pastLines(
  settings: typeof CLIENT_SETTINGS & { region?: string },
  groupPrefix: string,
  { since, functions, messages }: LineSelection & { since: number },
): Promise<PastLines> {
  const client = await logsClient(settings);
  const result: PastLines = { lines: [], omissions: [] };
  await eachGroup(functions, async (name) => {
    const now = Date.now();
    const query = { logGroupName: `${groupPrefix}${name}`, filterPattern: patternOf(messages) };
    let from = since;
    let read = await readGroup(client, { ...query, startTime: from }, MOST_PAGES);
    while (read.isCut && now - from > SHORTEST_MS) {
      from = Math.round(now - (now - from) * LATEST_PART);
      read = await readGroup(client, { ...query, startTime: from }, MOST_PAGES);
    }
    result.lines.push(...read.events.flatMap(({ message = '' }) => parseJson(message) ?? []));
    if (from > since) result.omissions.push(`log of ${name}: too large, read only since ${isoTime(from)}`);
    else if (read.isCut) result.omissions.push(`log of ${name}: too large, not read to its end`);
  });
  return result;
}

/** Does something with the log group of each function. */
async function eachGroup(functions: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  let absent: Error | undefined;
  let found = 0;
  await forEachConcurrently(functions, CONCURRENT_READS, async (name) => {
    try {
      await work(name);
      found += 1;
    } catch (error) {
      // A function may not be deployed; not one of them may not.
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      absent = error as Error;
    }
  });
  if (found === 0 && absent !== undefined) throw absent;
}

function patternOf(messages: readonly string[]): string {
  return `{ ${messages.map((message) => `($.message = "${message}")`).join(' || ')} }`;
}

async function logsClient(settings: typeof CLIENT_SETTINGS & { region?: string }) {
  const { CloudWatchLogsClient: Client } = await import('@aws-sdk/client-cloudwatch-logs');
  return new Client(settings);
}

interface GroupQuery {
  logGroupName: string;
  startTime: number;
  filterPattern: string;
}

/** The events of a log group, the earliest first, and whether there are more than those of `mostPages` pages. */
async function readGroup(
  client: CloudWatchLogsClient,
  query: GroupQuery,
  mostPages = Number.POSITIVE_INFINITY,
): Promise<{ events: FilteredLogEvent[]; isCut: boolean }> {
  const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
  const events: FilteredLogEvent[] = [];
  let pages = 0;
  for await (const page of paginateFilterLogEvents({ client }, query)) {
    events.push(...(page.events ?? []));
    pages += 1;
    if (pages >= mostPages && page.nextToken !== undefined) return { events, isCut: true };
  }
  return { events, isCut: false };
}

/** The outputs of a CloudFormation stack by name; looked up once, when one is first needed. */
function createStackOutputs(
  settings: CloudFormationClientConfig,
  stackName: string,
): () => Promise<ReadonlyMap<string, string>> {
  let outputs: Promise<ReadonlyMap<string, string>> | undefined;

  async function lookUp(): Promise<ReadonlyMap<string, string>> {
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const command = new DescribeStacksCommand({ StackName: stackName });
    const client = new CloudFormationClient(settings);
    const { Stacks: [stack] = [] } = await client.send(command).catch(async (error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      const region = await client.config.region();
      throw new CommandFailure(
        EXIT.unreachable,
        `The stack ${stackName} does not exist in the region ${region}. See --stage, --region, AWS_REGION and --profile.`,
      );
    });
    return new Map(stack?.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  return () => {
    outputs ??= lookUp();
    return outputs;
  };
}

/** Takes one output out of those of a stack. Throws a message for people when it is missing. */
function requiredOutput(outputs: ReadonlyMap<string, string>, name: string, stackName: string): string {
  const value = outputs.get(name);
  if (value !== undefined) return value;
  throw new CommandFailure(
    EXIT.unreachable,
    `The CloudFormation stack ${stackName} has no output ${name}. Is this version deployed to it? Else pass --url.`,
  );
}
