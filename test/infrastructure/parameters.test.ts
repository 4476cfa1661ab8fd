import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { packageTemplate } from '../../build/package-service.ts';
import { parameterPage } from '../../docs/parameter-table.ts';
import { checkParameters, PARAMETERS } from '../../infrastructure/parameters.ts';
import { NO_ACCOUNT } from '../support/package-variants.ts';

const PLACE = { stage: 'prod', region: 'eu-west-1' };

const problemsOf = (given: object, place: object = {}) =>
  checkParameters({ ...given }, { ...PLACE, ...place }).problems;

const file = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the defaults are right, and typed', () => {
  const { values, problems } = checkParameters({}, PLACE);
  expect(problems).toEqual([]);
  expect(values).toMatchObject({
    eventHistoryDays: 30,
    changeEvents: true,
    gateway: 'http',
    zegoPurgeNearHours: 12,
  });
  expect(values).not.toHaveProperty('ingestReservedConcurrency');
});

test('text of the command line and values of a file come out the same', () => {
  const line = { consumerBatchSize: '10', changeEvents: 'false', vendors: 'zego, tencent' };
  const stage = { consumerBatchSize: 10, changeEvents: false, vendors: ['zego', 'tencent'] };
  const [fromLine, fromFile] = [line, stage].map((given) => checkParameters(given, PLACE));
  expect(fromLine).toEqual(fromFile);
  expect(fromLine?.values).toMatchObject(stage);
});

test.each([
  ['logLevel', 'debug', 'info, warn, or error'],
  ['rongcloudVerificationMode', 'shaddow', 'enforce or shadow'],
  ['tencentPathSegment', 'require', 'optional or required'],
  ['eventHistoryDays', 'abc', 'a whole number from 0 to 3650'],
  ['eventHistoryDays', '', 'a whole number from 0 to 3650'],
  ['eventHistoryDays', '1.5', 'a whole number from 0 to 3650'],
  ['zegoTaskSilentHours', '-1', 'a number from 0 to 100000'],
  ['zegoAllowedNetworks', '300.1.1.1', 'addresses and networks'],
  ['wafRequestsPerAddress', '9', 'a whole number from 10'],
  ['consumerMaximumConcurrency', '1', 'a whole number from 2'],
  ['maximumMessageBytes', '65536', 'a whole number from 262144 to 1048576'],
  ['changeEvents', 'yes', 'true or false'],
  ['logRetentionDays', '31', '30, 60'],
  ['webhookUrl', 'example.com', 'an http or https URL'],
  ['vendors', 'agora', 'some of rongcloud, tencent, zego'],
  ['vendors', '', 'some of rongcloud, tencent, zego'],
  ['page', 'loopback', 'off, iam, or token'],
  ['tracing', 'yes', 'off or on'],
  ['pageTimeZone', 'Mars/Base', 'a time zone such as Asia/Shanghai'],
])('%s may not be "%s"', (name, value, allowed) => {
  const [problem, ...others] = problemsOf({ [name]: value });
  expect(problem).toContain(`The parameter ${name} must be `);
  expect(problem).toContain(allowed);
  expect(problem).toContain(`not "${value}"`);
  expect(others).toEqual([]);
});

test('unknown and former names are refused', () => {
  expect(problemsOf({ eventHistroyDays: 1 })).toEqual(['There is no parameter eventHistroyDays.']);
  expect(problemsOf({ zegoVendorSilentHours: 1, systemLogLevel: 'INFO' })).toEqual([
    'The parameter zegoVendorSilentHours is now called zegoAppSilentHours.',
    'The parameter systemLogLevel no longer exists: leave it out.',
  ]);
});

const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';

describe('combinations', () => {
  test.each<[object, object, RegExp | undefined]>([
    [{ consumerBatchSize: 11 }, {}, /consumerBatchingWindowSeconds/],
    [{ consumerBatchSize: 11, consumerBatchingWindowSeconds: 1 }, {}, undefined],
    [{ domainName: 'a.example.com' }, {}, /certificateArn/],
    [{ certificateArn: CERTIFICATE }, {}, /domainName/],
    [{ domainName: 'a.example.com', certificateArn: CERTIFICATE }, {}, undefined],
    [{ domainName: 'a.example.com', certificateArn: CERTIFICATE }, { region: 'us-east-1' }, /us-east-1/],
    [{ domainName: 'a.example.com', certificateArn: CERTIFICATE, gateway: 'url' }, {}, /gateway/],
    [{ gateway: 'url' }, { region: 'cn-north-1' }, /function URLs/],
    [{ gateway: 'url' }, { region: 'us-gov-west-1' }, /function URLs/],
    [{ gateway: 'url' }, { region: 'ap-southeast-1' }, undefined],
    [{ tracing: 'on' }, { region: 'cn-northwest-1' }, /X-Ray/],
    [{}, { stage: 'a'.repeat(29) }, undefined],
    [{}, { stage: 'a'.repeat(30) }, /29 characters/],
    [{}, { stage: 'my_stage' }, /stage/],
  ])('%o in %o', (given, place, problem) => {
    const problems = problemsOf(given, place);
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems).toEqual([expect.stringMatching(problem)]);
  });
});

test('a wrong value is refused when the service is packaged, with all others', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-package-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const wrong = { logLevel: 'debug', nonsense: '1', gateway: 'soap' };
  await expect(packageTemplate(directory, 'prod', NO_ACCOUNT, wrong)).rejects.toThrow(
    /There is no parameter nonsense\.\n.*parameter gateway must be .*\n.*parameter logLevel must be /,
  );
});

test.each(['example', 'dev'])('the stage file %s is right', async (name) => {
  expect(problemsOf(parse(await file(`stages/${name}.yml`)))).toEqual([]);
});

test('the page of parameters is that of the table', async () => {
  expect(await file('docs/parameters.md')).toBe(parameterPage());
  for (const { meaning } of PARAMETERS) expect(meaning).not.toBe('');
});
