import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const NIGHT = fileURLToPath(new URL('../../demo/outage/night.ts', import.meta.url));

const run = (...args: string[]) => promisify(execFile)(process.execPath, [NIGHT, ...args]);

test('a wrong secret, a broken bucket, a silent vendor and a growing queue wake somebody, are found and end', async () => {
  const { stdout } = await run('--seed', '3');
  expect(stdout).toContain('Each was noticed, found and repaired.');
  expect(stdout).not.toContain('✗');
  expect(stdout.match(/^✓/gm)).toHaveLength(12);
});

test('it says what it does', async () => {
  expect((await run('--help')).stdout).toMatch(/^Usage: npm run night/);
});
