import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { SOURCES } from '../../lib/vendors/sources.ts';
import { packageService } from '../../local/stack/package-service.ts';

interface Resource {
  Type: string;
  DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of CloudFormation resources have no common shape.
  Properties: Record<string, any>;
}

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

let directory = '';
let resources: Record<string, Resource> = {};
let packageFolder = '';

/** The environment of a machine that has no AWS account. */
const environment = { PATH: process.env.PATH, HOME: tmpdir() };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-package-'));
  packageFolder = await packageService(join(directory, 'service'), 'prod', environment);
  const template = await readFile(join(packageFolder, 'cloudformation-template-update-stack.json'), 'utf8');
  resources = JSON.parse(template).Resources;
});

afterAll(() => rm(directory, { recursive: true, force: true }));

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

  test.each(queues)('%s is encrypted, takes 1 MiB and keeps messages for 14 days', (queue) => {
    expect(properties(queue)).toMatchObject({
      SqsManagedSseEnabled: true,
      MaximumMessageSize: 1_048_576,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
  });

  test('a message is invisible for at least six times the time-out of the consumer', () => {
    const timeout = functions().get('consumer')?.Timeout;
    expect(properties('CallbackQueue').VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeout);
  });

  test('a message that keeps failing goes to the dead-letter queue', () => {
    expect(properties('CallbackQueue').RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
      maxReceiveCount: 5,
    });
  });

  test('the consumer answers with partial batch failures', () => {
    expect(ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)).toMatchObject([
      {
        EventSourceArn: { 'Fn::GetAtt': ['CallbackQueue', 'Arn'] },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BatchSize: 10,
      },
    ]);
  });
});

test('the table is on demand, encrypted, restorable, expires items and survives the stack', () => {
  expect(properties('LedgerTable')).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    SSESpecification: { SSEEnabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
  expect(resources.LedgerTable?.DeletionPolicy).toBe('Retain');
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

  test('a function that receives callbacks may send to the queue and read its vendor’s secrets, no more', () => {
    for (const [name, { vendor }] of SOURCES) {
      const actions = statementsOf(name).flatMap(({ Action }) => Action);
      expect([name, actions]).toEqual([
        name,
        ['logs:CreateLogStream', 'logs:PutLogEvents', 'sqs:SendMessage', 'ssm:GetParameter'],
      ]);
      expect(JSON.stringify(statementsOf(name))).toContain(`parameter/rtc-callbacks/prod/${vendor}"`);
      expect(functions().get(name)?.Environment.Variables.SECRETS_PARAMETER).toBe(
        `/rtc-callbacks/prod/${vendor}`,
      );
    }
  });

  test('the consumer only writes, the read API only reads', () => {
    const actionsOf = (name: string) =>
      statementsOf(name)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.startsWith('dynamodb:'));
    expect(actionsOf('consumer').sort()).toEqual(['dynamodb:PutItem', 'dynamodb:UpdateItem']);
    expect(new Set(actionsOf('query'))).toEqual(
      new Set(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']),
    );
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

  test('what says nothing of state and what is quarantined is counted from the log', () => {
    const counted = ofType('AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties.FilterPattern);
    expect(counted.join()).toMatch(/verdict = "event".*verdict = "quarantined"/s);
  });

  test('a function that receives callbacks is a small zip without the SDK', async () => {
    for (const name of SOURCES.keys()) {
      expect((await stat(join(packageFolder, `${name}.zip`))).size).toBeLessThan(20_000);
    }
  });
});

describe('routes', () => {
  const routes = () => ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);

  test('every source has the route that its samples are sent to', () => {
    expect(SAMPLE_SOURCES.map(({ name }) => name).sort()).toEqual([...SOURCES.keys()].sort());
    for (const { name, path } of SAMPLE_SOURCES) {
      const route = routes().find(({ RouteKey }) => RouteKey === `ANY ${path}`);
      const integration = route?.Target['Fn::Join'][1].find((part: unknown) => typeof part === 'object').Ref;
      const functionId = JSON.stringify(properties(integration).IntegrationUri);
      const logicalId = ofType('AWS::Lambda::Function').find(
        ([, { Properties }]) => Properties.FunctionName === `rtc-callbacks-prod-${name}`,
      )?.[0];
      expect([name, functionId]).toEqual([name, expect.stringContaining(String(logicalId))]);
    }
  });

  test('the read API asks for IAM credentials, callbacks do not', () => {
    for (const { RouteKey, AuthorizationType } of routes()) {
      expect([RouteKey, AuthorizationType ?? 'NONE']).toEqual([
        RouteKey,
        RouteKey.startsWith('GET ') ? 'AWS_IAM' : 'NONE',
      ]);
    }
    expect(routes()).toHaveLength(SOURCES.size + 3);
  });
});
