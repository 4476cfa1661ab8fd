/** `npm run bench`: measures the packaged service. */
import { parseArgs } from 'node:util';
import { ack } from './ack.ts';
import { consumer } from './consumer.ts';
import { cost } from './cost.ts';
import { hostile } from './hostile.ts';
import { lists } from './lists.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { pages } from './pages.ts';
import { questions } from './questions.ts';
import { missedFigures, type Part, type Report, reportText, thisMachine } from './report.ts';
import { scale } from './scale.ts';
import { verification } from './verification.ts';

const PARTS: readonly Part[] = [
  ack,
  verification,
  hostile,
  consumer,
  scale,
  memory,
  cost,
  lists,
  questions,
  pages,
  load,
];

const HELP = `Usage: npm run bench -- [part…] [options]

Measures the functions as they are packaged. Every figure with a target is a ratio of two things measured in turns
in the same run, or a count. Without a part, all of them are run, in about ten minutes.

Parts:
${PARTS.map(({ name, method }) => `  ${name.padEnd(14)} ${method}`).join('\n')}

Options:
  --full        the largest sizes too (up to 1,000,000 tasks and callbacks)
  --json        print JSON instead of tables; progress goes to the standard error
  -h, --help    show this

Exit codes: 0 all targets are met, 1 some are missed, 2 the command is wrong, 3 a part could not be measured.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  if (typeof command === 'string') {
    process.stderr.write(`${command}\nnpm run bench -- --help lists the parts.\n`);
    return 2;
  }
  if (command.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const report = await run(command.parts, command.full);
  process.stdout.write(command.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  if (report.parts.length < command.parts.length) return 3;
  return missedFigures(report).length > 0 ? 1 : 0;
}

interface Command {
  parts: readonly Part[];
  full: boolean;
  json: boolean;
  help: boolean;
}

/** The command, or what is wrong with it. */
function parseCommand(args: string[]): Command | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        full: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const unknown = positionals.find((name) => !PARTS.some((part) => part.name === name));
    if (unknown !== undefined) return `There is no part "${unknown}".`;
    const parts = PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    return { ...values, parts };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Measures part after part; one that fails is reported and left out. */
async function run(parts: readonly Part[], full: boolean): Promise<Report> {
  const report: Report = { machine: thisMachine(), startedAt: new Date().toISOString(), full, parts: [] };
  for (const part of parts) {
    const startedAt = Date.now();
    const progress = (line: string): void => {
      process.stderr.write(`${part.name}: ${line}\n`);
    };
    try {
      const measured = await part.run({ full, progress });
      const seconds = (Date.now() - startedAt) / 1000;
      report.parts.push({ name: part.name, method: part.method, seconds, ...measured });
    } catch (error) {
      progress((error as Error).stack ?? String(error));
    }
  }
  return report;
}
