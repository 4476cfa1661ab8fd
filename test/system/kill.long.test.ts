import { expect, test } from 'vitest';
import { runKills } from './kill/run.ts';

const KILLS = 2;
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);

test('what was acknowledged is there after the stack was killed', async () => {
  const report = await runKills(KILLS, SEED, () => {});
  expect(report).toMatchObject({ kills: KILLS, lost: [], doubled: [] });
  expect(report.acknowledged).toBeGreaterThan(20 * KILLS);
  expect(report.quarantined).toBeGreaterThan(0);
});
