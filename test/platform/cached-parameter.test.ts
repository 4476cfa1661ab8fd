import { describe, expect, test } from 'vitest';
import { parseToken } from '../../lib/page/admission.ts';
import { cachedParameter, type ParameterFailure } from '../../lib/platform/aws/cached-parameter.ts';
import type { ReadParameter } from '../../lib/platform/aws/parameter.ts';
import { parseSecrets } from '../../lib/receive/secrets.ts';
import { webhookKeys } from '../../lib/webhook/signature.ts';

const REFRESH_INTERVAL_MS = 5 * 60_000;
const MISMATCH_INTERVAL_MS = 30_000;

const THROTTLED = { ok: false, reason: 'parameter /x: 400 ThrottlingException', mayPass: true } as const;
const MISSING = { ok: false, reason: 'parameter /x: 400 ParameterNotFound', mayPass: false } as const;

type Answer = Awaited<ReturnType<ReadParameter>>;
type Result = { ok: true; value: string } | ParameterFailure;

const parseText = (value: string): Result =>
  value === 'malformed' ? { ok: false, reason: 'malformed' } : { ok: true, value };

/** A parameter that the test changes and whose reads it counts, in a cache whose clock it moves. */
function fake<Value extends { ok: true }>(
  initial: string | Answer,
  parse: (text: string) => Value | ParameterFailure,
) {
  const parameter = { value: initial, reads: 0 };
  const clock = { now: 1_700_000_000_000 };
  const read = async (): Promise<Answer> => {
    parameter.reads += 1;
    return typeof parameter.value === 'string' ? { ok: true, body: parameter.value } : parameter.value;
  };
  return { cache: cachedParameter(read, parse, () => clock.now), parameter, clock };
}

function textOf(result: Result | undefined): string | undefined {
  return result?.ok ? result.value : result?.reason;
}

describe('current', () => {
  test('is read once, and again when five minutes have passed', async () => {
    const { cache, parameter, clock } = fake('old', parseText);
    expect(textOf(await cache.current())).toBe('old');
    parameter.value = 'new';
    clock.now += REFRESH_INTERVAL_MS - 1;
    expect(textOf(await cache.current())).toBe('old');
    expect(parameter.reads).toBe(1);
    clock.now += 1;
    expect(textOf(await cache.current())).toBe('new');
    expect(textOf(await cache.current())).toBe('new');
    expect(parameter.reads).toBe(2);
  });

  test.each<[string, string | Answer]>([
    ['is throttled', THROTTLED],
    ['does not have it', MISSING],
    ['holds a malformed value', 'malformed'],
  ])('is the last good value while the store %s', async (_name, broken) => {
    const { cache, parameter, clock } = fake('old', parseText);
    await cache.current();
    parameter.value = broken;
    for (let outage = 0; outage < 3; outage += 1) {
      clock.now += REFRESH_INTERVAL_MS;
      expect(textOf(await cache.current())).toBe('old');
    }
    parameter.value = 'new';
    clock.now += REFRESH_INTERVAL_MS;
    expect(textOf(await cache.current())).toBe('new');
  });

  test.each<[string, string | Answer, number]>([
    ['throttling or a time-out', THROTTLED, 5_000],
    ['a missing parameter', MISSING, 30_000],
    ['a malformed value', 'malformed', 30_000],
    ['a failure that says nothing of its kind', { ok: false, reason: 'unknown' }, 30_000],
  ])('%s is kept while there is no value', async (_name, broken, keptMs) => {
    const { cache, parameter, clock } = fake(broken, parseText);
    const failure = await cache.current();
    expect(failure.ok).toBe(false);
    parameter.value = 'new';
    clock.now += keptMs - 1;
    for (let request = 0; request < 50; request += 1) expect(await cache.current()).toEqual(failure);
    expect(parameter.reads).toBe(1);
    clock.now += 1;
    expect(textOf(await cache.current())).toBe('new');
  });

  test('callers at the same time share one read', async () => {
    const { cache, parameter, clock } = fake('old', parseText);
    await Promise.all([cache.current(), cache.current(), cache.current()]);
    expect(parameter.reads).toBe(1);
    clock.now += REFRESH_INTERVAL_MS;
    const results = await Promise.all([cache.current(), cache.afterMismatch(), cache.current()]);
    expect(results.map(textOf)).toEqual(['old', 'old', 'old']);
    expect(parameter.reads).toBe(2);
  });
});

describe('afterMismatch', () => {
  test('finds a new value before the five minutes are over', async () => {
    const { cache, parameter, clock } = fake('old', parseText);
    await cache.current();
    parameter.value = 'new';
    clock.now += MISMATCH_INTERVAL_MS;
    expect(textOf(await cache.afterMismatch())).toBe('new');
    expect(textOf(await cache.current())).toBe('new');
    expect(parameter.reads).toBe(2);
  });

  test('reads at most once in thirty seconds', async () => {
    const { cache, parameter, clock } = fake('old', parseText);
    await cache.current();
    for (let second = 1; second <= 120; second += 1) {
      clock.now += 1_000;
      const result = await cache.afterMismatch();
      expect(result !== undefined).toBe(second % 30 === 0);
    }
    expect(parameter.reads).toBe(1 + 4);
  });

  test('is limited while the store is throttled, too, and keeps the last good value', async () => {
    const { cache, parameter, clock } = fake('old', parseText);
    await cache.current();
    parameter.value = THROTTLED;
    clock.now += MISMATCH_INTERVAL_MS;
    expect(textOf(await cache.afterMismatch())).toBe('old');
    expect(await cache.afterMismatch()).toBeUndefined();
    expect(textOf(await cache.current())).toBe('old');
    expect(parameter.reads).toBe(2);
  });
});

test.each<[string, string, (text: string) => { ok: true } | ParameterFailure]>([
  ['secrets', '{"app":["secret"]}', parseSecrets],
  ['the page token', 'a-token-of-24-characters', parseToken],
  ['webhook keys', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', webhookKeys],
])('%s outlive an outage and a malformed value', async (_name, good, parse) => {
  const { cache, parameter, clock } = fake(good, parse);
  const value = await cache.current();
  expect(value.ok).toBe(true);
  for (const broken of [THROTTLED, '', MISSING]) {
    parameter.value = broken;
    clock.now += REFRESH_INTERVAL_MS;
    expect(await cache.current()).toEqual(value);
  }
  expect(parameter.reads).toBe(4);
});
