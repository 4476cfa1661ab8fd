import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../build/bundle.ts';
import { packageService } from '../build/package-service.ts';
import { SOURCES } from '../lib/vendors/index.ts';

const STAGE = 'prod';

/** The service as it would be deployed. */
export interface PackagedService {
  /** The bundle of a function, absolute. */
  bundleOf(name: string): string;
  /** The variables of a function that have a value before there is a deployment. */
  environmentOf(name: string): Record<string, string>;
  /** Bytes of each function's bundle and zip, by name. */
  sizes: ReadonlyMap<string, { bundleBytes: number; zipBytes: number }>;
}

/** Packages the service the way `serverless deploy` does, into a folder of its own, which `remove` removes. */
export async function packageForBench(): Promise<PackagedService & { remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-'));
  const environment = { PATH: process.env.PATH, HOME: directory, AWS_REGION: 'us-east-1' };
  const output = await packageService(join(directory, 'service'), STAGE, environment);
  return {
    ...(await readPackage(output)),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The service that was packaged for the stage `prod` into this folder, `.serverless`. */
export async function readPackage(output: string): Promise<PackagedService> {
  const template = await readFile(join(output, 'cloudformation-template-update-stack.json'), 'utf8');
  const resources: Record<string, FunctionResource> = JSON.parse(template).Resources;
  // The functions of a vendor's sources share a bundle.
  const bundleOf = (name: string): string =>
    join(dirname(output), '.build', `${SOURCES.get(name)?.vendor ?? name}.cjs`);
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
    environmentOf: (name) => literals(variablesOf(resources, name)),
    sizes: new Map(sizes.sort()),
  };
}

/** What is read of a function in a template. */
interface FunctionResource {
  Properties?: { FunctionName?: unknown; Environment?: { Variables: Record<string, unknown> } };
}

function variablesOf(resources: Record<string, FunctionResource>, name: string): Record<string, unknown> {
  const resource = Object.values(resources).find(
    ({ Properties }) => Properties?.FunctionName === `rtc-callbacks-${STAGE}-${name}`,
  );
  if (resource === undefined) throw new Error(`There is no function ${name} in the template.`);
  return resource.Properties?.Environment?.Variables ?? {};
}

function literals(variables: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(variables).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

/** Bundles `baseline/handlers/<name>.ts` the way the functions are bundled; returns the absolute path. */
export async function bundleBaseline(name: string): Promise<string> {
  const [built] = await bundle([name], fileURLToPath(new URL('baseline', import.meta.url)));
  if (built === undefined) throw new Error(`baseline/handlers/${name}.ts was not bundled.`);
  return built.file;
}
