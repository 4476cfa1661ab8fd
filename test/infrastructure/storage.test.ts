import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PackagedService, packaged } from '../support/packaged.ts';

const BUCKETS = 'arn:aws:s3:::lessons,arn:aws:s3:::exams';

let off: PackagedService;
let on: PackagedService;
let confirming: PackagedService;

beforeAll(async () => {
  [off, on, confirming] = await Promise.all([
    packaged('prod'),
    packaged('prod', { storageCheck: 'on' }),
    packaged('prod', { storageCheck: 'on', storageBuckets: BUCKETS, confirmUploads: 'on' }),
  ]);
});

afterAll(() => Promise.all([off, on, confirming].map((service) => service.remove())));

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

test('the stream invokes it for uploads alone, and only with confirmUploads', () => {
  const mappings = ({ resources }: PackagedService) =>
    Object.values(resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        JSON.stringify(Properties.FunctionName).includes('StorageDashcheck'),
    );
  expect(mappings(on)).toEqual([]);
  const [mapping] = mappings(confirming);
  expect(JSON.parse(mapping?.Properties.FilterCriteria.Filters[0].Pattern).dynamodb.NewImage).toEqual({
    uploadOrder: { S: [{ prefix: '1#' }, { prefix: '2#' }] },
  });
});
