import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PackagedService, packaged } from '../support/packaged.ts';

let off: PackagedService;
let on: PackagedService;

beforeAll(async () => {
  [off, on] = await Promise.all([packaged('prod'), packaged('prod', { zegoQuery: 'on' })]);
});

afterAll(() => Promise.all([off, on].map((service) => service.remove())));

test('off, the function is not there at all', () => {
  expect(JSON.stringify(off.resources)).not.toMatch(/zego-query|ZegoQuery|server-secrets/);
});

test('on, it runs every quarter of an hour', () => {
  const rules = Object.values(on.resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::Events::Rule' && JSON.stringify(Properties.Targets).includes('ZegoDashquery'),
  );
  expect(rules.map(({ Properties }) => Properties.ScheduleExpression)).toEqual(['rate(15 minutes)']);
});

test('the ServerSecret has a parameter of its own, which this function alone may read', () => {
  const readers = Object.entries(on.resources).filter(
    ([, { Type, Properties }]) =>
      Type === 'AWS::IAM::Role' && JSON.stringify(Properties).includes('/prod/zego-server-secrets'),
  );
  expect(readers.map(([id]) => id)).toEqual(['ZegoQueryRole']);
  const statements: { Action: string | string[]; Resource: unknown }[] =
    readers[0]?.[1].Properties.Policies[0].PolicyDocument.Statement;
  const parameters = statements.filter(({ Action }) => Action === 'ssm:GetParameter');
  expect(parameters).toHaveLength(1);
  expect(JSON.stringify(parameters[0]?.Resource)).toContain(
    'parameter/rtc-callbacks/prod/zego-server-secrets',
  );
});
