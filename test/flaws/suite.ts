import { join } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node';
import { createVitest } from 'vitest/node';

/** The tests to run: those of a file, and of these those whose title contains a text, or those with these full names. */
export interface Selection {
  file: string;
  title?: string | undefined;
  names?: string[];
}

/** What the tests have said. */
export type SuiteResult =
  | { verdict: 'green' }
  | { verdict: 'red'; firstFailure: string; message: string }
  /** No test has failed, and yet the run: nothing can be said of it. */
  | { verdict: 'broken'; output: string };

/** The tests of the project copy that is the working directory. They are loaded once and run again and again. */
export class Suite implements Reporter {
  private opened: Vitest | undefined;
  private running: Vitest | undefined;
  private passed = 0;
  private failed: TestCase[] = [];

  /** Runs tests up to the first failure. */
  async run(selection: Selection): Promise<SuiteResult> {
    this.opened ??= await this.open();
    const specification = await specificationOf(this.opened, selection);
    // What a global setup makes is made of the files as they were: that needs another one.
    if (specification.project.config.globalSetup.length === 0)
      return await this.runIn(this.opened, specification);
    const own = await this.open();
    try {
      return await this.runIn(own, await specificationOf(own, selection));
    } finally {
      await own.close();
    }
  }

  /** Has a file loaded again. */
  hasChanged(file: string): void {
    this.opened?.invalidateFile(join(process.cwd(), file));
  }

  async close(): Promise<void> {
    await this.opened?.close();
  }

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'passed') this.passed += 1;
    if (state !== 'failed') return;
    this.failed.push(test);
    this.running?.cancelCurrentRun('test-failure');
  }

  private open(): Promise<Vitest> {
    return createVitest('test', { watch: false, silent: true, reporters: [this], maxWorkers: 1 });
  }

  private async runIn(vitest: Vitest, specification: TestSpecification): Promise<SuiteResult> {
    this.running = vitest;
    this.passed = 0;
    this.failed = [];
    const { unhandledErrors } = await vitest.runTestSpecifications([specification]);
    const [failed] = this.failed;
    if (failed !== undefined) {
      const message = failed.result().errors?.map((error) => error.message);
      return { verdict: 'red', firstFailure: failed.fullName, message: message?.join('\n') ?? '' };
    }
    const errors = [...unhandledErrors, ...errorsOf(specification.testModule)];
    if (errors.length === 0 && this.passed > 0) return { verdict: 'green' };
    const output = errors.map((error) => (error as Error).message).join('\n');
    return { verdict: 'broken', output: output || 'No test has run.' };
  }
}

async function specificationOf(
  vitest: Vitest,
  { file, title, names }: Selection,
): Promise<TestSpecification> {
  const [found] = await vitest.globTestSpecifications([join(process.cwd(), file)]);
  if (found === undefined) throw new Error(`${file} has no tests.`);
  return found.project.createSpecification(found.moduleId, {
    ...(title === undefined ? {} : { testNamePattern: new RegExp(RegExp.escape(title)) }),
    ...(names === undefined ? {} : { testNames: names }),
  });
}

/** Of a file that cannot be loaded, and of hooks. */
function errorsOf(module: TestModule | undefined): unknown[] {
  if (module === undefined) return [];
  return [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
}
