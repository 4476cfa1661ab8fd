/** Whether the whole suite runs, `npm run test:all`, and not the quick one, `npm test`. */
export const isWholeSuite = process.env.TEST_ALL === '1';

/** How long tests wait for a condition, in ms: far above the slowest machine. A planted flaw is given up earlier. */
export const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 600_000);

/** How much to try, such as a list of cases. */
export function quickOrWhole<Extent>(quick: Extent, whole: Extent): Extent {
  return isWholeSuite ? whole : quick;
}

/** How many random runs to make of a property; with `PROPERTY_RUNS=10` ten times as many as `npm test` makes. */
export function randomRuns(count: number): number {
  return Math.ceil(count * Number(process.env.PROPERTY_RUNS ?? quickOrWhole(1, 2)));
}
