import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { textTable } from '../../cli/output.ts';
import { forEachConcurrently } from '../../lib/platform/concurrency.ts';
import type { Flaw } from './flaw.ts';
import { FLAWS } from './flaws.ts';
import type { SuiteResult } from './suite.ts';
import { startTrials, type Trials } from './trials.ts';

/** `npm run test:flaws`: plants each flaw in a copy of the project and runs the tests that must notice it. */

const HELP = `Plants flaws in a copy of the project, one at a time, and runs the tests that must notice them.

Usage: npm run test:flaws -- [options]

Options:
  --only <name>   only this flaw, or all whose name contains it; may be repeated
  --list          show the flaws and what they break, and run nothing
  --jobs <n>      how many flaws are tried at a time (default: the number of cores, at most 4)
  -h, --help      show this

The tests that were red have to be green without a flaw, which is looked at in the end.
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
interface Outcome {
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
  const trials = await startTrials(Math.min(jobs, flaws.length));
  try {
    const outcomes = await tryFlaws(flaws, trials);
    process.stdout.write(`${report(flaws, outcomes)}\n`);
    const isEachRed = outcomes.every(({ result }) => result.verdict === 'red');
    return (await isSound(outcomes, trials)) && isEachRed ? 0 : 1;
  } finally {
    await trials.close();
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

async function tryFlaws(flaws: readonly Flaw[], { jobs, run }: Trials): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  await forEachConcurrently(flaws, jobs, async (flaw) => {
    const startedAt = performance.now();
    const { name, test, title } = flaw;
    const result = await run({ file: test, title, flaw: name });
    outcomes.push({ flaw, result, seconds: (performance.now() - startedAt) / 1000 });
    process.stderr.write(`[${outcomes.length}/${flaws.length}] ${name}: ${wordOf(result)}\n`);
    if (result.verdict === 'broken') process.stderr.write(`${result.output}\n`);
  });
  return outcomes;
}

/** Whether the tests that were red are green without a flaw. */
async function isSound(outcomes: readonly Outcome[], { jobs, run }: Trials): Promise<boolean> {
  const byFile = Map.groupBy(outcomes, ({ flaw }) => flaw.test);
  process.stderr.write(`without a flaw: ${byFile.size} test files\n`);
  let isSound = true;
  await forEachConcurrently([...byFile], jobs, async ([file, ofFile]) => {
    const red = ofFile.flatMap(({ result }) => (result.verdict === 'red' ? result.firstFailure : []));
    if (red.length === 0) return;
    const result = await run({ file, names: [...new Set(red)] });
    if (result.verdict === 'green') return;
    isSound = false;
    const why = result.verdict === 'red' ? `${result.firstFailure}\n${result.message}` : result.output;
    process.stderr.write(`${file} is not green without a flaw: ${why}\n`);
  });
  return isSound;
}

function wordOf({ verdict }: SuiteResult): string {
  return verdict === 'green' ? 'SURVIVED' : verdict === 'broken' ? 'NOT TRIED' : 'red';
}

function report(flaws: readonly Flaw[], outcomes: readonly Outcome[]): string {
  const rows = outcomes
    .toSorted((a, b) => flaws.indexOf(a.flaw) - flaws.indexOf(b.flaw))
    .map(({ flaw, result, seconds }) => [
      flaw.name,
      flaw.breaks,
      wordOf(result),
      seconds.toFixed(1).padStart(7),
      result.verdict === 'red' ? result.firstFailure : '',
    ]);
  const red = outcomes.filter(({ result }) => result.verdict === 'red').length;
  const table = textTable(['flaw', 'breaks', 'verdict', 'seconds', 'first failing test'], rows);
  return `${table}\n\n${red} of ${flaws.length} flaws turned the suite red`;
}
