import { describe, expect, test } from 'vitest';
import type { ReadParameter } from '../../lib/platform/aws/parameter.ts';
import {
  createSecretStore,
  parseSecrets,
  readVariable,
  type SecretsResult,
} from '../../lib/receive/secrets.ts';

const TIME_TO_LIVE_MS = 5 * 60_000;
const MISMATCH_INTERVAL_MS = 30_000;

const OLD = '{"app":["old"]}';
const NEW = '{"app":["new","old"]}';
const DOWN = { ok: false, reason: 'parameter /secrets: timeout' } as const;

type Answer = Awaited<ReturnType<ReadParameter>>;

/** A secret store over a parameter that the test changes, with a clock that it moves. */
function fakeStore(initial: string | Answer) {
  const parameter = { value: initial, reads: 0 };
  const clock = { now: 1_700_000_000_000 };
  const store = createSecretStore(
    async () => {
      parameter.reads += 1;
      return typeof parameter.value === 'string' ? { ok: true, body: parameter.value } : parameter.value;
    },
    () => clock.now,
  );
  return { store, parameter, clock };
}

/** The live secrets of the one app; the reason when there are none. */
function live(result: SecretsResult | undefined): readonly string[] | string | undefined {
  return result?.ok ? result.secrets.get('app') : result?.reason;
}

describe('current', () => {
  test('is read once, and anew when five minutes have passed', async () => {
    const { store, parameter, clock } = fakeStore(OLD);
    expect(live(await store.current())).toEqual(['old']);
    parameter.value = NEW;
    clock.now += TIME_TO_LIVE_MS - 1;
    expect(live(await store.current())).toEqual(['old']);
    expect(parameter.reads).toBe(1);
    clock.now += 1;
    expect(live(await store.current())).toEqual(['new', 'old']);
    expect(live(await store.current())).toEqual(['new', 'old']);
    expect(parameter.reads).toBe(2);
  });

  test.each([
    ['does not answer', DOWN],
    ['holds no JSON', 'oops'],
    ['holds an app without secrets', '{"app":[]}'],
  ])('is the last good value while the store %s', async (_name, broken) => {
    const { store, parameter, clock } = fakeStore(OLD);
    await store.current();
    parameter.value = broken;
    for (let outage = 0; outage < 3; outage += 1) {
      clock.now += TIME_TO_LIVE_MS;
      expect(live(await store.current())).toEqual(['old']);
    }
    parameter.value = NEW;
    clock.now += TIME_TO_LIVE_MS;
    expect(live(await store.current())).toEqual(['new', 'old']);
  });

  test('a failure without a good value is told and not kept', async () => {
    const { store, parameter } = fakeStore(DOWN);
    expect(await store.current()).toEqual(DOWN);
    parameter.value = OLD;
    expect(live(await store.current())).toEqual(['old']);
  });

  test('callers at the same time share one read', async () => {
    const { store, parameter, clock } = fakeStore(OLD);
    await Promise.all([store.current(), store.current(), store.current()]);
    expect(parameter.reads).toBe(1);
    clock.now += TIME_TO_LIVE_MS;
    const results = await Promise.all([store.current(), store.afterMismatch(), store.current()]);
    expect(results.map(live)).toEqual([['old'], ['old'], ['old']]);
    expect(parameter.reads).toBe(2);
  });
});

describe('afterMismatch', () => {
  test('finds a rotated secret before the five minutes are over', async () => {
    const { store, parameter, clock } = fakeStore(OLD);
    await store.current();
    parameter.value = NEW;
    clock.now += MISMATCH_INTERVAL_MS;
    expect(live(await store.afterMismatch())).toEqual(['new', 'old']);
    expect(live(await store.current())).toEqual(['new', 'old']);
    expect(parameter.reads).toBe(2);
  });

  test('reads at most once in thirty seconds', async () => {
    const { store, parameter, clock } = fakeStore(OLD);
    await store.current();
    for (let second = 1; second <= 120; second += 1) {
      clock.now += 1_000;
      const result = await store.afterMismatch();
      expect(result !== undefined).toBe(second % 30 === 0);
    }
    expect(parameter.reads).toBe(1 + 4);
  });

  test('is limited while the store is down, too, and keeps the last good value', async () => {
    const { store, parameter, clock } = fakeStore(OLD);
    await store.current();
    parameter.value = DOWN;
    clock.now += MISMATCH_INTERVAL_MS;
    expect(live(await store.afterMismatch())).toEqual(['old']);
    expect(await store.afterMismatch()).toBeUndefined();
    expect(live(await store.current())).toEqual(['old']);
    expect(parameter.reads).toBe(2);
  });
});

describe('parseSecrets', () => {
  test.each(['app', '12345', '__proto__', 'constructor', 'toString'])(
    'gives the secrets of %s in their order',
    (appId) => {
      const result = parseSecrets(`{${JSON.stringify(appId)}:["newest","oldest"]}`);
      expect(result.ok && [...result.secrets]).toEqual([[appId, ['newest', 'oldest']]]);
    },
  );

  test('no app has inherited secrets', () => {
    const result = parseSecrets('{}');
    expect(result.ok && [result.secrets.size, result.secrets.get('constructor')]).toEqual([0, undefined]);
  });

  test.each([
    ['text', '"hunter2"'],
    ['an empty text', '""'],
    ['an empty list', '[]'],
    ['a list with an empty secret', '["hunter2",""]'],
    ['a list with a number', '["hunter2",5]'],
    ['a list of lists', '[["hunter2"]]'],
    ['an object', '{"secret":"hunter2"}'],
    ['null', 'null'],
  ])('%s instead of secrets: the reason tells which entry, and quotes nothing of it', (_name, entry) => {
    const result = parseSecrets(`{"good":["hunter2"],"hunter2":${entry}}`);
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('entry 2') });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  test.each(['hunter2', '["hunter2"]', '"hunter2"', '{"app":["hunter2"', ''])(
    '%j is refused without being told',
    (text) => {
      const result = parseSecrets(text);
      expect(result).toEqual({ ok: false, reason: expect.any(String) });
      expect(JSON.stringify(result)).not.toContain('hunter2');
    },
  );
});

describe('readVariable', () => {
  const ALL = '{"rongcloud":{"a":["hunter2"]},"zego":{"b":["hunter3"]}}';

  test('takes the map of one vendor', async () => {
    expect(await readVariable(ALL, 'zego')()).toEqual({ ok: true, body: '{"b":["hunter3"]}' });
  });

  test.each(['tencent', 'constructor', '__proto__'])(
    'a vendor without a map, %s, has no apps',
    async (vendor) => {
      expect(await createSecretStore(readVariable(ALL, vendor)).current()).toEqual({
        ok: true,
        secrets: new Map(),
      });
    },
  );

  test.each(['hunter2', '["hunter2"]', 'null'])(
    '%j: the reason names the variable, not its value',
    async (value) => {
      const answer = await readVariable(value, 'zego')();
      expect(answer).toEqual({ ok: false, reason: expect.stringContaining('CALLBACK_SECRETS') });
      expect(JSON.stringify(answer)).not.toContain('hunter2');
    },
  );
});
