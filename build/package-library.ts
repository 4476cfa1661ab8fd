import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

/*
 * Compiles what `npm pack` takes along: the library and the command-line tool as ES modules in `dist/`, without
 * dependencies, and in `dist/types/` the library's declarations. `npm run prepack` has tsc write all declarations
 * first.
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist');
const DECLARATIONS = join(ROOT, '.build', 'declarations');

const LIBRARY: BuildOptions = {
  entryPoints: { verify: 'library/verify.ts', parse: 'library/parse.ts' },
  chunkNames: 'library/[name]-[hash]',
};

const COMMAND_LINE: BuildOptions = {
  entryPoints: { cli: 'cli/main.ts' },
  // Help and completion do not load the AWS SDK.
  chunkNames: 'cli/[name]-[hash]',
  // Packages in CommonJS, such as aws4, require Node.js's own modules.
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
  minifySyntax: true,
  minifyWhitespace: true,
};

/** Bundles entries. Returns the folders of the packages that have code in the bundles. */
async function compile(options: BuildOptions): Promise<string[]> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: ROOT,
    outdir: DIST,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  const folders = Object.keys(metafile.inputs).map(
    (path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0],
  );
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** The licences of bundled packages, each once with the packages that have it. Throws when a package has none. */
async function licences(folders: readonly string[]): Promise<string> {
  const packages = await Promise.all(folders.map(licenceOf));
  return [...Map.groupBy(packages, ({ text }) => text)]
    .map(([text, sharing]) => [...sharing.map(({ name }) => name), '', text].join('\n'))
    .join(`\n${'-'.repeat(80)}\n`);
}

async function licenceOf(folder: string): Promise<{ name: string; text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  const files = (await readdir(join(ROOT, folder))).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
  if (license === undefined && files.length === 0) throw new Error(`${name} has no licence.`);
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, folder, file), 'utf8')));
  return { name: `${name} ${version}`, text: [`License: ${license}`, ...texts].join('\n\n') };
}

/** Copies the declarations that the entries need, with imports that TypeScript resolves outside this project. */
async function copyDeclarations(entries: readonly string[]): Promise<void> {
  const needed = new Set(entries);
  for (const file of needed) {
    const target = join(DIST, 'types', file);
    const text = await readFile(join(DECLARATIONS, file), 'utf8');
    const linked = text.replace(/(?<= from ')(\.[^']+)\.ts(?=')/g, (specifier, path: string) => {
      const source = join(dirname(file), path);
      // Declarations that are written by hand are in the package as they are.
      if (path.endsWith('.d')) return relative(dirname(target), join(ROOT, dirname(file), specifier));
      needed.add(`${source}.d.ts`);
      return `${path}.js`;
    });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, linked);
  }
}

await rm(DIST, { recursive: true, force: true });
const packages = [...(await compile(LIBRARY)), ...(await compile(COMMAND_LINE))];
await writeFile(join(DIST, 'third-party-licences.txt'), await licences(packages));
await copyDeclarations(['library/verify.d.ts', 'library/parse.d.ts']);
