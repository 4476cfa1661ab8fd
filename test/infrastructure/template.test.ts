import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ATTENTION_REASONS } from '../../lib/attention/run.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type PackagedService, packaged, type Resource } from '../support/packaged.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, string[]>>;
}

let service: PackagedService;
let resources: Record<string, Resource> = {};

beforeAll(async () => {
  service = await packaged('usual');
  resources = service.resources;
});

function ofType(type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

function properties(logicalId: string): Resource['Properties'] {
  return resources[logicalId]?.Properties ?? {};
}

/** The functions by the names they have in serverless.yml. */
function functions(): Map<string, Resource['Properties']> {
  return new Map(
    ofType('AWS::Lambda::Function').map(([, { Properties }]) => [
      String(Properties.FunctionName).replace('rtc-callbacks-prod-', ''),
      Properties,
    ]),
  );
}

function statementsOf(name: string): Statement[] {
  const role = functions().get(name)?.Role['Fn::GetAtt'][0];
  return properties(role).Policies.flatMap(
    (policy: Resource['Properties']) => policy.PolicyDocument.Statement,
  );
}

describe('queues', () => {
  const queues = ['CallbackQueue', 'DeadLetterQueue', 'QuarantineQueue'];
  const changeQueues = ['ChangeFailureQueue', 'WebhookQueue', 'WebhookDeadLetterQueue'];

  test.each([...queues, ...changeQueues])(
    '%s is encrypted, takes 1 MiB, and a dead letter has ten of its 14 days left at least',
    (queue) => {
      expect(properties(queue)).toMatchObject({
        SqsManagedSseEnabled: true,
        MaximumMessageSize: 1_048_576,
        MessageRetentionPeriod: (queue === 'CallbackQueue' ? 4 : 14) * 24 * 60 * 60,
      });
    },
  );

  test('a message is invisible for at least six times the time-out of the consumer', () => {
    const timeout = functions().get('consumer')?.Timeout;
    expect(properties('CallbackQueue').VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeout);
  });

  test('a message that keeps failing goes to the dead-letter queue', () => {
    expect(properties('CallbackQueue').RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
      maxReceiveCount: 12,
    });
    const { VisibilityTimeout, RedrivePolicy } = properties('CallbackQueue');
    // A message is received again when it becomes visible: an outage of the table for an hour makes no dead letters.
    expect((RedrivePolicy.maxReceiveCount - 1) * VisibilityTimeout).toBeGreaterThan(60 * 60);
  });

  test('nobody reads or writes a queue without TLS', () => {
    const policies = ofType('AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
    expect(policies.flatMap(({ Queues }) => Queues.map(({ Ref }: { Ref: string }) => Ref)).sort()).toEqual(
      ofType('AWS::SQS::Queue')
        .map(([id]) => id)
        .sort(),
    );
    for (const { Queues, PolicyDocument } of policies) {
      expect(PolicyDocument.Statement[0]).toEqual({
        Sid: 'DenyWithoutTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: Queues.map(({ Ref }: { Ref: string }) => ({ 'Fn::GetAtt': [Ref, 'Arn'] })),
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
    }
    expect(properties('QueuePolicy').PolicyDocument.Statement).toHaveLength(1);
  });

  test('the consumer answers with partial batch failures', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
    expect(mappings).toContainEqual(
      expect.objectContaining({
        EventSourceArn: { 'Fn::GetAtt': ['CallbackQueue', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['ConsumerLambdaFunction', 'Arn'] },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BatchSize: 10,
      }),
    );
  });
});

test('the table is on demand, encrypted, restorable, expires items and survives the stack', () => {
  expect(properties('LedgerTable')).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    SSESpecification: { SSEEnabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
  expect(resources.LedgerTable).toMatchObject({ UpdateReplacePolicy: 'Retain' });
  expect(service.outputs.LedgerTableName).toEqual({ Value: { Ref: 'LedgerTable' } });
});

test('a first deployment that failed leaves no table in the way of the next', () => {
  expect(resources.LedgerTable).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate' });
  for (const name of ['TableName', 'DeletionProtectionEnabled'])
    expect(properties('LedgerTable')).not.toHaveProperty(name);
});

test('a stage of before keeps its table as it is', async () => {
  const existing = await packaged('url');
  // What version 0.1 deployed.
  const deployed = await readFile(new URL('ledger-table-0.1.json', import.meta.url), 'utf8');
  const table = JSON.parse(deployed) as LedgerTable;
  const { AttributeDefinitions, GlobalSecondaryIndexes } = table.Properties;
  AttributeDefinitions.push(
    ...['place', 'placeAt'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  );
  // CloudFormation adds one index in an update, and changes none.
  GlobalSecondaryIndexes.push({
    IndexName: 'place',
    KeySchema: [
      { AttributeName: 'place', KeyType: 'HASH' },
      { AttributeName: 'placeAt', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });
  expect(existing.resources.LedgerTable).toEqual(table);
});

interface LedgerTable {
  Properties: { AttributeDefinitions: object[]; GlobalSecondaryIndexes: object[] };
}

test('no update deletes or replaces an API, a queue, a function URL or the table', async () => {
  const state = JSON.parse(await readFile(join(service.folder, 'serverless-state.json'), 'utf8'));
  const [allowed, denied] = state.service.provider.stackPolicy;
  expect(allowed).toMatchObject({ Effect: 'Allow', Action: ['Update:*'] });
  expect(denied).toMatchObject({
    Effect: 'Deny',
    Action: ['Update:Replace', 'Update:Delete'],
    Resource: '*',
  });
  expect(denied.Condition.StringEquals.ResourceType).toEqual([
    'AWS::ApiGateway::RestApi',
    'AWS::ApiGatewayV2::Api',
    'AWS::DynamoDB::Table',
    'AWS::Lambda::Url',
    'AWS::SQS::Queue',
  ]);
});

test('spilled callbacks are drained every minute', () => {
  expect(ofType('AWS::Events::Rule').map(([, { Properties }]) => Properties)).toContainEqual(
    expect.objectContaining({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [expect.objectContaining({ Arn: { 'Fn::GetAtt': ['DrainLambdaFunction', 'Arn'] } })],
    }),
  );
});

describe('alarms', () => {
  const alarms = () => ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

  /** The metrics that ring, each with what it is of. */
  const watched = () =>
    alarms().flatMap(({ MetricName, Dimensions = [], Metrics = [] }) =>
      MetricName === undefined
        ? Metrics.flatMap(({ MetricStat }: { MetricStat?: { Metric: { MetricName: string } } }) =>
            MetricStat === undefined ? [] : [`${MetricStat.Metric.MetricName} HttpApi`],
          )
        : `${MetricName} ${Dimensions[0]?.Value.Ref ?? Dimensions[0]?.Value['Fn::GetAtt'][0] ?? ''}`.trim(),
    );

  test('watch both graves, the age of the queue, the spill, errors and refusals', () => {
    expect(watched()).toEqual(
      expect.arrayContaining([
        'ApproximateNumberOfMessagesVisible DeadLetterQueue',
        'ApproximateNumberOfMessagesVisible QuarantineQueue',
        'ApproximateAgeOfOldestMessage CallbackQueue',
        'spillDepth',
        'Errors ConsumerLambdaFunction',
        'Errors DrainLambdaFunction',
        'IteratorAge ChangesLambdaFunction',
        'ApproximateNumberOfMessagesVisible ChangeFailureQueue',
        'changesLost',
        'ApproximateNumberOfMessagesVisible WebhookDeadLetterQueue',
        '5xx HttpApi',
      ]),
    );
  });

  test('notify a topic when they ring and when they stop', () => {
    for (const { AlarmName, AlarmActions, OKActions } of alarms()) {
      expect(AlarmName).toMatch(/^rtc-callbacks-prod-[a-z-]+$/);
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: 'AlarmTopic' }], [{ Ref: 'AlarmTopic' }]]);
    }
  });

  test('every metric of our own is offered by a log line', async () => {
    const own = alarms().filter(({ Namespace }) => Namespace === 'rtc-callbacks-prod');
    expect(own.length).toBeGreaterThan(0);
    const folder = new URL('../../lib/', import.meta.url);
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
    const offered = (name: string) =>
      ATTENTION_REASONS.some((reason) => reason === name) ||
      sources.some((source) => source.includes(`{ name: '${name}', unit:`));
    for (const { MetricName } of own) expect([MetricName, offered(MetricName)]).toEqual([MetricName, true]);
  });
});

describe('permissions', () => {
  test('every function has a role of its own', () => {
    const roles = [...functions().values()].map((definition) => JSON.stringify(definition.Role));
    expect(new Set(roles).size).toBe(functions().size);
    expect(roles).not.toContainEqual(expect.stringContaining('IamRoleLambdaExecution'));
  });

  test('no action and no resource is a wildcard; only the streams of the own log group are open', () => {
    for (const name of functions().keys()) {
      for (const { Effect, Action, Resource } of statementsOf(name)) {
        expect(Effect).toBe('Allow');
        expect([Action].flat().join(' ')).not.toContain('*');
        const text = JSON.stringify(Resource).replace(
          `:log-group:/aws/lambda/rtc-callbacks-prod-${name}:*`,
          '',
        );
        expect(text).not.toContain('*');
      }
    }
  });

  test('a function that receives callbacks may send, spill and read its vendor’s secrets, no more', () => {
    for (const [name, { vendor }] of SOURCES) {
      const actions = statementsOf(name).flatMap(({ Action }) => Action);
      expect([name, actions]).toEqual([
        name,
        [
          'logs:CreateLogStream',
          'logs:PutLogEvents',
          'sqs:SendMessage',
          'dynamodb:PutItem',
          'ssm:GetParameter',
        ],
      ]);
      expect(JSON.stringify(statementsOf(name))).toContain(`parameter/rtc-callbacks/prod/${vendor}"`);
      expect(functions().get(name)?.Environment.Variables.SECRETS_PARAMETER).toBe(
        `/rtc-callbacks/prod/${vendor}`,
      );
    }
  });

  const actionsOf = (name: string) =>
    statementsOf(name)
      .filter(({ Action }) => [Action].flat().some((action) => /^(dynamodb|sqs|ssm):/.test(action)))
      .map(({ Action, Condition }) => [
        [Action].flat().sort().join(' '),
        Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']?.join(' '),
      ]);

  test('a function that receives callbacks cannot write what the ledger says', () => {
    for (const name of SOURCES.keys()) {
      expect(actionsOf(name)).toContainEqual(['dynamodb:PutItem', 'spill#* body#*']);
    }
  });

  test('the consumer writes, and reads only tombstones and bodies that were too large for their messages', () => {
    expect(actionsOf('consumer')).toEqual([
      ['sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage', undefined],
      ['sqs:SendMessage', undefined],
      ['dynamodb:PutItem dynamodb:UpdateItem', undefined],
      ['dynamodb:GetItem', 'body#*'],
      ['dynamodb:Query', 'erased'],
    ]);
  });

  test('draining touches nothing but what was spilled', () => {
    expect(actionsOf('drain')).toEqual([
      ['sqs:SendMessage', undefined],
      ['dynamodb:DeleteItem dynamodb:Query', 'spill#*'],
    ]);
  });

  test('the write API writes to tasks and heartbeats, reads nothing else, and notes which apps have labels', () => {
    expect(actionsOf('write')).toEqual([
      ['dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem', 'task#* heartbeat'],
      ['dynamodb:UpdateItem', 'labelled'],
    ]);
  });

  test('the read API only reads', () => {
    expect(actionsOf('query')).toEqual([
      ['dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query', undefined],
      ['dynamodb:Query', undefined],
    ]);
  });
});

describe('functions', () => {
  test('run on nodejs24.x and arm64, and hold no secret in their environment', () => {
    for (const [, definition] of functions()) {
      expect(definition).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(Object.keys(definition.Environment.Variables)).not.toContain('CALLBACK_SECRETS');
      expect(Object.keys(definition.Environment.Variables).join()).not.toMatch(/ENDPOINT|ACCESS_KEY/);
    }
  });

  test('logs expire', () => {
    expect(ofType('AWS::Logs::LogGroup')).toHaveLength(functions().size);
    for (const [, { Properties }] of ofType('AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(30);
  });

  test('Lambda itself logs only the calls that fail', () => {
    for (const [, { LoggingConfig }] of functions()) {
      expect(LoggingConfig).toEqual({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
    }
  });

  test('offer the metrics of their log lines under the name of the deployment', () => {
    for (const [, { Environment }] of functions()) {
      expect(Environment.Variables).toMatchObject({
        METRICS_NAMESPACE: 'rtc-callbacks-prod',
        LOG_LEVEL: 'info',
      });
    }
  });
});

describe('choices', () => {
  test('batches and concurrency are bounded where one says so, and the stage dev keeps nothing', async () => {
    expect(properties('TencentLambdaFunction')).not.toHaveProperty('ReservedConcurrentExecutions');
    const { resources: chosen } = await packaged('dev');
    const queues = Object.values(chosen).filter(({ Type }) => Type === 'AWS::SQS::Queue');
    expect(queues.map(({ Properties }) => Properties.MaximumMessageSize)).toEqual(Array(6).fill(262_144));
    expect(chosen.TencentLambdaFunction?.Properties.Environment.Variables).toMatchObject({
      MAXIMUM_MESSAGE_BYTES: '262144',
    });
    for (const [, { Properties }] of Object.entries(chosen).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::Function',
    )) {
      const isIngest = SOURCES.has(Properties.FunctionName.replace('rtc-callbacks-dev-', ''));
      expect(Properties.ReservedConcurrentExecutions).toBe(isIngest ? 50 : undefined);
    }
    const mapping = chosen.ConsumerEventSourceMappingSQSCallbackQueue;
    expect(mapping?.Properties).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 20 },
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
    });
    expect(chosen.LedgerTable).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(chosen.CallbackQueue?.Properties.VisibilityTimeout).toBe(6 * 60 + 1);
  });

  test('only the functions, roles, routes and permissions of the chosen vendors are deployed', async () => {
    const { resources: chosen } = await packaged('dev');
    expect(Object.keys(chosen).filter((id) => /rongcloud/i.test(id))).toEqual([]);
    expect(JSON.stringify(chosen.Dashboard)).not.toContain('rongcloud');
    const names = Object.values(chosen)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties.FunctionName.replace('rtc-callbacks-dev-', ''));
    const left = [...functions().keys()].filter((name) => SOURCES.get(name)?.vendor !== 'rongcloud');
    expect(names.sort()).toEqual(left.sort());
  });

  test('metrics, and by vendor what is refused', async () => {
    const { resources: chosen } = await packaged('url');
    const off = {
      METRICS_NAMESPACE: '',
      ALLOWED_NETWORKS: '',
      PATH_SEGMENT: 'optional',
      VERIFICATION_MODE: 'enforce',
    };
    const on = { ALLOWED_NETWORKS: '192.0.2.0/24', PATH_SEGMENT: 'required', VERIFICATION_MODE: 'shadow' };
    expect(chosen.ZegoLambdaFunction?.Properties.Environment.Variables).toMatchObject(on);
    expect(chosen.ZegoDashrecordingLambdaFunction?.Properties.Environment.Variables).toMatchObject(on);
    expect(chosen.TencentLambdaFunction?.Properties.Environment.Variables).toMatchObject(off);
    expect(chosen.RongcloudDashroomLambdaFunction?.Properties.Environment.Variables).toMatchObject(off);
  });
});

describe('routes', () => {
  const routes = () => ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);

  test('every source has the route that its samples are sent to', () => {
    expect(SAMPLE_SOURCES.map(({ name }) => name).sort()).toEqual([...SOURCES.keys()].sort());
    for (const { name, path } of SAMPLE_SOURCES) {
      expect(routes().map(({ RouteKey }) => RouteKey)).toContain(`ANY ${path}/{segment+}`);
      const route = routes().find(({ RouteKey }) => RouteKey === `ANY ${path}`);
      const integration = route?.Target['Fn::Join'][1].find((part: unknown) => typeof part === 'object').Ref;
      const functionId = JSON.stringify(properties(integration).IntegrationUri);
      const logicalId = ofType('AWS::Lambda::Function').find(
        ([, { Properties }]) => Properties.FunctionName === `rtc-callbacks-prod-${name}`,
      )?.[0];
      expect([name, functionId]).toEqual([name, expect.stringContaining(String(logicalId))]);
    }
  });

  test('the read and the write API ask for IAM credentials, callbacks do not', () => {
    for (const { RouteKey, AuthorizationType } of routes()) {
      expect([RouteKey, AuthorizationType ?? 'NONE']).toEqual([
        RouteKey,
        RouteKey.startsWith('ANY ') || RouteKey === '$default' ? 'NONE' : 'AWS_IAM',
      ]);
    }
    // Two of each source, nine of the read API, four of the write API, and every other path.
    expect(routes()).toHaveLength(2 * SOURCES.size + 14);
  });
});
