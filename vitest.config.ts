import { defineConfig } from 'vitest/config';

// Starting an engine or the whole stack takes seconds on a busy machine; a test that hangs still ends.
const timeouts = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    silent: 'passed-only',
    // Much of a test is waiting for an engine: more workers than cores keep these busy.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'inside',
          include: ['test/{unit,vendors,ledger,faults,flaws}/**/*.test.ts'],
          ...timeouts,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/support/package-setup.ts',
          ...timeouts,
        },
      },
      {
        test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], ...timeouts },
      },
      {
        test: {
          name: 'stack',
          include: ['test/{stack,conformance}/**/*.test.ts'],
          globalSetup: 'test/support/stack-setup.ts',
          ...timeouts,
        },
      },
      {
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          globalSetup: 'test/support/stack-setup.ts',
          // They start hundreds of processes, which would slow down what has to answer in time.
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
    ],
  },
});
