import { randomInt } from 'node:crypto';
import { createProgress, textTable } from '../../../../cli/output.ts';
import { numbersOf } from '../../../support/number-options.ts';
import { type Progress, runSchedule, type ScheduleReport } from './run.ts';

/** `npm run test:faults`: callbacks under a seeded schedule of faults, and what the table says of them afterwards. */

const HELP = `Usage: npm run test:faults -- [--callbacks <number>] [--seed <number>]

Applies signed callbacks of every source once each and in order, and then shuffled, some of them twice, with the
deployed consumer while DynamoDB and SQS throttle, fail, stall and lose answers, and while consumers die between two
writes. What fails is delivered again. Both runs have to end with the same state.

  --callbacks <number>   how many (default 10000)
  --seed <number>        chooses callbacks, order and faults; prints another one each time when absent

Exit codes: 0 nothing is lost or different, 1 something is, 2 the command is wrong.`;

/** How many of the keys that are wrong are shown. */
const SHOWN = 10;

// Threads that were killed must not keep the command from ending.
process.exit(await main());

async function main(): Promise<number> {
  const defaults = { callbacks: 10_000, seed: randomInt(1, 1e9) };
  const options = numbersOf(process.argv.slice(2), defaults, HELP);
  if (typeof options === 'number') return options;
  console.log(`Seed ${options.seed}`);
  const startedAt = performance.now();
  const report = await runSchedule(options, progressOnTerminal());
  console.log(`\n${tableOf(report, options.seed, performance.now() - startedAt)}\n`);
  const { lost, doubled, different } = report.differences;
  const wrong = [
    ...report.lostCallbacks.map((id) => `lost callback ${id}`),
    ...lost.map((key) => `lost ${key}`),
    ...doubled.map((key) => `doubled ${key}`),
    ...different.map((key) => `different ${key}`),
  ];
  for (const line of wrong.slice(0, SHOWN)) console.log(line);
  console.log(
    wrong.length === 0 ? 'Right: the state is that of the calm run.' : `Wrong in ${wrong.length} places.`,
  );
  return wrong.length === 0 ? 0 : 1;
}

function progressOnTerminal(): Progress {
  let current: ReturnType<typeof createProgress> | undefined;
  return {
    begin: (what, total) => {
      current = createProgress(what, total);
    },
    step: () => current?.step(),
    done: () => current?.done(),
  };
}

function tableOf(report: ScheduleReport, seed: number, ms: number): string {
  const crashes = (report.faults.get('crash before') ?? 0) + (report.faults.get('crash after') ?? 0);
  const faults = [...report.faults].toSorted(([a], [b]) => a.localeCompare(b));
  const total = faults.reduce((sum, [, count]) => sum + count, 0);
  return textTable(
    ['what', 'number'],
    [
      ['callbacks', report.callbacks],
      ['  of them in quarantine', report.quarantined],
      ['deliveries', report.deliveries],
      ['  most of one message', report.mostDeliveriesOfOne],
      ['requests', report.requests],
      ['faults', total],
      ...faults.map(([kind, count]) => [`  ${kind}`, count] as const),
      ['crashes', crashes],
      ['lost', report.lostCallbacks.length + report.differences.lost.length],
      ['doubled', report.differences.doubled.length],
      ['different', report.differences.different.length],
      ['seconds', Math.round(ms / 1000)],
      ['seed', seed],
    ].map(([what, number]) => [String(what), String(number)]),
  );
}
