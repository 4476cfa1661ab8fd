/** Whether the whole suite runs, `npm run test:all`, and not the quick one, `npm test`. */
export const isWholeSuite = process.env.TEST_ALL === '1';

/** How long tests wait for a condition, in ms: far above the slowest machine. A planted flaw is given up earlier. */
export const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 600_000);

/** How much to try, such as a number of random runs or a list of cases. */
export function quickOrWhole<Extent>(quick: Extent, whole: Extent): Extent {
  return isWholeSuite ? whole : quick;
}
