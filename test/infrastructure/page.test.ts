import { beforeAll, describe, expect, test } from 'vitest';
import { hideAttentionItem } from '../../lib/attention/hidden.ts';
import type { ChangeItem } from '../../lib/attention/item-changes.ts';
import type { LedgerTable } from '../../lib/ledger/table.ts';
import { SECRETS_KEY } from '../support/package-variants.ts';
import { packaged, type Resource } from '../support/packaged.ts';

const variants: Record<string, Record<string, Resource>> = {};

beforeAll(async () => {
  const chosen = { off: 'usual', iam: 'full', token: 'rest' } as const;
  for (const [access, variant] of Object.entries(chosen))
    variants[access] = (await packaged(variant)).resources;
});

function properties(variant: string, logicalId: string) {
  return variants[variant]?.[logicalId]?.Properties;
}

/** The routes of the page and whether they ask for IAM credentials. */
function routes(variant: string): [key: string, authorization: string][] {
  return Object.values(variants[variant] ?? {})
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }): [string, string] => [Properties.RouteKey, Properties.AuthorizationType ?? 'NONE'])
    .filter(([key]) => / \/(?:page\/.+)?$/.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function statements(variant: string) {
  return properties(variant, 'PageRole')?.Policies[0].PolicyDocument.Statement as {
    Action: string | string[];
    Condition?: Record<string, Record<string, unknown>>;
  }[];
}

test('roles that read secrets may decrypt with the key of secretsKeyArn, where there is one', () => {
  const roles = Object.entries(variants.token ?? {}).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  const decrypts = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: SECRETS_KEY };
  const readers = roles.filter(([, role]) => JSON.stringify(role).includes('ssm:GetParameter'));
  expect(readers.length).toBeGreaterThan(10);
  for (const [id, { Properties }] of roles) {
    const statements = Properties.Policies?.[0].PolicyDocument.Statement ?? [];
    const isReader = readers.some(([reader]) => reader === id);
    expect([id, statements.filter(({ Action }: { Action: unknown }) => Action === 'kms:Decrypt')]).toEqual([
      id,
      isReader ? [decrypts] : [],
    ]);
  }
  expect(JSON.stringify(variants.off)).not.toContain('kms:Decrypt');
});

describe('off', () => {
  test('is the default, and leaves nothing of the page', () => {
    expect(Object.keys(variants.off ?? {}).filter((id) => /page/i.test(id))).toEqual([]);
    expect(routes('off')).toEqual([]);
  });
});

describe('iam', () => {
  test('asks for IAM credentials on every route', () => {
    expect(routes('iam')).toEqual([
      ['GET /', 'AWS_IAM'],
      ['GET /page/{view}', 'AWS_IAM'],
      ['POST /page/{view}', 'AWS_IAM'],
    ]);
  });

  test('reads the table, hides attention items, and does nothing else', () => {
    expect(statements('iam').map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
  });

  test('loads pictures where that is chosen', () => {
    const { Variables } = properties('iam', 'PageLambdaFunction')?.Environment ?? {};
    expect(Variables).toMatchObject({ ACCESS: 'iam', STAGE: 'prod', THUMBNAILS: 'on', TIME_ZONE: 'UTC' });
    expect(Object.keys(Variables)).not.toContain('LOCAL_STACK_URL');
  });
});

describe.each(['iam', 'token'])('%s: of items the page may change', (variant) => {
  const update = () => statements(variant).find(({ Action }) => Action === 'dynamodb:UpdateItem');

  test('tasks, files and heartbeats, and of these the decision to hide', () => {
    expect(update()).toEqual({
      Effect: 'Allow',
      Action: 'dynamodb:UpdateItem',
      Resource: { 'Fn::GetAtt': ['LedgerTable', 'Arn'] },
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['task#*', 'heartbeat'] },
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': expect.any(Array) },
        StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
      },
    });
  });

  test('all that the decision names, and no facet, URL or time to live', async () => {
    const allowed = update()?.Condition?.['ForAllValues:StringEquals']?.['dynamodb:Attributes'] as string[];
    const named = new Set(['pk', 'sk']);
    const change: ChangeItem = async (_item, as, { set = {} }) => {
      for (const name of [...as, ...Object.keys(set)]) named.add(name);
      return true;
    };
    const item = {
      ...{ attention: { S: 'attention#0' }, failedSince: { S: '' } },
      ...{ watch: { S: 'overdue#0' }, watchReason: { S: 'task_silent' } },
    };
    const table = { get: async () => item } as unknown as LedgerTable;
    for (const kind of ['failure', 'overdue'] as const) {
      const key = { kind, key: { pk: 'task#a', sk: 'head' } };
      const result = await hideAttentionItem({ table, change }, key, { by: 'ops', why: 'a test' }, 0);
      expect(result.ok).toBe(true);
    }
    expect(allowed.toSorted()).toEqual([...named].toSorted());
  });
});

describe('token', () => {
  test('has a route for its form too, on the HTTP API also where callbacks come in by another one', () => {
    expect(routes('token')).toEqual([
      ['GET /', 'NONE'],
      ['GET /page/{view}', 'NONE'],
      ['POST /page/{view}', 'NONE'],
    ]);
  });

  test('may read its own parameter, in the partition that it is deployed to', () => {
    const { Variables } = properties('token', 'PageLambdaFunction')?.Environment ?? {};
    expect(Variables).toMatchObject({
      ACCESS: 'token',
      THUMBNAILS: 'off',
      TOKEN_PARAMETER: '/rtc-callbacks/prod/page-token',
      AWS_ENDPOINT_URL_SSM: {
        'Fn::Sub': expect.stringMatching(/^https:\/\/ssm\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}$/),
      },
    });
    expect(statements('token')).toContainEqual({
      Effect: 'Allow',
      Action: 'ssm:GetParameter',
      Resource: { 'Fn::Sub': expect.stringMatching(/:ssm:.*:parameter\/rtc-callbacks\/prod\/page-token$/) },
    });
  });
});
