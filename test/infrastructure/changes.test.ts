import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { CHANGE_TYPES } from '../../docs/change-types.ts';
import { eventMatcher } from '../../stack/event-pattern.ts';
import { type PackagedService, packaged, type Resource } from '../support/packaged.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let usual: PackagedService;
let chosen: PackagedService;

beforeAll(async () => {
  [usual, chosen] = await Promise.all([packaged('usual'), packaged('url')]);
});

function properties(logicalId: string, { resources } = usual): Resource['Properties'] {
  return resources[logicalId]?.Properties ?? {};
}

const STREAM_MAPPING = 'ChangesEventSourceMappingDynamodbLedgerTable';
const WEBHOOK_MAPPING = 'WebhookEventSourceMappingSQSWebhookQueue';

/** What a role allows, without its own log group. */
function allowed(role: string): [actions: string[], resource: unknown][] {
  return properties(role)
    .Policies.flatMap(({ PolicyDocument }: Resource['Properties']) => PolicyDocument.Statement)
    .map(({ Action, Resource }: { Action: string | string[]; Resource: unknown }) => [
      [Action].flat().sort(),
      Resource,
    ])
    .filter(([actions]: [string[]]) => !actions[0]?.startsWith('logs:'));
}

describe('the stream', () => {
  test('has both images, and no crash loses a record of it', () => {
    expect(properties('LedgerTable').StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(properties(STREAM_MAPPING)).toMatchObject({
      Enabled: true,
      EventSourceArn: { 'Fn::GetAtt': ['LedgerTable', 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 12 * 60 * 60,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': ['ChangeFailureQueue', 'Arn'] } },
      },
    });
    expect(properties(STREAM_MAPPING)).not.toHaveProperty('MaximumRetryAttempts');
  });

  const filters = () =>
    properties(STREAM_MAPPING).FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
      eventMatcher(JSON.parse(Pattern)),
    );
  const invokes = (record: object) =>
    filters().filter((matches: (record: object) => boolean) => matches(record)).length > 0;

  test.each([
    ['a task', 'task#zego#1#t', 'head', 'INSERT', true],
    ['a file', 'task#zego#1#t', 'file#a.mp4', 'MODIFY', true],
    ['a room', 'room#zego#1#r', 'head', 'MODIFY', true],
    ['a removed task', 'task#zego#1#t', 'head', 'REMOVE', false],
    ['an event of a task', 'task#zego#1#t', 'event#0#0', 'INSERT', false],
    ['an event of a room', 'room#zego#1#r', 'event#0#0', 'INSERT', false],
    ['a credential', 'credential#zego#1#5bd5', 'head', 'INSERT', false],
    ['a spilled callback', 'spill#0', 'head', 'INSERT', false],
    ['a stored body', 'body#0', 'head', 'INSERT', false],
  ])('%s invokes the function: %s %s %s %s', (_what, pk, sk, eventName, expected) => {
    expect(invokes({ eventName, dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } })).toBe(expected);
  });

  test('a heartbeat invokes the function where it makes or ends an entry, and else not', () => {
    const Keys = { pk: { S: 'heartbeat' }, sk: { S: 'zego#1' } };
    const [quiet, entry] = [{ lastReceivedAt: { S: '' } }, { watch: { S: 'overdue#1' } }];
    const images = [
      [undefined, quiet],
      [quiet, quiet],
      [quiet, entry],
      [entry, quiet],
    ];
    expect(
      images.map(([OldImage, NewImage]) =>
        invokes({ eventName: 'MODIFY', dynamodb: { Keys, OldImage, NewImage } }),
      ),
    ).toEqual([false, false, true, true]);
  });

  test('is not read where changes are switched off', () => {
    expect(properties(STREAM_MAPPING, chosen).Enabled).toBe(false);
  });
});

