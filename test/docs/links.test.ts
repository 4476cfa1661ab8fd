import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = new URL('../../', import.meta.url);
const PAGES = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs/', PROJECT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const read = (path: string) => readFileSync(new URL(path, PROJECT), 'utf8');

/** Links and pictures outside code blocks. */
function linksOf(page: string): string[] {
  const text = read(page).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  const found = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/\bsrc(?:set)?="([^"]+)"/g)];
  return found.map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
}

function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** Why a link leads nowhere; `undefined` when it leads somewhere. */
function problemOf(page: string, link: string): string | undefined {
  const url = new URL(link, new URL(page, PROJECT));
  const anchor = decodeURIComponent(url.hash.slice(1));
  url.hash = '';
  if (!existsSync(fileURLToPath(url))) return `${page}: ${link} does not exist`;
  const target = url.href.slice(PROJECT.href.length);
  if (anchor === '' || !target.endsWith('.md') || anchorsOf(target).includes(anchor)) return undefined;
  return `${page}: ${link} has no such heading`;
}

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  const problems = linksOf(page).map((link) => problemOf(page, link));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

test('the command-line tool names pages that exist', () => {
  const files = readdirSync(new URL('cli/', PROJECT)).filter((name) => name.endsWith('.ts'));
  const named = files.flatMap((name) => read(`cli/${name}`).match(/docs\/[\w-]+\.md/g) ?? []);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((page) => !PAGES.includes(page))).toEqual([]);
});

test('the README fits 150 lines, and it and the docs fit 12,000 words', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  const english = PAGES.filter((page) => page === 'README.md' || page.startsWith('docs/'));
  // Bars of tables are no words.
  const words = english.flatMap((page) =>
    read(page)
      .split(/[\s|]+/)
      .filter(Boolean),
  );
  expect(words.length).toBeLessThanOrEqual(12_000);
});
