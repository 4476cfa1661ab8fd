import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The tests start hundreds of processes: with this they do not compile the same code again and again.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'rtc-callbacks-compile-cache');

// Starting an engine or the whole stack takes seconds on a busy machine; a test that hangs still ends.
const timeouts = { testTimeout: 60_000, hookTimeout: 120_000 };

const STACK = 'test/support/stack-setup.ts';

/** Vite has its own word for what Node.js and esbuild import `with { type: 'text' }`. */
const textImports = {
  name: 'text-imports',
  enforce: 'pre' as const,
  transform: (code: string) => code.replaceAll("' with { type: 'text' };", "?raw';"),
};

/** Tests of one kind. Those with a `globalSetup` share what it starts. */
function project(name: string, files: string[], options: object = {}) {
  return {
    plugins: [textImports],
    test: { name, include: files.map((file) => `test/${file}`), ...timeouts, ...options },
  };
}

export default defineConfig({
  test: {
    silent: 'passed-only',
    // Much of a test is waiting for an engine: more workers than cores keep these busy.
    maxWorkers: 4,
    projects: [
      // They share nothing but modules, whose loading is most of what they take.
      project(
        'inside',
        [
          '{build/local-service,callback/*,cli/{diagnosis,redaction,terminal-text},consume/freshness,demo/*}.test.ts',
          '{attention/expectation,changes/publish,flaws/*,page/*,platform/*,receive/*,stack/*,vendors/*,webhook/*}.test.ts',
          'queue/{drain,envelope,store}.test.ts',
        ],
        { isolate: false },
      ),
      project(
        'ledger',
        [
          '{attention/watch,changes/{attention,changes,function},consume/{consume,quarantine},queue/stored-body}.test.ts',
          '{ledger,system/faults}/**/*.test.ts',
        ],
        { globalSetup: 'test/support/engines-setup.ts' },
      ),
      project('package', ['{infrastructure,bench}/*.test.ts', 'build/local-service-package.test.ts'], {
        globalSetup: 'test/support/package-setup.ts',
      }),
      project('fuzz', ['system/fuzz/*.test.ts']),
      project('stack', ['system/*.test.ts', 'system/{conformance,kill}/**/*.test.ts'], {
        globalSetup: STACK,
      }),
      // They start hundreds of processes, which would slow down what has to answer in time.
      project('cli', ['cli/{doctor,looking,replay,stack,tail,tail-deployed}.test.ts'], {
        globalSetup: STACK,
        sequence: { groupOrder: 1 },
      }),
      // A stack of its own: the page lists what came last, and should list what these tests send.
      project('browser', ['system/browser/*.test.ts'], { globalSetup: STACK, sequence: { groupOrder: 1 } }),
      // Near the end of the contract's 4 s, where the work of other tests would decide.
      project('deadline', ['system/deadline/*.test.ts'], { sequence: { groupOrder: 2 } }),
    ],
  },
});
