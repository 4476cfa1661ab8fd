import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** AWS's own emulator comes in an npm package of 65 MB, which only `npm run test:all` fetches. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const SHA512 = 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/dynamodb-local', import.meta.url));

const run = promisify(execFile);

/** Returns the folder that has `DynamoDBLocal.jar`; fetches it the first time. Throws when it cannot be had. */
export async function dynamodbLocalFolder(): Promise<string> {
  const folder = join(CACHE, PACKAGE);
  const emulator = join(folder, 'emulator');
  if (await stat(emulator).catch(() => undefined)) return emulator;
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(join(CACHE, 'fetching-'));
  try {
    const { stdout } = await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', scratch]);
    const archive = join(scratch, stdout.trim());
    const hash = createHash('sha512').update(await readFile(archive));
    if (hash.digest('base64') !== SHA512) throw new Error(`${PACKAGE} is not the package that is expected`);
    await run('tar', ['-xzf', archive, '-C', scratch, 'package/emulator']);
    // In one step: a run that is ended meanwhile leaves nothing that looks whole.
    await rename(join(scratch, 'package'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return emulator;
}
