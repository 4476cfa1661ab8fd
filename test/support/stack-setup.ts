import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startChildStack } from '../../stack/child-stack.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import type { SecretsByVendor } from '../../stack/samples/signed-sample.ts';
import { keepCompiled } from './compiled.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Base URL of a running stack that all tests share. */
    stackUrl: string;
    /** The file with the log lines of its functions. */
    stackLog: string;
    /** Its data directory. */
    stackData: string;
    stackSecrets: SecretsByVendor;
  }
}

/** An app of each vendor that is in the middle of a rotation, besides the sample apps. */
export const ROTATING_APP = { appId: 'rotating-app', secrets: ['the-new-secret', 'the-old-secret'] };

/** The variable with the data directory of the first stack. */
const STACK_DATA = 'TEST_STACK_DATA';

/** Starts one stack, as a process of its own, for all the tests of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-test-'));
  const logFile = join(directory, 'functions.log');
  const secrets = sampleSecrets({});
  for (const apps of Object.values(secrets)) apps[ROTATING_APP.appId] = ROTATING_APP.secrets;
  process.env.CALLBACK_SECRETS = JSON.stringify(secrets);
  // Each project has a stack, which is started by this process after those of the projects before.
  const earlier = process.env[STACK_DATA];
  if (earlier !== undefined) await keepCompiled(earlier, directory);
  const stack = await startChildStack(directory, logFile);
  process.env[STACK_DATA] ??= directory;
  project.provide('stackUrl', stack.url);
  project.provide('stackLog', logFile);
  project.provide('stackData', directory);
  project.provide('stackSecrets', secrets);
  return async () => {
    if (process.env[STACK_DATA] === directory) delete process.env[STACK_DATA];
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
