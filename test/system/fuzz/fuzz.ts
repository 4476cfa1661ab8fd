/** `npm run fuzz`: random and mutated requests to every handler as it is deployed. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Campaign, HANDLERS, runCampaign } from './campaign.ts';
import { type Report, reportTable } from './report.ts';

const DEFAULT_REQUESTS = 100_000;

const HELP = `Sends random and mutated requests to the handlers as they are deployed, and checks what comes of each.

Usage: npm run fuzz -- [options] [handler …]

Handlers (all by default): ${HANDLERS.join(', ')}

Options:
  --requests <n>   how many requests each handler gets (default ${DEFAULT_REQUESTS})
  --seed <n>       the seed of the run: the same one makes the same requests (default: a random one, printed)
  --only <n>       make request number <n> of the run and no other; needs --seed and one handler
  -h, --help       show this

Checked for each request: a callback that was signed rightly is answered with 200 and left exactly one message, which
holds exactly its bytes; any other is refused and left none; one log line without a secret; no 5xx, no exception, no
unhandled rejection. Over the run: the heap does not grow. The consumer: every message is applied or in quarantine,
none fails. The read API and the page: 200, 400 or 404, and 200 for what was applied; nobody without the token sees the
page, and no text becomes an element of it. The write API: 200 for a right request, no 5xx for any. The watch: on any
items it comes to rest and writes nothing but its own. Spilled messages, change events and webhook messages: none is lost
whatever bus and receiver answer, partial batch failures are exactly those, signatures verify.

Exit codes: 0 all of it held, 1 some did not, 2 the command is wrong.`;

function parseCommand(args: string[]): Campaign {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { requests: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const unknown = positionals.find((handler) => !HANDLERS.includes(handler));
  if (unknown !== undefined)
    throw new Error(`unknown handler "${unknown}"; there are ${HANDLERS.join(', ')}`);
  const handlers =
    positionals.length > 0 ? HANDLERS.filter((handler) => positionals.includes(handler)) : HANDLERS;
  const only = values.only === undefined ? undefined : wholeNumber('--only', values.only, 0);
  if (only !== undefined && (values.seed === undefined || handlers.length !== 1)) {
    throw new Error('--only needs the --seed of the run and one handler');
  }
  return {
    handlers,
    requests: wholeNumber('--requests', values.requests ?? String(DEFAULT_REQUESTS), 1),
    seed: values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('--seed', values.seed, 0),
    only,
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least) {
    throw new Error(`${option} takes a whole number of at least ${least}, not "${text}"`);
  }
  return number;
}

/** Writes a line at each tenth of a handler's requests. */
function showProgress({ requests }: Campaign): (handler: string, done: number) => void {
  const shown = new Map<string, number>();
  return (handler, done) => {
    const tenth = Math.floor((10 * done) / requests);
    if (tenth === (shown.get(handler) ?? 0)) return;
    shown.set(handler, tenth);
    console.error(`${handler}: ${done.toLocaleString('en-US')} of ${requests.toLocaleString('en-US')}`);
  };
}

function showFailures({ seed, requests }: Campaign, { handler, failures, failureCount }: Report): void {
  for (const { index, reason, request } of failures) {
    console.log(`\n${handler}${index === undefined ? '' : ` ${index}`}: ${reason}`);
    if (request !== undefined) console.log(`  ${request}`);
    const only = index === undefined ? '' : ` --only ${index}`;
    console.log(`  again: npm run fuzz -- --seed ${seed} --requests ${requests}${only} ${handler}`);
  }
  if (failureCount > failures.length)
    console.log(`\n${handler}: ${failureCount - failures.length} more failures`);
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return 0;
  }
  let campaign: Campaign;
  try {
    campaign = parseCommand(args);
  } catch (error) {
    console.error(`${(error as Error).message}\nSee: npm run fuzz -- --help`);
    return 2;
  }
  console.log(`seed ${campaign.seed}`);
  const reports = await runCampaign({ ...campaign, progress: showProgress(campaign) });
  console.log(reportTable(reports));
  for (const report of reports) showFailures(campaign, report);
  return reports.some(({ failureCount }) => failureCount > 0) ? 1 : 0;
}

// To end by a signal would leave the folders of the engines behind.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

process.exitCode = await main(process.argv.slice(2));
