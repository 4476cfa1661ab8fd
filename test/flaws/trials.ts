import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SuiteResult } from './suite.ts';
import type { Trial } from './trial.ts';
import { createWorkspace } from './workspace.ts';

const TRIAL = fileURLToPath(new URL('./trial.ts', import.meta.url));

/** A flaw may make a test wait for what never comes. */
const TEST_PATIENCE_MS = '60000';

/** Processes that run tests, each in a copy of the project, so that the project itself stays as it is. */
export interface Trials {
  /** How many run at a time. */
  jobs: number;
  run(trial: Trial): Promise<SuiteResult>;
  close(): Promise<void>;
}

export async function startTrials(jobs: number): Promise<Trials> {
  const free: ChildProcess[] = [];
  const directories: string[] = [];
  for (let count = 0; count < jobs; count += 1) {
    const cwd = await createWorkspace();
    directories.push(cwd);
    const env = { ...process.env, TEST_PATIENCE_MS };
    const child = fork(TRIAL, { cwd, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.once('exit', (code) =>
      child.emit('message', { verdict: 'broken', output: `It ended with ${code}.` }),
    );
    free.push(child);
  }
  return {
    jobs,
    async run(trial) {
      const child = free.pop();
      if (child === undefined) throw new Error(`Only ${jobs} can run at a time.`);
      child.send(trial);
      const [result] = await once(child, 'message');
      free.push(child);
      return result;
    },
    async close() {
      for (const child of free) {
        child.disconnect();
        await once(child, 'exit');
      }
      await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
    },
  };
}