describe('the webhook', () => {
  test('is off without a URL: no rule, and nobody asks the queue', () => {
    expect([properties('WebhookRule').State, properties(WEBHOOK_MAPPING).Enabled]).toEqual([
      'DISABLED',
      false,
    ]);
  });

  test('queues every event of the bus and posts it from there', () => {
    expect(properties('WebhookRule', chosen)).toMatchObject({
      State: 'ENABLED',
      EventBusName: { Ref: 'ChangeBus' },
      EventPattern: { source: ['rtc-callbacks'] },
      Targets: [{ Arn: { 'Fn::GetAtt': ['WebhookQueue', 'Arn'] }, InputPath: '$.detail' }],
    });
    expect(properties(WEBHOOK_MAPPING, chosen)).toMatchObject({
      Enabled: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const { Environment, Timeout } = properties('WebhookLambdaFunction', chosen);
    expect(Environment.Variables).toMatchObject({
      QUEUE_URL: { Ref: 'WebhookQueue' },
      WEBHOOK_URL: 'https://example.com/hook',
      SECRET_PARAMETER: '/rtc-callbacks/prod/webhook',
    });
    expect(properties('WebhookQueue', chosen)).toMatchObject({
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['WebhookDeadLetterQueue', 'Arn'] },
        maxReceiveCount: 14,
      },
    });
    expect(properties('WebhookQueue', chosen).VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
  });

  test('has a queue that only its rule may send to', () => {
    expect(properties('ChangeQueuePolicy').PolicyDocument.Statement.slice(1)).toEqual([
      {
        Sid: 'AllowRule',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: { 'Fn::GetAtt': ['WebhookQueue', 'Arn'] },
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['WebhookRule', 'Arn'] } } },
      },
    ]);
  });
});

test('the functions may do what they do, no more', () => {
  expect(allowed('ChangesRole')).toEqual([
    [
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      { 'Fn::GetAtt': ['LedgerTable', 'StreamArn'] },
    ],
    [['dynamodb:BatchGetItem'], { 'Fn::GetAtt': ['LedgerTable', 'Arn'] }],
    [['dynamodb:Query'], { 'Fn::GetAtt': ['LedgerTable', 'Arn'] }],
    [['events:PutEvents'], { 'Fn::GetAtt': ['ChangeBus', 'Arn'] }],
    [['sqs:SendMessage'], { 'Fn::GetAtt': ['ChangeFailureQueue', 'Arn'] }],
  ]);
  expect(allowed('WebhookRole')).toEqual([
    [
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      { 'Fn::GetAtt': ['WebhookQueue', 'Arn'] },
    ],
    [['ssm:GetParameter'], { 'Fn::Sub': expect.stringMatching(/:parameter\/rtc-callbacks\/prod\/webhook$/) }],
  ]);
});

test('the document lists every type with its meaning', async () => {
  const page = await readFile(join(PROJECT, 'docs/change-events.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(rtc\.[a-z_.]+)` +\| (.*?) +\|$/gm)].map(([, type, meaning]) => [
    type,
    meaning,
  ]);
  expect(rows).toEqual(Object.entries(CHANGE_TYPES));
});

describe('the types that users import', () => {
  const CONSUMER = `
    import type { AttentionReason, ChangeEvent, ChangeType, File, FileChangeEvent } from 'rtc-callbacks';

    export function uploadedUrl(event: ChangeEvent): string | undefined {
      return event.type === 'rtc.file.uploaded' ? event.data.file.url : undefined;
    }
    export function status(event: FileChangeEvent): File['status'] {
      return event.data.file.status;
    }
    export function page(event: ChangeEvent): [AttentionReason, string | undefined] | undefined {
      if (event.type !== 'rtc.attention.raised') return undefined;
      return [event.data.reason, 'file' in event.data ? event.data.file.purgeAt : undefined];
    }
    export const types: ChangeType[] = ['rtc.task.started', 'rtc.room.closed'];
    // @ts-expect-error there is no such type
    export const wrong: ChangeType = 'rtc.file.deleted';
    // @ts-expect-error a file's change has no room
    export const room = (event: FileChangeEvent) => event.data.room;
  `;

  test.each(['nodenext', 'bundler'])(
    'compile in a strict project with the resolution %s',
    async (moduleResolution) => {
      const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-consumer-'));
      await mkdir(join(directory, 'node_modules'));
      await symlink(PROJECT, join(directory, 'node_modules', 'rtc-callbacks'), 'junction');
      const compilerOptions = {
        strict: true,
        noEmit: true,
        types: [],
        target: 'es2022',
        module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
        moduleResolution,
      };
      await writeFile(join(directory, 'package.json'), '{"type":"module"}');
      await writeFile(
        join(directory, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
      );
      await writeFile(join(directory, 'consumer.ts'), CONSUMER);
      const compiler = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
      const compiled = await promisify(execFile)(process.execPath, [compiler, '-p', directory]).catch(
        (error: { stdout: string }) => error,
      );
      expect(compiled.stdout).toBe('');
      await rm(directory, { recursive: true });
    },
  );
});
