import { beforeAll, expect, test } from 'vitest';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type PackagedService, packaged, type Resource } from '../support/packaged.ts';

let off: PackagedService;
let on: PackagedService;

beforeAll(async () => {
  [off, on] = await Promise.all([packaged('usual'), packaged('rest')]);
});

function ofType({ resources }: PackagedService, type: string): Resource['Properties'][] {
  return Object.values(resources)
    .filter((resource) => resource.Type === type)
    .map(({ Properties }) => Properties);
}

const TRACE = {
  Effect: 'Allow',
  Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  Resource: '*',
};

test('off, nothing is traced, permitted or handed on', () => {
  const template = JSON.stringify(off.resources);
  for (const word of ['TracingConfig', 'xray', '"TRACING"']) expect(template).not.toContain(word);
});

test('on, every function is traced and may say so', () => {
  const functions = ofType(on, 'AWS::Lambda::Function');
  expect(functions.length).toBeGreaterThan(SAMPLE_SOURCES.length);
  for (const { TracingConfig, Role } of functions) {
    expect(TracingConfig).toEqual({ Mode: 'Active' });
    const [{ PolicyDocument }] = on.resources[Role['Fn::GetAtt'][0]]?.Properties.Policies ?? [];
    expect(PolicyDocument.Statement.at(-1)).toEqual(TRACE);
  }
});

test('on, the functions that receive callbacks hand the trace on, the others need not', () => {
  const traced = ofType(on, 'AWS::Lambda::Function')
    .filter(({ Environment }) => Environment.Variables.TRACING === 'on')
    .map(({ FunctionName }) => FunctionName.replace('rtc-callbacks-prod-', ''));
  expect(traced.sort()).toEqual(SAMPLE_SOURCES.map(({ name }) => name).sort());
});
