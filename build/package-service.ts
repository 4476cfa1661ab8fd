import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFramework } from './framework.ts';

/** The project's folder, absolute. */
export const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const PACKAGES = 'node_modules';

/** The folder that the framework writes. */
const PACKAGED = '.serverless';

/**
 * Runs `serverless package` on the project for a stage and returns the folder with its result, `.serverless`
 * in `directory`; the functions' code is in `.build` there. `environment` is the run's whole environment,
 * `parameters` replace those of `serverless.yml`.
 * Throws with the framework's own output when it fails.
 */
export async function packageService(
  directory: string,
  stage: string,
  environment: NodeJS.ProcessEnv,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  await runInCopy(directory, packageArguments(stage, parameters), environment);
  return join(directory, PACKAGED);
}

/**
 * Like `packageService`, in two thirds of the time, for readers of the template alone: the functions have no code.
 */
export async function packageTemplate(
  directory: string,
  stage: string,
  environment: NodeJS.ProcessEnv,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  await runInCopy(directory, packageArguments(stage, parameters), environment, () =>
    emptyHandlers(directory),
  );
  return join(directory, PACKAGED);
}

function packageArguments(stage: string, parameters: Readonly<Record<string, string>>): string[] {
  const chosen = Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  return ['package', '--stage', stage, ...chosen];
}

async function emptyHandlers(directory: string): Promise<void> {
  const handlers = join(directory, 'handlers');
  const names = await readdir(handlers);
  await rm(handlers);
  await mkdir(handlers);
  await Promise.all(names.map((name) => writeFile(join(handlers, name), '')));
}

/**
 * Runs the `serverless` command line on the project in `directory`, which is emptied first, and returns what it printed.
 * `prepare` may change what is in the directory before. Throws with the framework's own output when it fails.
 */
export async function runInCopy(
  directory: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  prepare: () => Promise<void> = async () => {},
): Promise<string> {
  // The framework empties and fills `.serverless` of the folder it runs in. A folder of its own keeps
  // stacks that start at the same time, and a deployment made meanwhile, out of each other's way.
  await rm(directory, { recursive: true, force: true });
  // In the folder it runs in, the framework would list all files of the packages for every function.
  const elsewhere = { ...environment, NODE_PATH: packagePath(environment) };
  return withProject(directory, async () => {
    await prepare();
    return runFramework(args, directory, elsewhere);
  });
}

/** Runs `work` while the project's folders and files are in `directory` too, which is created when needed. */
export async function withProject<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(directory, { recursive: true });
  const mirrored = await mirrorProject(directory);
  try {
    return await work();
  } finally {
    // Tools that search the project for files would find everything behind the links a second time.
    await Promise.all(mirrored.map((path) => rm(path, { recursive: true })));
  }
}

/** Links the project's folders into `directory` and copies its files; hidden ones and the packages are left out. */
async function mirrorProject(directory: string): Promise<string[]> {
  const entries = (await readdir(PROJECT, { withFileTypes: true })).filter(
    (entry) => !entry.name.startsWith('.') && entry.name !== PACKAGES,
  );
  return Promise.all(
    entries.map(async (entry) => {
      const [original, copy] = [join(PROJECT, entry.name), join(directory, entry.name)];
      // A junction needs no privilege on Windows; elsewhere the type is ignored.
      await (entry.isFile() ? copyFile(original, copy) : symlink(original, copy, 'junction'));
      return copy;
    }),
  );
}

/** Where packages are looked for that are in no folder above: plugins that `serverless.yml` names. */
function packagePath({ NODE_PATH }: NodeJS.ProcessEnv): string {
  return [join(PROJECT, PACKAGES), NODE_PATH].filter(Boolean).join(delimiter);
}
