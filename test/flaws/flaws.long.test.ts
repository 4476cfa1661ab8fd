import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url));

/** Each flaw takes a run of the tests that notice it. */
const TIMEOUT_MS = 60 * 60_000;

test(
  'every planted flaw turns a test red',
  async () => {
    // The runs within are those of `npm test`.
    const { VITEST: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, [RUN], { env }).catch((failed) => failed);
    expect(stdout).toMatch(/(\d+) of \1 flaws turned the suite red/);
  },
  TIMEOUT_MS,
);
