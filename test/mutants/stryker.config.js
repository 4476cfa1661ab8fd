/**
 * Mutation testing of the pure modules: `npm run test:mutants`.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [
    'lib/callback/*.ts',
    'lib/vendors/{common,rongcloud,tencent,zego}/*.ts',
    // Thresholds and texts of the console, which other tests compare with the docs and the template.
    '!lib/vendors/*/{index,sample,settings,vendor}.ts',
    'lib/ledger/{order,facets,view,recordings}.ts',
    'lib/attention/expectation.ts',
  ],
  // Most texts are words for people.
  mutator: { excludedMutations: ['StringLiteral'] },
  // What runs once, when a module is loaded, would need a process of its own for each mutant.
  ignoreStatic: true,
  coverageAnalysis: 'perTest',
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutants/vitest.config.ts' },
  // Stryker would rewrite `tsconfig.json` with an API that TypeScript 7 no longer has. Nothing here needs that.
  tsconfigFile: 'none',
  ignorePatterns: ['/.*', '/dist', '/docs', '/bench'],
  tempDirName: '.build/mutants/sandbox',
  // A second run tries only what has changed.
  incremental: true,
  incrementalFile: '.build/mutants/incremental.json',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { logTests: false },
  jsonReporter: { fileName: '.build/mutants/report.json' },
  htmlReporter: { fileName: '.build/mutants/report.html' },
  concurrency: 2,
  thresholds: { high: 95, low: 85, break: 85 },
};
