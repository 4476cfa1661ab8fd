import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fixtureFiles, fixtureText } from '../../stack/samples/fixtures.ts';

const EVENTS = fileURLToPath(new URL('../../events', import.meta.url));

test('events/ holds what `npm run fixtures` writes, and nothing else', async () => {
  const expected = fixtureFiles();
  expect((await readdir(EVENTS)).sort()).toEqual([...expected.keys()].sort());
  for (const [name, event] of expected) {
    expect(await readFile(join(EVENTS, name), 'utf8'), name).toBe(fixtureText(event));
  }
});
