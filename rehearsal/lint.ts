import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { REGIONS, type Variant } from './variants.ts';

/** W3005: the framework writes what a resource depends on also where a reference says it. */
const NOT_OURS = ['--ignore-checks', 'W3005'];

/** A variant and the file with its template. */
export interface Template {
  variant: Variant;
  file: string;
}

/**
 * Lints templates with cfn-lint, each for every region that its variant can be deployed to, and returns the findings, which
 * are none when all is right.
 */
export async function lint(templates: readonly Template[]): Promise<string[]> {
  // One process for all templates of the same regions: loading the schemas is most of what it takes.
  const groups = Map.groupBy(templates, ({ variant }) => regionsOf(variant).join(' '));
  const findings = [...groups].map(([regions, group]) =>
    lintFor(
      regions.split(' '),
      group.map(({ file }) => file),
    ),
  );
  return (await Promise.all(findings)).flat();
}

function regionsOf({ notIn = [] }: Variant): string[] {
  return REGIONS.filter((region) => !notIn.includes(region));
}

async function lintFor(regions: readonly string[], files: readonly string[]): Promise<string[]> {
  const args = [...NOT_OURS, '--format', 'parseable', '--regions', ...regions, '--template', ...files];
  const { stdout } = await promisify(execFile)('cfn-lint', args, { maxBuffer: 2 ** 26 }).catch((error) => {
    // Its exit code is the kind of its findings; another one means that it did not run.
    if (error.stdout) return error;
    throw error;
  });
  return stdout.split('\n').filter(Boolean);
}
