import { beforeAll, describe, expect, test } from 'vitest';
import { ATTENTION_REASONS } from '../../lib/attention/run.ts';
import { watchSettings } from '../../lib/attention/settings.ts';
import { watch } from '../../lib/attention/watch.ts';
import { createLog } from '../../lib/platform/log.ts';
import { type PackagedService, packaged, type Resource } from '../support/packaged.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let resources: PackagedService['resources'] = {};

beforeAll(async () => {
  ({ resources } = await packaged('usual'));
});

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
    expect(others).toEqual([{ Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'AlarmTopic' } }]);
  });

  test('the read API reads what it has found', () => {
    expect(JSON.stringify(statementsOf('QueryRole'))).toContain('index/watch');
  });
});

describe('settings', () => {
  test('have the documented defaults', () => {
    const { thresholds, keepMs, stage } = watchSettings(variables(resources));
    expect(stage).toBe('prod');
    expect(keepMs).toBe(7 * 24 * HOUR);
    const common = { uploadMissingMs: HOUR, taskSilentMs: 24 * HOUR, appSilentMs: 24 * HOUR };
    expect(thresholds('rongcloud')).toEqual({
      ...common,
      screenshotMissingMs: 30 * MINUTE,
      purgeNearMs: 6 * HOUR,
    });
    expect(thresholds('tencent')).toEqual({ ...common, screenshotMissingMs: 0, purgeNearMs: 0 });
    expect(thresholds('zego')).toEqual({ ...common, screenshotMissingMs: 0, purgeNearMs: 12 * HOUR });
  });

  test('are chosen by vendor; 0 switches one off', async () => {
    const chosen = await packaged('url');
    const { thresholds, keepMs } = watchSettings(variables(chosen.resources));
    expect(thresholds('zego')).toMatchObject({ uploadMissingMs: 0, taskSilentMs: 90 * MINUTE });
    expect(thresholds('tencent')).toMatchObject({ uploadMissingMs: HOUR, taskSilentMs: 24 * HOUR });
    expect(keepMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('that are no numbers are refused', () => {
    expect(() =>
      watchSettings({
        ATTENTION_DAYS: '7',
        FAILED_UPLOAD_ALARM_MINUTES: '30',
        ZEGO_PURGE_NEAR_HOURS: 'soon',
      }),
    ).toThrow('ZEGO_PURGE_NEAR_HOURS');
  });
});

describe('metrics', () => {
  test('count the entries of every reason in the line of the watch', async () => {
    const lines: string[] = [];
    const log = createLog({ METRICS_NAMESPACE: 'rtc-callbacks-prod' }, (line) => lines.push(line));
    const table = { list: async () => ({ items: [] }), async *pages() {} };
    const publish = async () => ({ ok: true });
    const services = { table, change: async () => false, publish, log, now: Date.now };
    await watch(
      services as never,
      watchSettings({ ATTENTION_DAYS: '7', FAILED_UPLOAD_ALARM_MINUTES: '30' }),
      Number.POSITIVE_INFINITY,
    );
    const [directive] = JSON.parse(lines[0] ?? '')._aws.CloudWatchMetrics;
    expect(directive.Metrics.map(({ Name }: { Name: string }) => Name)).toEqual([
      ...ATTENTION_REASONS,
      'savable',
      'newlyLost',
    ]);
  });

  test('ring when something will be lost or is missing, or when the watch fails', () => {
    const metrics = ofType('AWS::CloudWatch::Alarm').map(({ MetricName, Dimensions }) =>
      [MetricName, Dimensions?.[0].Value.Ref].filter(Boolean).join(' '),
    );
    expect(metrics).toEqual(expect.arrayContaining(['savable', 'newlyLost', 'Errors WatchLambdaFunction']));
    // A notice says once that something is missing: an alarm would ring for as long as it is.
    for (const reason of ATTENTION_REASONS) expect(metrics).not.toContain(reason);
  });
});
