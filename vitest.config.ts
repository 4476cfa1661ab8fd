import { defineConfig } from 'vitest/config';

// Starting an engine or the whole stack takes seconds on a busy machine; a test that hangs still ends.
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    silent: 'passed-only',
    // Much of a test is waiting for an engine: more workers than cores keep these busy.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'inside',
          include: ['test/{unit,vendors,ledger,package,page}/**/*.test.ts'],
          ...timeouts,
        },
      },
      {
        test: {
          name: 'stack',
          include: ['test/stack/**/*.test.ts'],
          globalSetup: 'test/support/stack-setup.ts',
          ...timeouts,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // A stack of its own: the page lists what came last, and should list what these tests send.
          globalSetup: 'test/support/stack-setup.ts',
          ...timeouts,
        },
      },
    ],
  },
});
