import { expect, test } from 'vitest';
import { verdictChecks } from '../../cli/doctor-verdicts.ts';
import type { JsonObject } from '../../lib/platform/json.ts';

const NOW = Date.UTC(2026, 0, 15, 10);
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const callback = (fields: JsonObject): JsonObject => ({ message: 'callback', source: 'tencent', ...fields });
const accepted = callback({ verdict: 'accepted', appId: '1400000000' });
const refused = (reason: string, fields: JsonObject = { claimedAppId: '1400000000' }) =>
  callback({ verdict: 'refused', reason, ...fields });
const consumed = (fields: JsonObject): JsonObject => ({ message: 'consumed', source: 'tencent', ...fields });

const verdictsOf = (...lines: JsonObject[]) =>
  verdictChecks(lines, '10 min', NOW).map(({ check, state, detail }) => `${state} ${check}: ${detail}`);

test('a source whose callbacks are all refused, by its app', () => {
  expect(verdictsOf(...Array(3).fill(refused('wrong_signature')))).toEqual([
    expect.stringMatching(
      /^failure tencent app 1400000000: 3 of 3 refused \(the app is unverified\) in 10 min: wrong_signature /,
    ),
  ]);
});

test('one finding for each cause, however many lines', () => {
  const lines = [
    accepted,
    accepted,
    refused('wrong_signature'),
    refused('unknown_app', { claimedAppId: '7' }),
  ];
  expect(verdictsOf(...lines, ...lines)).toEqual([
    expect.stringContaining('failure tencent app 1400000000: 2 of 6 refused'),
    expect.stringContaining('failure tencent app 7: 2 of 2 refused'),
  ]);
});

test('what scanners send is no failure', () => {
  expect(
    verdictsOf(refused('missing_app_id', {}), {
      message: 'callback',
      verdict: 'refused',
      reason: 'unknown_path',
      path: '/wp-login.php',
    }),
  ).toEqual([
    expect.stringMatching(/^warning tencent: 1 of 1 refused/),
    expect.stringMatching(/^ok other paths: 1 refused/),
  ]);
});

test('a scan of app ids is a few findings, and hides no app of yours', () => {
  const scan = Array.from({ length: 500 }, (_, id) => refused('unknown_app', { claimedAppId: `${id}` }));
  const mine = refused('unknown_app', { claimedAppId: '1500000000' });
  const findings = verdictsOf(...scan, mine, mine, accepted);
  expect(findings).toHaveLength(6);
  expect(findings[0]).toMatch(/^failure tencent app 1500000000: 2 of 2 refused/);
  expect(findings.at(-1)).toMatch(/^failure tencent, 496 other apps: 496 of 496 refused/);
});

test('a path that was pasted wrongly', () => {
  const line = {
    message: 'callback',
    verdict: 'refused',
    reason: 'unknown_path',
    path: '/callbacks/tencnet',
  };
  expect(verdictsOf(line)).toEqual([expect.stringMatching(/^failure \/callbacks\/tencnet: 1 of 1 refused/)]);
});

test.each([
  [
    '503',
    callback({ verdict: 'unavailable', reason: 'secrets_unavailable' }),
    /^failure tencent: 1 of 1 answered 503/,
  ],
  [
    'shadow mode',
    callback({ verdict: 'shadowed', reason: 'wrong_signature' }),
    /^warning tencent: 1 of 1 would be refused/,
  ],
  [
    'quarantine',
    consumed({ verdict: 'quarantined', reason: 'stale', appId: '1' }),
    /^warning tencent app 1: 1 quarantined/,
  ],
  [
    'a wrong URL',
    consumed({ verdict: 'applied', reason: 'wrong_url', belongsTo: 'rongcloud-room' }),
    /^warning tencent: 1 that belong to rongcloud-room/,
  ],
  [
    'a failing consumer',
    { message: 'retry', reason: 'no table' },
    /^failure consumer: 1 failed attempts in 10 min: no table/,
  ],
])('%s', (_name, line, expected) => {
  const [first, ...others] = verdictsOf(line);
  expect(first).toMatch(expected);
  expect(others.filter((other) => !other.startsWith('ok'))).toEqual([]);
});

test('a consumer that does not keep up, and one that is silent', () => {
  const late = consumed({ verdict: 'applied', lagMs: 400_000 });
  expect(verdictsOf(accepted, late)).toEqual([
    expect.stringMatching(/^warning consumer: the last callback was applied 6 min 40 s after its reception/),
  ]);
  expect(verdictsOf(accepted, { ...late, replayOf: 'm-1' })).toEqual(['ok callbacks of the last 10 min: 1']);
  const waits = { ...accepted, time: ago(6) };
  expect(verdictsOf(waits, waits, { ...accepted, time: ago(1) })).toEqual([
    'warning consumer: it applied none of 2 callbacks that came over 5 min ago',
  ]);
  expect(verdictsOf(waits, consumed({ verdict: 'applied', lagMs: 5 }))).toEqual([
    'ok callbacks of the last 10 min: 1',
  ]);
});

test('nothing is wrong', () => {
  const probe = callback({ verdict: 'probe' });
  expect(verdictsOf(accepted, probe, consumed({ verdict: 'duplicate' }))).toEqual([
    'ok callbacks of the last 10 min: 1',
  ]);
});
