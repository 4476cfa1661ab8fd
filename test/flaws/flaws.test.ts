import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { flawedText } from './flaw.ts';
import { FLAWS } from './flaws.ts';

const projectFile = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe.each(FLAWS)('$name', (flaw) => {
  test('fits its file in one place, which is different and well-formed with it', () => {
    const text = readFileSync(projectFile(flaw.file), 'utf8');
    const flawed = flawedText(text, flaw);
    expect(flawed).not.toBe(text);
    if (flaw.file.endsWith('.ts')) stripTypeScriptTypes(flawed);
    else expect(parseDocument(flawed, { logLevel: 'error' }).errors).toEqual([]);
  });

  test('names tests that exist', () => {
    expect(flaw.tests).not.toEqual([]);
    expect(flaw.tests.filter((file) => !existsSync(projectFile(file)))).toEqual([]);
  });
});

test('no two flaws have one name', () => {
  const names = FLAWS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a flaw that does not fit says so', () => {
  const flaw = { name: 'x', breaks: '', file: 'lib/x.ts', find: 'a', replacement: '', tests: [] };
  expect(() => flawedText('b', flaw)).toThrow('lib/x.ts has its text 0 times');
  expect(() => flawedText('a a', flaw)).toThrow('lib/x.ts has its text 2 times');
  expect(flawedText('a b', { ...flaw, replacement: '$&' })).toBe('$& b');
});
