import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTENTION_REASONS } from '../../lib/watch/run.ts';
import { watchSettings } from '../../lib/watch/settings.ts';
import { packageService } from '../../local/stack/package-service.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of CloudFormation resources have no common shape.
  Properties: Record<string, any>;
}

let directory = '';
let resources: Record<string, Resource> = {};

async function packaged(parameters: Record<string, string> = {}): Promise<Record<string, Resource>> {
  const environment = { PATH: process.env.PATH, HOME: tmpdir() };
  const folder = await packageService(join(directory, 'service'), 'prod', environment, parameters);
  return JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'))
    .Resources;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-watch-'));
  resources = await packaged();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function ofType(type: string): Resource['Properties'][] {
  return Object.values(resources)
    .filter((resource) => resource.Type === type)
    .map(({ Properties }) => Properties);
}

const variables = (of: typeof resources) => of.WatchLambdaFunction?.Properties.Environment.Variables;

test('the watch runs every five minutes, and ends before the next run', () => {
  const rule = ofType('AWS::Events::Rule').find(
    ({ Targets }) => Targets[0].Arn['Fn::GetAtt'][0] === 'WatchLambdaFunction',
  );
  expect(rule).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' });
  expect(resources.WatchLambdaFunction?.Properties.Timeout).toBeLessThan(300);
});

test('its index holds keys only, and only of what is waited for', () => {
  const { GlobalSecondaryIndexes, AttributeDefinitions } = resources.LedgerTable?.Properties ?? {};
  expect(GlobalSecondaryIndexes).toContainEqual({
    IndexName: 'watch',
    KeySchema: [
      { AttributeName: 'watch', KeyType: 'HASH' },
      { AttributeName: 'watchAt', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });
  expect(AttributeDefinitions).toEqual(
    expect.arrayContaining([
      { AttributeName: 'watch', AttributeType: 'S' },
      { AttributeName: 'watchAt', AttributeType: 'S' },
    ]),
  );
});

describe('permissions', () => {
  const statementsOf = (role: string) =>
    resources[role]?.Properties.Policies.flatMap(
      (policy: Resource['Properties']) => policy.PolicyDocument.Statement,
    );

  test('it queries its indexes, and touches tasks and heartbeats only', () => {
    const [, indexes, table, ...others] = statementsOf('WatchRole');
    expect(indexes.Action).toBe('dynamodb:Query');
    expect(JSON.stringify(indexes.Resource).match(/index\/\w+/g)).toEqual(['index/attention', 'index/watch']);
    expect(table).toEqual({
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      Resource: { 'Fn::GetAtt': ['LedgerTable', 'Arn'] },
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['task#*', 'heartbeat'] } },
    });
    expect(others).toEqual([]);
  });

  test('the read API reads what it has found', () => {
    expect(JSON.stringify(statementsOf('QueryRole'))).toContain('index/watch');
  });
});

describe('settings', () => {
  test('have the documented defaults', () => {
    const { thresholds, keepMs } = watchSettings(variables(resources));
    expect(keepMs).toBe(7 * 24 * HOUR);
    const common = { uploadMissingMs: HOUR, taskSilentMs: 24 * HOUR, vendorSilentMs: 24 * HOUR };
    expect(thresholds('rongcloud')).toEqual({
      ...common,
      screenshotMissingMs: 30 * MINUTE,
      purgeNearMs: 6 * HOUR,
    });
    expect(thresholds('tencent')).toEqual({ ...common, screenshotMissingMs: 0, purgeNearMs: 0 });
    expect(thresholds('zego')).toEqual({ ...common, screenshotMissingMs: 0, purgeNearMs: 12 * HOUR });
  });

  test('are chosen by vendor; 0 switches one off', async () => {
    const parameters = { zegoUploadMissingMinutes: '0', zegoTaskSilentHours: '1.5', attentionDays: '0' };
    const { thresholds, keepMs } = watchSettings(variables(await packaged(parameters)));
    expect(thresholds('zego')).toMatchObject({ uploadMissingMs: 0, taskSilentMs: 90 * MINUTE });
    expect(thresholds('tencent')).toMatchObject({ uploadMissingMs: HOUR, taskSilentMs: 24 * HOUR });
    expect(keepMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('that are no numbers are refused', () => {
    expect(() => watchSettings({ ZEGO_PURGE_NEAR_HOURS: 'soon' })).toThrow('ZEGO_PURGE_NEAR_HOURS');
  });
});

describe('metrics', () => {
  const nameOf = (reason: string) =>
    `Attention${reason.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;

  test('count the entries of every reason from the line of the watch', () => {
    const counted = ofType('AWS::Logs::MetricFilter')
      .filter(({ LogGroupName }) => LogGroupName.Ref === 'WatchLogGroup')
      .map(({ FilterPattern, MetricTransformations: [{ MetricName, MetricValue }] }) => [
        FilterPattern,
        MetricName,
        MetricValue,
      ]);
    expect(counted).toEqual(
      ATTENTION_REASONS.map((reason) => ['{ $.message = "watch" }', nameOf(reason), `$.${reason}`]),
    );
  });

  test('ring when something will be lost or is missing, or when the watch fails', () => {
    const metrics = ofType('AWS::CloudWatch::Alarm').map(({ MetricName, Dimensions }) =>
      [MetricName, Dimensions?.[0].Value.Ref].filter(Boolean).join(' '),
    );
    const reasons = ['purge_near', 'upload_missing', 'task_silent', 'screenshot_missing', 'vendor_silent'];
    expect(metrics).toEqual(expect.arrayContaining([...reasons.map(nameOf), 'Errors WatchLambdaFunction']));
  });
});
