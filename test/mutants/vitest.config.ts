import { defineConfig } from 'vitest/config';

/** The quick tests of the pure modules, in one process: they run again for every mutant. */
export default defineConfig({
  test: {
    include: [
      'test/{callback,library,vendors}/*.test.ts',
      'test/ledger/{order,recordings,view}.test.ts',
      'test/attention/expectation.test.ts',
    ],
    // They take long, or need the docs.
    exclude: ['**/*-fuzz.test.ts', '**/vendor-table.test.ts', '**/*.long.test.ts'],
    setupFiles: ['test/mutants/seed.ts'],
    isolate: false,
    maxWorkers: 1,
    testTimeout: 600_000,
  },
});
