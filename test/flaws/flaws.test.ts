import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { flawedText, placed } from './flaw.ts';
import { FLAWS } from './flaws.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const projectFile = (path: string) => join(PROJECT, path);

const PLACED = FLAWS.map((flaw) => placed(flaw, PROJECT));

describe.each(PLACED)('$name', (flaw) => {
  test('fits its file in one place, which is different and well-formed with it', () => {
    const text = readFileSync(projectFile(flaw.file), 'utf8');
    const flawed = flawedText(text, flaw);
    expect(flawed).not.toBe(text);
    if (/\.c?[jt]s$/.test(flaw.file)) stripTypeScriptTypes(flawed);
    else expect(parseDocument(flawed, { logLevel: 'error' }).errors).toEqual([]);
  });

  test('names a test of `npm test` that exists', () => {
    expect(flaw.test).not.toContain('.long.');
    expect(readFileSync(projectFile(flaw.test), 'utf8')).toContain(flaw.title ?? '');
  });
});

test('no two flaws have one name', () => {
  const names = FLAWS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a flaw is found where its file and its test have moved', () => {
  const [flaw] = PLACED;
  if (flaw === undefined) throw new Error('There are no flaws.');
  const moved = (path: string) => `test/elsewhere/${basename(path)}`;
  expect(placed({ ...flaw, file: moved(flaw.file), test: moved(flaw.test) }, PROJECT)).toEqual(flaw);
});

test('a flaw that does not fit says so', () => {
  const flaw = { name: 'x', breaks: '', file: 'lib/x.ts', find: 'a', replacement: '', test: '' };
  expect(() => flawedText('b', flaw)).toThrow('lib/x.ts has its text 0 times');
  expect(() => flawedText('a a', flaw)).toThrow('lib/x.ts has its text 2 times');
  expect(flawedText('a b', { ...flaw, replacement: '$&' })).toBe('$& b');
});
