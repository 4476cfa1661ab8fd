/** Whether the whole suite runs, `npm run test:all`, and not the quick one, `npm test`. */
export const isWholeSuite = process.env.TEST_ALL === '1';

/** How much to try, such as a number of random runs or a list of cases. */
export function quickOrWhole<Extent>(quick: Extent, whole: Extent): Extent {
  return isWholeSuite ? whole : quick;
}
