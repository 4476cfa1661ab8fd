import { expect, it } from 'vitest';
import { runSchedule } from './schedule/run.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);

it('ends with the state of a calm run under a schedule of faults', async () => {
  const progress = { begin() {}, step() {}, done() {} };
  const report = await runSchedule({ callbacks: 300, seed: SEED }, progress);
  expect(report).toMatchObject({
    callbacks: 300,
    lostCallbacks: [],
    differences: { lost: [], doubled: [], different: [] },
  });
  expect(report.deliveries).toBeGreaterThan(report.callbacks);
  expect(report.faults.size).toBeGreaterThan(5);
  expect(report.quarantined).toBeGreaterThan(0);
});
