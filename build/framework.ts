import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * Runs the `serverless` command line in a folder and returns what it printed. `environment` is the run's whole
 * environment. Throws with the framework's own output when it fails.
 */
export async function runFramework(
  args: readonly string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('serverless/package.json');
  const child = spawn(process.execPath, [join(dirname(manifest), 'bin', 'serverless.js'), ...args], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // When this process ends, the framework's ends too.
  const endChild = (): boolean => child.kill();
  process.on('exit', endChild);
  const exit = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  process.off('exit', endChild);
  if (code !== 0) {
    throw new Error(`"serverless ${args.join(' ')}" failed with code ${code}:\n${output}${errors}`.trimEnd());
  }
  return output;
}
