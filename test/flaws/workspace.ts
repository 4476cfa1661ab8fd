import { cp, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = 'node_modules';

/** Copies the project as it is now, changes that are not committed included; packages are linked. */
export async function createWorkspace(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-flaws-'));
  for (const name of await readdir(PROJECT)) {
    if (!name.startsWith('.') && name !== PACKAGES) {
      await cp(join(PROJECT, name), join(directory, name), { recursive: true });
    }
  }
  await linkPackages(join(directory, PACKAGES));
  return directory;
}

/** Links each package rather than the folder: what tools write beside them stays in the workspace. */
async function linkPackages(directory: string): Promise<void> {
  await mkdir(directory);
  for (const name of await readdir(join(PROJECT, PACKAGES))) {
    if (basename(name).startsWith('.') && name !== '.bin') continue;
    await symlink(join(PROJECT, PACKAGES, name), join(directory, name), 'junction');
  }
}
