import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/support/suite.ts';

// The tests start many processes: with this they do not compile the same code again and again.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'rtc-callbacks-compile-cache');

/** What only `npm run test:all` runs (`vitest run --mode all`). */
const LONG = '**/*.long.test.ts';

// A test that hangs still ends. No machine is so slow, and what is waited for says earlier that it never comes.
const timeouts = { testTimeout: 3 * PATIENCE_MS, hookTimeout: 3 * PATIENCE_MS };

/** Vite has its own word for what Node.js and esbuild import `with { type: 'text' }`. */
const textImports = {
  name: 'text-imports',
  enforce: 'pre' as const,
  transform: (code: string) => code.replaceAll("' with { type: 'text' };", "?raw';"),
};

const ENGINE = [
  'test/{attention/watch,changes/{attention,changes,labels},consume/{consume,credential,quarantine,rest},queue/stored-body}*.test.ts',
  'test/{ledger,lookup,query,write}/**/*.test.ts',
];
const FUNCTIONS = ['test/changes/function*.test.ts', 'test/system/faults/*.test.ts'];
const PACKAGE = ['test/{infrastructure,bench}/*.test.ts', 'test/build/local-service-package*.test.ts'];
const STACK = [
  'test/cli/{accept,doctor,find,lists,looking,replay,runbook,stack,tail,tail-deployed}*.test.ts',
  'test/system/{*,conformance/*,outage/*,fuzz/*}.test.ts',
];
const BROWSER = ['test/system/browser/*.test.ts'];
const FLAWS = ['test/flaws/*.long.test.ts'];

export default defineConfig(({ mode }) => {
  const isWhole = mode === 'all';
  process.env.TEST_ALL = isWhole ? '1' : '';

  /** Tests that need the same. Those with a `globalSetup` share what it starts. */
  const project = (
    name: string,
    include: string[],
    { exclude = [], setupFiles = [], ...options }: ProjectOptions = {},
  ) => ({
    plugins: [textImports],
    test: {
      name,
      include,
      exclude: isWhole ? exclude : [LONG, ...exclude],
      setupFiles: ['test/support/captured-output.ts', ...setupFiles],
      expect: { poll: { timeout: PATIENCE_MS } },
      ...timeouts,
      ...options,
    },
  });

  return {
    test: {
      silent: 'passed-only' as const,
      // One line per file: a test that is slow on a busy machine is no news.
      slowTestThreshold: 600_000,
      // Much of a test is waiting for an engine: more workers than cores keep these busy.
      maxWorkers: 4,
      // DynamoDB Local, for `test:all`.
      globalSetup: 'test/support/engines-setup.ts',
      projects: [
        // They need nothing but modules, whose loading is most of what they take.
        project('inside', ['test/**/*.test.ts'], {
          exclude: [...ENGINE, ...FUNCTIONS, ...PACKAGE, ...STACK, ...BROWSER, ...FLAWS],
          isolate: false,
        }),
        project('engine', ENGINE, { isolate: false, setupFiles: ['test/support/few-partitions.ts'] }),
        // Functions as they are bundled, with all their partitions.
        project('functions', FUNCTIONS),
        project('package', PACKAGE, { globalSetup: 'test/support/package-setup.ts', isolate: false }),
        project('stack', STACK, { globalSetup: 'test/support/stack-setup.ts', isolate: false }),
        // A stack of its own: the page lists what came last, and should list what these tests send.
        project('browser', BROWSER, {
          globalSetup: 'test/support/stack-setup.ts',
          sequence: { groupOrder: 1 },
        }),
        project('flaws', FLAWS, { sequence: { groupOrder: 2 } }),
      ],
    },
  };
});

interface ProjectOptions {
  exclude?: string[];
  setupFiles?: string[];
  isolate?: boolean;
  globalSetup?: string;
  sequence?: { groupOrder: number };
}
