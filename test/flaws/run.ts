import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { textTable } from '../../cli/output.ts';
import { forEachConcurrently } from '../../lib/platform/concurrency.ts';
import { type Flaw, placed } from './flaw.ts';
import { FLAWS } from './flaws.ts';
import { runSuite, type SuiteResult } from './suite.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

/** `npm run test:flaws`: plants each flaw in a copy of the project and runs the tests that must notice it. */

const HELP = `Plants flaws in a copy of the project, one at a time, and runs the tests that must notice them.

Usage: npm run test:flaws -- [options]

Options:
  --only <name>   only this flaw, or all whose name contains it; may be repeated
  --list          show the flaws and what they break, and run nothing
  --jobs <n>      how many flaws are tried at a time (default: the number of cores, at most 4)
  -h, --help      show this

The same tests have to be green without a flaw, which is looked at first.
Exit codes: 0 every flaw turned a test red, 1 one survived, could not be tried or the tests are not green without
a flaw, 2 the command is wrong.

Examples:
  npm run test:flaws -- --only nonce --only carriers-mixed
  npm run test:flaws -- --list`;

const MOST_JOBS = 4;

interface Command {
  flaws: Flaw[];
  isList: boolean;
  jobs: number;
}

/** What became of a flaw. */
interface Trial {
  flaw: Flaw;
  result: SuiteResult;
  seconds: number;
}

const args = process.argv.slice(2);
if (args.some((argument) => argument === '--help' || argument === '-h')) {
  process.stdout.write(`${HELP}\n`);
} else {
  process.exitCode = await main(args);
}

async function main(args: string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}; see npm run test:flaws -- --help\n`);
    return 2;
  }
  const { flaws, isList, jobs } = command;
  if (isList) {
    const rows = flaws.map(({ name, breaks, file }) => [name, breaks, file]);
    process.stdout.write(`${textTable(['flaw', 'breaks', 'file'], rows)}\n`);
    return 0;
  }
  const workspaces: Workspace[] = [];
  try {
    for (let count = 0; count < Math.min(jobs, flaws.length); count += 1)
      workspaces.push(await createWorkspace());
    return await tryFlaws(flaws, workspaces);
  } finally {
    await Promise.all(workspaces.map((workspace) => workspace.remove()));
  }
}

function parseCommand(args: string[]): Command {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      list: { type: 'boolean' },
      jobs: { type: 'string' },
    },
  });
  const jobs = Number(values.jobs ?? Math.min(availableParallelism(), MOST_JOBS));
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Error(`--jobs takes a whole number, not "${values.jobs}"`);
  return { flaws: chosen(values.only), isList: values.list ?? false, jobs };
}

function chosen(names: readonly string[] | undefined): Flaw[] {
  if (names === undefined) return [...FLAWS];
  for (const name of names) {
    if (!FLAWS.some((flaw) => flaw.name.includes(name))) throw new Error(`no flaw is named "${name}"`);
  }
  return FLAWS.filter((flaw) => names.some((name) => flaw.name.includes(name)));
}

async function tryFlaws(flaws: readonly Flaw[], workspaces: Workspace[]): Promise<number> {
  const [first] = workspaces;
  const root = first?.directory ?? '';
  const files = [...new Set(flaws.flatMap((flaw) => placed(flaw, root).tests))];
  process.stderr.write(`without a flaw: ${files.length} test files\n`);
  const sound = first && (await runSuite(first.directory, files));
  if (sound?.verdict !== 'green') {
    const why = sound?.verdict === 'red' ? `${sound.firstFailure}\n${sound.message}` : sound?.output;
    process.stderr.write(`${why}\n`);
    process.stderr.write('the tests are not green without a flaw\n');
    return 1;
  }

  const trials: Trial[] = [];
  const free = [...workspaces];
  await forEachConcurrently(flaws, workspaces.length, async (flaw) => {
    const workspace = free.pop() as Workspace;
    const trial = await tryFlaw(flaw, workspace);
    free.push(workspace);
    trials.push(trial);
    process.stderr.write(`[${trials.length}/${flaws.length}] ${flaw.name}: ${wordOf(trial.result)}\n`);
    if (trial.result.verdict === 'broken') process.stderr.write(`${trial.result.output}\n`);
  });
  process.stdout.write(`${report(flaws, trials)}\n`);
  return trials.every(({ result }) => result.verdict === 'red') ? 0 : 1;
}

async function tryFlaw(flaw: Flaw, { directory, withFlaw }: Workspace): Promise<Trial> {
  const startedAt = performance.now();
  const result = await withFlaw(flaw, (tests) => runSuite(directory, tests)).catch(
    (error: Error): SuiteResult => ({ verdict: 'broken', output: error.message }),
  );
  return { flaw, result, seconds: (performance.now() - startedAt) / 1000 };
}

function wordOf({ verdict }: SuiteResult): string {
  return verdict === 'green' ? 'SURVIVED' : verdict === 'broken' ? 'NOT TRIED' : 'red';
}

function report(flaws: readonly Flaw[], trials: readonly Trial[]): string {
  const rows = trials
    .toSorted((a, b) => flaws.indexOf(a.flaw) - flaws.indexOf(b.flaw))
    .map(({ flaw, result, seconds }) => [
      flaw.name,
      flaw.breaks,
      wordOf(result),
      seconds.toFixed(1).padStart(7),
      result.verdict === 'red' ? result.firstFailure : '',
    ]);
  const red = trials.filter(({ result }) => result.verdict === 'red').length;
  const table = textTable(['flaw', 'breaks', 'verdict', 'seconds', 'first failing test'], rows);
  return `${table}\n\n${red} of ${flaws.length} flaws turned the suite red`;
}
