import { expect, test } from 'vitest';
import { runKills } from './kill/run.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);

test('what was acknowledged is there after the stack was killed', { timeout: 240_000 }, async () => {
  const report = await runKills(2, SEED, () => {});
  expect(report).toMatchObject({ kills: 2, lost: [], doubled: [] });
  expect(report.acknowledged).toBeGreaterThan(40);
  expect(report.quarantined).toBeGreaterThan(0);
});
