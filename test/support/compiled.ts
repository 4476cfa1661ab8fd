import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPILED } from '../../build/local-service.ts';

/** Lets a stack begin with what another one has compiled, which it uses if it would compile the same. */
export async function keepCompiled(fromDataDir: string, toDataDir: string): Promise<void> {
  await mkdir(join(toDataDir, 'service'), { recursive: true });
  await copyFile(join(fromDataDir, 'service', COMPILED), join(toDataDir, 'service', COMPILED));
}
