import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startDynamodb, startSqs } from '../../stack/embedded.ts';
import { createQueue, createTable } from '../../stack/resources.ts';
import { type Fault, type ProxiedRequest, startFaultProxy } from './fault-proxy.ts';
import { ledgerTableDefinition } from './ledger-table.ts';
import type { ToolEnvironment } from './tool.ts';

const CREDENTIALS = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' };

/** A stage whose queues nothing empties, for the tool to look after: embedded engines where it expects AWS. */
export interface DeployedStage {
  name: string;
  /** What makes the tool, called with `--stage`, talk to this stage. */
  environment: ToolEnvironment;
  /** The parameters of the parameter store, by name. */
  parameters: Map<string, string>;
  /** When the parameters changed, Unix time in ms; unknown when absent. */
  parametersChanged: { at?: number };
  /** The log lines of functions in the order of their time, of this moment without one (Unix time in ms). */
  logLines: { functionName: string; line: object; at?: number }[];
  /** The variables of the functions in the template. */
  variables: Record<'consumer' | 'watch', Record<string, unknown>>;
  /** Outputs of its stack in place of the usual ones, or without a value instead of one. */
  outputs: Record<string, string | undefined>;
  dynamodb: DynamoDBClient;
  tableName: string;
  /** Requests that came to the HTTP API. */
  apiRequests: { path: string; authorization: string | undefined }[];
  /** How far the HTTP API's clock is ahead of this machine's. */
  apiClock: { skewMs: number };
  /** Puts a message into a queue and returns its id. */
  send(queue: string, body: string, reason?: string): Promise<string>;
  /** Receives a message of a queue, as somebody does who looks at it. */
  receive(queue: string): Promise<void>;
  /** The texts of the messages of a queue, hidden ones included, without touching them. */
  messages(queue: string): Promise<string[]>;
  /** The groups of the messages that the tool sent, in the order of sending. */
  groups: (string | undefined)[];
  /** What goes wrong between the tool and SQS from now on. */
  faults: { sqs: (request: ProxiedRequest) => Fault | undefined | Promise<Fault | undefined> };
  /** Empties the queues, forgets the parameters and ends the faults. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Who calls, in the words of STS. */
export const CALLER = 'arn:aws:sts::123456789012:assumed-role/OnCall/ann';
const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${CALLER}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;

/** Starts the engines and creates the queues and the table of a stage. */
export async function startDeployedStage(): Promise<DeployedStage> {
  const name = 'test';
  const tableName = `rtc-callbacks-${name}-ledger`;
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-stage-'));
  const [sqsService, dynamodbService] = await Promise.all([
    startSqs(join(directory, 'sqs')),
    startDynamodb(join(directory, 'dynamodb')),
  ]);
  const parameters = new Map<string, string>();
  const parametersChanged: DeployedStage['parametersChanged'] = {};
  const logLines: DeployedStage['logLines'] = [];
  const variables: DeployedStage['variables'] = { consumer: {}, watch: {} };
  const outputs: DeployedStage['outputs'] = {};
  const apiRequests: DeployedStage['apiRequests'] = [];
  const apiClock: DeployedStage['apiClock'] = { skewMs: 0 };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = answerOf(request.method, request.headers['x-amz-target'], body);
    if (request.method === 'GET') {
      apiRequests.push({ path: request.url ?? '', authorization: request.headers.authorization });
    }
    const date = new Date(Date.now() + apiClock.skewMs).toUTCString();
    response.writeHead(answer.status, { 'content-type': answer.type, date }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** The parameter store and CloudFormation as far as the tool asks them, and the HTTP API. */
  function answerOf(method: string | undefined, target: unknown, body: string) {
    if (method === 'GET') return { status: 200, type: 'application/json', body: '{"files":[]}' };
    if (target === 'AmazonSSM.GetParameter') {
      const Value = parameters.get((JSON.parse(body) as { Name: string }).Name);
      return Value === undefined
        ? { status: 400, type: 'application/x-amz-json-1.1', body: '{"__type":"ParameterNotFound"}' }
        : { status: 200, type: 'application/x-amz-json-1.1', body: parameterAnswer(Value) };
    }
    if (target === 'Logs_20140328.FilterLogEvents') {
      const text = JSON.stringify(pageOfEvents(logLines, JSON.parse(body) as EventsQuery, name));
      return { status: 200, type: 'application/x-amz-json-1.1', body: text };
    }
    const form = new URLSearchParams(body);
    if (form.get('Action') === 'GetCallerIdentity') return { status: 200, type: 'text/xml', body: IDENTITY };
    if (form.get('StackName') === `rtc-callbacks-${name}`) {
      const answer =
        form.get('Action') === 'GetTemplate'
          ? templateAnswer(variables)
          : stackDescription(`rtc-callbacks-${name}`, origin, outputs);
      return { status: 200, type: 'text/xml', body: answer };
    }
    return { status: 400, type: 'text/xml', body: NO_STACK };
  }

  function parameterAnswer(Value: string): string {
    const { at } = parametersChanged;
    const LastModifiedDate = at === undefined ? {} : { LastModifiedDate: at / 1000 };
    return JSON.stringify({ Parameter: { Value, ...LastModifiedDate } });
  }

  const groups: DeployedStage['groups'] = [];
  const faults: DeployedStage['faults'] = { sqs: () => undefined };
  const sqsProxy = await startFaultProxy(sqsService.origin, (request) => {
    if (request.operation === 'SendMessage') groups.push(JSON.parse(request.body).MessageGroupId);
    return faults.sqs(request);
  });
  const sqs = new SQSClient({
    region: 'us-east-1',
    credentials: CREDENTIALS,
    endpoint: sqsService.origin,
  });
  const dynamodb = new DynamoDBClient({
    region: 'us-east-1',
    credentials: CREDENTIALS,
    endpoint: dynamodbService.origin,
  });
  await createTable(dynamodb, ledgerTableDefinition(tableName));
  const queueUrls = new Map<string, string>();
  for (const queue of ['callbacks', 'quarantine', 'dead-letter']) {
    const definition = { QueueName: `rtc-callbacks-${name}-${queue}`, MaximumMessageSize: 1_048_576 };
    queueUrls.set(queue, await createQueue(sqs, definition));
  }

  return {
    name,
    environment: {
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_SQS: sqsProxy.origin,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbService.origin,
      AWS_ENDPOINT_URL_SSM: origin,
      AWS_ENDPOINT_URL_CLOUDFORMATION: origin,
      AWS_ENDPOINT_URL_STS: origin,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: origin,
    },
    parameters,
    parametersChanged,
    logLines,
    variables,
    outputs,
    dynamodb,
    tableName,
    apiRequests,
    apiClock,
    async send(queue, body, reason) {
      const attributes = reason && { reason: { DataType: 'String', StringValue: reason } };
      const command = new SendMessageCommand({
        QueueUrl: queueUrls.get(queue),
        MessageBody: body,
        ...(attributes ? { MessageAttributes: attributes } : {}),
      });
      return (await sqs.send(command)).MessageId ?? '';
    },
    async receive(queue) {
      await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrls.get(queue), WaitTimeSeconds: 1 }));
    },
    async messages(queue) {
      const url = `${sqsService.origin}/_fauxqs/queues/rtc-callbacks-${name}-${queue}`;
      const { messages } = (await (await fetch(url)).json()) as { messages: Record<string, QueuedMessage[]> };
      return Object.values(messages).flatMap((list) => list.map((queued) => (queued.message ?? queued).body));
    },
    groups,
    faults,
    async reset() {
      faults.sqs = () => undefined;
      apiClock.skewMs = 0;
      groups.length = 0;
      apiRequests.length = 0;
      parameters.clear();
      for (const output of Object.keys(outputs)) delete outputs[output];
      delete parametersChanged.at;
      logLines.length = 0;
      Object.assign(variables, { consumer: {}, watch: {} });
      for (const QueueUrl of queueUrls.values()) await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    },
    async close() {
      sqs.destroy();
      dynamodb.destroy();
      server.closeAllConnections();
      server.close();
      await sqsProxy.close();
      await Promise.all([sqsService.stop(), dynamodbService.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A message as the embedded SQS shows it; one that is hidden is wrapped. */
interface QueuedMessage {
  body: string;
  message?: QueuedMessage;
}

interface EventsQuery {
  logGroupName: string;
  startTime: number;
  nextToken?: string;
}

const PAGE_EVENTS = 100;

/** A page of a function's lines as CloudWatch has them. */
function pageOfEvents(
  lines: DeployedStage['logLines'],
  { logGroupName, startTime, nextToken = '0' }: EventsQuery,
  stage: string,
) {
  const events = lines
    .filter(({ functionName }) => logGroupName.endsWith(`-${stage}-${functionName}`))
    .map(({ line, at: timestamp = Date.now() }, index) => ({
      eventId: `${logGroupName} ${index}`,
      timestamp,
      message: JSON.stringify(line),
    }))
    .filter(({ timestamp }) => timestamp >= startTime);
  const end = Number(nextToken) + PAGE_EVENTS;
  return {
    events: events.slice(Number(nextToken), end),
    ...(events.length > end ? { nextToken: String(end) } : {}),
  };
}

function templateAnswer({ consumer, watch }: DeployedStage['variables']): string {
  const functionOf = (Variables: object) => ({ Properties: { Environment: { Variables } } });
  const template = {
    Resources: { ConsumerLambdaFunction: functionOf(consumer), WatchLambdaFunction: functionOf(watch) },
  };
  const text = JSON.stringify(template).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<GetTemplateResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><GetTemplateResult>
    <TemplateBody>${text}</TemplateBody></GetTemplateResult></GetTemplateResponse>`;
}

function stackDescription(stackName: string, url: string, own: DeployedStage['outputs']): string {
  const usual = { HttpApiUrl: url, CallbackUrl: url, LedgerTableName: `${stackName}-ledger` };
  const outputs = Object.entries({ ...usual, ...own }).map(([name, value]) =>
    value === undefined
      ? ''
      : `<member><OutputKey>${name}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
    <StackName>${stackName}</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
    <Outputs>${outputs.join('')}</Outputs>
  </member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

const NO_STACK = `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
  <Code>ValidationError</Code><Message>Stack with id rtc-callbacks-nowhere does not exist</Message></Error></ErrorResponse>`;
