import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const DAY = fileURLToPath(new URL('../../demo/outage/play.ts', import.meta.url));

const run = (...args: string[]) => promisify(execFile)(process.execPath, [DAY, ...args]);

test('after a day with an outage the watch, /attention and the posted events agree, until all has recovered', async () => {
  const { stdout, code } = await run('--seed', '2').catch((failed) => failed);
  expect(stdout).toContain('All agree.');
  expect(stdout).not.toContain('✗');
  expect(stdout.match(/^✓/gm)).toHaveLength(12);
  // Only a run that failed has one.
  expect(code).toBeUndefined();
});

test('it says what it does', async () => {
  expect((await run('--help')).stdout).toMatch(/^Usage: npm run day/);
});
