import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const MODULES = ['library/verify.ts', 'library/parse.ts'];
const DECLARING = [
  ...MODULES,
  'library/body.ts',
  'lib/callback/callback.ts',
  'lib/callback/observation.ts',
  'types/index.d.ts',
];

const DECLARATION = /^export (?:function|const|type|interface) (\w+)/gm;

/** The docstring right before each exported declaration of a module. */
function docstrings(text: string): [name: string, docstring: string][] {
  return [...text.matchAll(DECLARATION)].map(({ 1: name = '', index }) => {
    const before = text.slice(0, index);
    return [name, before.endsWith('*/\n') ? before.slice(before.lastIndexOf('/**')) : ''];
  });
}

/** The names that a module exports: those it declares and those it passes on. */
function exportsOf(text: string): string[] {
  const passedOn = [...text.matchAll(/^export type \{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(','),
  );
  const declared = [...text.matchAll(DECLARATION)].map(([, name = '']) => name);
  return [...passedOn, ...declared].map((name) => name.trim()).filter(Boolean);
}

test.each(MODULES)('every export of %s has a docstring with an example', (path) => {
  const known = new Map(DECLARING.flatMap((declaring) => docstrings(read(declaring))));
  const names = exportsOf(read(path));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !known.get(name)?.includes('@example'))).toEqual([]);
});
