import { describe, expect, test } from 'vitest';
import { parseSecrets, readVariable } from '../../lib/receive/secrets.ts';

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
  ])('%s instead of secrets: the reason names the entry, and quotes nothing of it', (_name, entry) => {
    const result = parseSecrets(`{"good":["hunter2"],"hunter2":${entry}}`);
    expect(result).toEqual({ ok: false, reason: expect.stringContaining('entry 2') });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  test.each(['hunter2', '["hunter2"]', '"hunter2"', '{"app":["hunter2"', ''])(
    '%j is refused without being quoted',
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
      expect(await readVariable(ALL, vendor)()).toEqual({ ok: true, body: '{}' });
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
