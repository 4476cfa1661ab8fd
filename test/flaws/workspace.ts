import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Flaw, flawedText, placed } from './flaw.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = 'node_modules';

/** A copy of the project in which flaws are planted, so that the project itself stays as it is. */
export interface Workspace {
  directory: string;
  /** Runs `work`, which gets the tests to run, while the flaw is planted. Throws when the flaw does not fit. */
  withFlaw<Result>(flaw: Flaw, work: (tests: readonly string[]) => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
}

/** Copies the project as it is now, changes that are not committed included; packages are linked. */
export async function createWorkspace(): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-flaws-'));
  for (const name of await readdir(PROJECT)) {
    if (!name.startsWith('.') && name !== PACKAGES) {
      await cp(join(PROJECT, name), join(directory, name), { recursive: true });
    }
  }
  await linkPackages(join(directory, PACKAGES));
  return {
    directory,
    async withFlaw(recorded, work) {
      const flaw = placed(recorded, directory);
      const file = join(directory, flaw.file);
      const text = await readFile(file, 'utf8');
      await writeFile(file, flawedText(text, flaw));
      try {
        return await work(flaw.tests);
      } finally {
        await writeFile(file, text);
      }
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Links each package rather than the folder: what tools write beside them stays in the workspace. */
async function linkPackages(directory: string): Promise<void> {
  await mkdir(directory);
  for (const name of await readdir(join(PROJECT, PACKAGES))) {
    if (basename(name).startsWith('.') && name !== '.bin') continue;
    await symlink(join(PROJECT, PACKAGES, name), join(directory, name), 'junction');
  }
}
