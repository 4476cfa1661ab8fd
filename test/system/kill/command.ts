import { randomInt } from 'node:crypto';
import { textTable } from '../../../cli/output.ts';
import { numbersOf } from '../../support/number-options.ts';
import { runKills } from './run.ts';

/** `npm run test:kill`: the local stack killed under load, and what it has of the callbacks that it acknowledged. */

const HELP = `Usage: npm run test:kill -- [--kills <number>] [--seed <number>]

Sends signed callbacks to the local stack without a pause, kills it (SIGKILL) at a random moment and starts it again
on the same data, several times. Every callback that was answered with 200 has to be there afterwards.

  --kills <number>   how many times (default 10)
  --seed <number>    chooses callbacks and moments; prints another one each time when absent

Exit codes: 0 nothing is lost or doubled, 1 something is, 2 the command is wrong.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = numbersOf(process.argv.slice(2), { kills: 10, seed: randomInt(1, 1e9) }, HELP);
  if (typeof options === 'number') return options;
  console.log(`Seed ${options.seed}`);
  const report = await runKills(options.kills, options.seed, console.error);
  const rows = [
    ['callbacks', report.callbacks],
    ['  of them acknowledged', report.acknowledged],
    ['  of them in quarantine', report.quarantined],
    ['requests', report.requests],
    ['kills', report.kills],
    ['lost', report.lost.length],
    ['doubled', report.doubled.length],
    ['seed', options.seed],
  ];
  console.log(
    `\n${textTable(
      ['what', 'number'],
      rows.map((row) => row.map(String)),
    )}\n`,
  );
  for (const id of [...report.lost, ...report.doubled]) console.log(id);
  return report.lost.length + report.doubled.length === 0 ? 0 : 1;
}
