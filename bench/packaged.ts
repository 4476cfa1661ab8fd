import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../local/bundle.ts';
import { packageService } from '../local/stack/package-service.ts';

/** The service as it would be deployed. */
export interface PackagedService {
  /** The bundle of a function, absolute. */
  bundleOf(name: string): string;
  /** Bytes of each function's bundle and zip, by name. */
  sizes: ReadonlyMap<string, { bundleBytes: number; zipBytes: number }>;
  remove(): Promise<void>;
}

/** Packages the service the way `serverless deploy` does, into a folder of its own. */
export async function packageForBench(): Promise<PackagedService> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-'));
  const environment = { PATH: process.env.PATH, HOME: directory };
  const service = join(directory, 'service');
  const output = await packageService(service, 'prod', environment);
  const bundleOf = (name: string): string => join(service, '.build', `${name}.cjs`);
  const zips = (await readdir(output)).filter((file) => file.endsWith('.zip'));
  const sizes = await Promise.all(
    zips.map(async (zip) => {
      const name = basename(zip, '.zip');
      const [code, archive] = await Promise.all([stat(bundleOf(name)), stat(join(output, zip))]);
      return [name, { bundleBytes: code.size, zipBytes: archive.size }] as const;
    }),
  );
  return {
    bundleOf,
    sizes: new Map(sizes.sort()),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Bundles `baseline/handlers/<name>.ts` the way the functions are bundled; returns the absolute path. */
export async function bundleBaseline(name: string): Promise<string> {
  const [built] = await bundle([name], fileURLToPath(new URL('baseline', import.meta.url)));
  if (built === undefined) throw new Error(`baseline/handlers/${name}.ts was not bundled.`);
  return built.file;
}
