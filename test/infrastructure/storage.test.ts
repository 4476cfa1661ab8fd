import { beforeAll, describe, expect, test } from 'vitest';
import { eventMatcher } from '../../stack/event-pattern.ts';
import { BUCKETS } from '../support/package-variants.ts';
import { type PackagedService, packaged } from '../support/packaged.ts';

let off: PackagedService;
let on: PackagedService;
let confirming: PackagedService;

beforeAll(async () => {
  [off, on, confirming] = await Promise.all([packaged('usual'), packaged('rest'), packaged('full')]);
});

const statementsOf = ({ resources }: PackagedService) =>
  resources.StorageCheckRole?.Properties.Policies[0].PolicyDocument.Statement as {
    Action: string | string[];
    Resource: unknown;
    Condition?: unknown;
  }[];

const actionsOf = (service: PackagedService) => statementsOf(service).flatMap(({ Action }) => Action);

test('off, it is not there at all', () => {
  expect(Object.keys(off.resources).filter((id) => id.startsWith('Storage'))).toEqual([]);
});

test('on, it runs every quarter of an hour and ends before the next run', () => {
  const rule = Object.values(on.resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Events::Rule' &&
      Properties.Targets[0].Arn['Fn::GetAtt']?.[0] === 'StorageDashcheckLambdaFunction',
  );
  expect(rule?.Properties).toMatchObject({ ScheduleExpression: 'rate(15 minutes)', State: 'ENABLED' });
  expect(on.resources.StorageDashcheckLambdaFunction?.Properties.Timeout).toBeLessThan(15 * 60);
});

describe('its role', () => {
  test('reads no bucket that storageBuckets does not list, and writes none', () => {
    expect(actionsOf(on).filter((action) => action.startsWith('s3:'))).toEqual([]);
    const buckets = BUCKETS.split(',');
    expect(statementsOf(confirming).filter(({ Action }) => String(Action).startsWith('s3:'))).toEqual([
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: buckets },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: buckets.map((bucket) => `${bucket}/*`) },
    ]);
  });

  test('reads one parameter, and nobody else reads that', () => {
    const readers = Object.entries(on.resources).filter(([, resource]) =>
      JSON.stringify(resource).includes('parameter/rtc-callbacks/prod/storage'),
    );
    expect(readers.map(([id]) => id)).toEqual(['StorageCheckRole']);
  });

  test('changes tasks and files, and puts its report', () => {
    const writes = statementsOf(on).filter(({ Action }) => /PutItem|UpdateItem/.test(String(Action)));
    expect(writes.map(({ Condition }) => Condition)).toEqual(
      [['task#*'], ['report']].map((keys) => ({
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
      })),
    );
  });
});

test('the stream invokes it for files that may have been uploaded, and only with confirmUploads', () => {
  const mappings = ({ resources }: PackagedService) =>
    Object.values(resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        JSON.stringify(Properties.FunctionName).includes('StorageDashcheck'),
    );
  expect(mappings(on)).toEqual([]);
  const [mapping] = mappings(confirming);
  const patterns: { Pattern: string }[] = mapping?.Properties.FilterCriteria.Filters;
  // AWS takes five.
  expect(patterns.length).toBeLessThanOrEqual(5);
  const matchers = patterns.map(({ Pattern }) => eventMatcher(JSON.parse(Pattern)));
  const isTaken = (eventName: string, sk: string, orders: Record<string, string>) => {
    const NewImage = Object.fromEntries(Object.entries(orders).map(([name, order]) => [name, { S: order }]));
    const record = {
      eventName,
      dynamodb: { Keys: { pk: { S: 'task#tencent#1#t' }, sk: { S: sk } }, NewImage },
    };
    return matchers.some((matches) => matches(record));
  };
  const file = 'file#a.mp4';
  expect({
    'a task whose files were uploaded': isTaken('MODIFY', 'head', { uploadOrder: '1#' }),
    'a task that began': isTaken('INSERT', 'head', { startOrder: '0#' }),
    'a file that is named first': isTaken('INSERT', file, { segmentOrder: '0#' }),
    'a file that was closed': isTaken('MODIFY', file, { segmentOrder: '0#' }),
    'a file that was uploaded': isTaken('MODIFY', file, { uploadOrder: '1#' }),
    'a file that failed': isTaken('MODIFY', file, { uploadOrder: '0#' }),
    'a file that was not there': isTaken('MODIFY', file, { uploadOrder: '1#', storageOrder: '0#' }),
    'a file that is there': isTaken('MODIFY', file, { uploadOrder: '1#', storageOrder: '1#' }),
    'a file that was found': isTaken('INSERT', file, { storageOrder: '1#' }),
    'a file that the vendor has uploaded': isTaken('MODIFY', file, { answerOrder: '3#' }),
    'a file that the vendor is uploading': isTaken('MODIFY', file, { answerOrder: '1#' }),
    'a stored callback': isTaken('INSERT', 'event#1', {}),
  }).toEqual({
    'a task whose files were uploaded': true,
    'a task that began': false,
    'a file that is named first': true,
    'a file that was closed': false,
    'a file that was uploaded': true,
    'a file that failed': true,
    'a file that was not there': true,
    'a file that is there': false,
    'a file that was found': false,
    'a file that the vendor has uploaded': true,
    'a file that the vendor is uploading': false,
    'a stored callback': false,
  });
});
