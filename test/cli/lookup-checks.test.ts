import { expect, test } from 'vitest';
import { reportChecks } from '../../cli/lookup-checks.ts';

const at = '2026-01-15T12:00:00.000Z';
const now = Date.parse(at);

test.each([
  ['wrong_credentials: 403 InvalidAccessKeyId', /key there that the service knows/],
  ['denied: 403 AccessDenied', /s3:ListBucket and s3:GetObject/],
  ['no_bucket: 404 NoSuchBucket', /name right/],
  ['unreachable: ECONNREFUSED', /asked again/],
  ['not_activated: 200 300000002', /Activate/],
])('names a bucket that answered %s, and what to do', (state, fix) => {
  const [ok, failed, ...others] = reportChecks(
    'storage',
    { at, apps: { 'zego/1': 'ok', 'zego/2': state } },
    now,
  );
  expect(ok).toEqual({ check: 'storage of zego/1', state: 'ok', detail: `asked ${at}` });
  expect(failed).toEqual({
    check: 'storage of zego/2',
    state: 'failure',
    detail: `${state}, asked ${at}`,
    fix: expect.stringMatching(fix),
  });
  expect(others).toEqual([]);
});

test('names settings that cannot be read', () => {
  const problem = 'storage: zego/1: bucket is missing';
  expect(reportChecks('storage', { at, apps: {}, problem }, now)).toEqual([
    { check: 'storage settings', state: 'failure', detail: problem },
  ]);
});

test('warns of a function that no longer runs', () => {
  const checks = reportChecks('storage', { at, apps: { 'zego/1': 'ok' } }, now + 46 * 60_000);
  expect(checks.map(({ check, state }) => [check, state])).toEqual([
    ['storage of zego/1', 'ok'],
    ['storage runs', 'warning'],
  ]);
});
