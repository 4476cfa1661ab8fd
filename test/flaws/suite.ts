import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What the tests of some files have said. */
export type SuiteResult =
  | { verdict: 'green' }
  | { verdict: 'red'; firstFailure: string; message: string }
  /** No test has failed, and yet the run: nothing can be said of it. */
  | { verdict: 'broken'; output: string };

/** As far as it is read. */
interface Report {
  testResults: { assertionResults: { status: string; fullName: string; failureMessages: string[] }[] }[];
}

const REPORT = 'report.json';

/** A flaw may make a test wait for what never comes. */
const TEST_PATIENCE_MS = '60000';

/**
 * Runs test files of the project copy in `directory`, up to the first failure. Every test is known by its
 * engine: those on DynamoDB Local, which takes seconds to start, are left out.
 */
export async function runSuite(
  directory: string,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<SuiteResult> {
  const report = join(directory, REPORT);
  await rm(report, { force: true });
  const vitest = join(directory, 'node_modules/vitest/vitest.mjs');
  const reporting = ['--reporter=json', `--outputFile=${report}`, '--silent=true'];
  const child = spawn(process.execPath, [vitest, 'run', '--bail=1', ...reporting, ...files], {
    cwd: directory,
    env: { ...process.env, JAVA_HOME: join(directory, 'no-java'), TEST_PATIENCE_MS },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0) return { verdict: 'green' };
  const failure = await firstFailureIn(report);
  return failure === undefined
    ? { verdict: 'broken', output: output + errors }
    : { verdict: 'red', ...failure };
}

async function firstFailureIn(file: string): Promise<{ firstFailure: string; message: string } | undefined> {
  let report: Report;
  try {
    report = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === 'failed');
  return failed && { firstFailure: failed.fullName, message: failed.failureMessages.join('\n') };
}
