import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import * as facts from '../lib/vendors/facts.ts';

const LAMBDA_CREDENTIALS = fileURLToPath(new URL('lambda-credentials.ts', import.meta.url));

/** A function's code as it is deployed: one CommonJS file without imports from node_modules. */
export interface Bundle {
  name: string;
  /** Absolute path. */
  file: string;
  bytes: number;
  /** The packages of node_modules that have code in it, sorted. */
  packages: string[];
}

/**
 * Bundles `handlers/<name>.ts` to `.build/<name>.cjs` for each name, both under `root`. A file is replaced in
 * one step, so that a reader sees the old or the new one. Throws when a source is missing or
 * does not compile.
 */
export async function bundle(names: readonly string[], root: string): Promise<Bundle[]> {
  for (const name of names) {
    if (!existsSync(join(root, 'handlers', `${name}.ts`))) {
      throw new Error(`The function "${name}" has no source: handlers/${name}.ts does not exist.`);
    }
  }
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `./handlers/${name}.ts`, out: name })),
    outdir: '.build',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    // CommonJS starts faster on Lambda, and `sls invoke local` cannot load ES modules.
    format: 'cjs',
    // Without it, packages that offer both are bundled in their CommonJS form, which cannot be tree-shaken.
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS },
    plugins: [vendorFacts],
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
    metafile: true,
  });
  const outputs = Object.values(metafile.outputs);
  return Promise.all(
    outputFiles.map((output, index) =>
      replace(names[index] as string, output, packagesOf(outputs[index]?.inputs ?? {})),
    ),
  );
}

/** Replaces the module of plain data by its exports: what they are derived from stays out of the bundle. */
const vendorFacts: Plugin = {
  name: 'vendor-facts',
  setup({ onLoad }) {
    const exports = Object.entries(facts).map(
      ([name, value]) => `export const ${name} = ${JSON.stringify(value)};`,
    );
    onLoad({ filter: /[\\/]lib[\\/]vendors[\\/]facts\.ts$/ }, () => ({ contents: exports.join('\n') }));
  },
};

function packagesOf(inputs: Readonly<Record<string, { bytesInOutput: number }>>): string[] {
  const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = used.map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

async function replace(
  name: string,
  output: { path: string; contents: Uint8Array },
  packages: string[],
): Promise<Bundle> {
  const temporary = `${output.path}.${randomUUID()}.tmp`;
  await mkdir(dirname(output.path), { recursive: true });
  await writeFile(temporary, output.contents);
  await rename(temporary, output.path);
  return { name, file: output.path, bytes: output.contents.byteLength, packages };
}
