import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, sep } from 'node:path';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import { SAMPLE_SECRETS } from '../lib/vendors/samples.ts';
import { bundle } from './bundle.ts';
import { bundleNames } from './bundle-plugin.ts';
import { PROJECT, packageService, withProject } from './package-service.ts';

/** A resource of a CloudFormation template. */
export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

/** What `serverless package` makes of `serverless.yml`. */
export interface CompiledService {
  resources: Record<string, Resource>;
  state: {
    service: {
      provider: { region: string };
      functions: Record<string, { name: string; handler: string }>;
    };
  };
}

/** Stands for the port, so that what was compiled for one fits every other. */
const PORT = 'PORT_OF_THE_STACK';

/** The files that the functions are bundled from; read at every start. */
const SOURCE_FOLDERS: readonly string[] = ['handlers', 'lib'];

/** Not read by the framework: a variable that only these name cannot change what it makes. */
const NOT_CONFIGURATION: readonly string[] = ['.ts', '.md'];

/** What the service is derived from in those folders: `JSON.stringify` leaves out the parsers and the other code. */
const VENDOR_VALUES: object = { VENDORS, SAMPLE_SECRETS };

/** Variables of `npm start` that no file has by name. */
const OF_VENDORS = new RegExp(`^(?:${VENDOR_NAMES.map((vendor) => vendor.toUpperCase()).join('|')})_`);

/** Variables that the framework reads by itself. */
const OF_FRAMEWORK = /^(AWS|NODE|SLS|SERVERLESS)_/;

/** Variables whose values are secrets. They are put in after compiling, so that no file holds them. */
const SECRETS: readonly string[] = [
  'CALLBACK_SECRETS',
  'FORWARD_URL',
  'FORWARD_SECRET',
  'STORAGE',
  'ZEGO_SERVER_SECRETS',
];

/** The file that keeps what was compiled. */
export const COMPILED = 'compiled.json';

/**
 * Compiles the service for the stage `local` and bundles its functions to `.build`, both in `directory`. `port` is where
 * the functions find the stack, `environment` is what `serverless.yml` may refer to. The functions are bundled each
 * time; what was compiled is used again while everything that it was made of is the same. Throws with the
 * framework's own output when it fails.
 */
export async function localService(
  directory: string,
  port: number,
  environment: NodeJS.ProcessEnv,
): Promise<CompiledService> {
  const { standIns, reveal } = hideSecrets(environment);
  const key = await configurationKey(PROJECT, standIns, dirname(directory));
  const kept = await keptService(directory, key);
  const text = kept ?? (await compile(directory, key, standIns));
  const service: CompiledService = JSON.parse(reveal(text.replaceAll(PORT, String(port))));
  if (kept !== undefined) {
    const names = bundleNames(service.state.service.functions);
    await withProject(directory, () => bundle(names, directory));
  }
  return service;
}

/** The environment with a stand-in for each secret, and what puts the secrets into compiled JSON text. */
export function hideSecrets(environment: NodeJS.ProcessEnv): {
  standIns: NodeJS.ProcessEnv;
  reveal: (text: string) => string;
} {
  const hidden = SECRETS.flatMap((name) => {
    const value = environment[name];
    return value ? [{ name, standIn: `SECRET_${name}_OF_THE_STACK`, value }] : [];
  });
  return {
    standIns: { ...environment, ...Object.fromEntries(hidden.map(({ name, standIn }) => [name, standIn])) },
    reveal: (text) =>
      hidden.reduce(
        (result, { standIn, value }) => result.replaceAll(standIn, () => JSON.stringify(value).slice(1, -1)),
        text,
      ),
  };
}

async function keptService(directory: string, key: string): Promise<string | undefined> {
  const [keptKey, text] = await readFile(join(directory, COMPILED), 'utf8').then(
    (content) => content.split('\n'),
    () => [],
  );
  return keptKey === key ? text : undefined;
}

async function compile(directory: string, key: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const artifacts = await packageService(directory, 'local', { ...environment, PORT });
  const read = async (name: string) => JSON.parse(await readFile(join(artifacts, name), 'utf8'));
  const { Resources: resources } = await read('cloudformation-template-update-stack.json');
  const text = JSON.stringify({ resources, state: await read('serverless-state.json') });
  // In one step: a process that is killed meanwhile leaves nothing or the whole.
  const temporary = join(directory, `${COMPILED}.tmp`);
  await writeFile(temporary, `${key}\n${text}`, { mode: 0o600 });
  await rename(temporary, join(directory, COMPILED));
  return text;
}

/**
 * Differs whenever the service of the project could be compiled to something else: for every change of a file
 * outside of `dataDirectory` and of what is bundled, of the vendors' values, of the framework, and of a variable that
 * such a file names.
 */
export async function configurationKey(
  project: string,
  environment: NodeJS.ProcessEnv,
  dataDirectory: string,
  vendorValues: object = VENDOR_VALUES,
): Promise<string> {
  const hash = createHash('sha256').update(process.version).update(JSON.stringify(vendorValues));
  const framework = createRequire(import.meta.url).resolve('serverless/package.json');
  const words = new Set<string>();
  try {
    for (const file of [framework, ...(await filesOf(project))]) {
      if (file.startsWith(join(dataDirectory, sep))) continue;
      const content = await readFile(file);
      hash.update(`\n${relative(project, file)} ${content.byteLength}\n`).update(content);
      if (NOT_CONFIGURATION.includes(extname(file))) continue;
      for (const word of content.toString('latin1').match(/\w+/g) ?? []) words.add(word);
    }
  } catch {
    // What cannot be read cannot be compared, such as a link to a folder.
    return randomUUID();
  }
  const variables = Object.entries(environment)
    .filter(
      ([name]) => name !== 'PORT' && (words.has(name) || OF_FRAMEWORK.test(name) || OF_VENDORS.test(name)),
    )
    .sort();
  return hash.update(JSON.stringify(variables)).digest('hex');
}

/** What is in the project, sorted; without what is hidden, packages and the sources of the functions. */
async function filesOf(project: string): Promise<string[]> {
  const leftOut = ['node_modules', ...SOURCE_FOLDERS];
  const roots = await readdir(project, { withFileTypes: true });
  const chosen = roots.filter(({ name }) => !name.startsWith('.') && !leftOut.includes(name));
  const files = chosen.map(async (root) => {
    const path = join(project, root.name);
    if (!root.isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  });
  return (await Promise.all(files)).flat().sort();
}
