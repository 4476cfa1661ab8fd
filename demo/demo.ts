/** `npm run demo`: a day of callbacks through the whole stack, and what the ledger says of it afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPages } from '../cli/read-pages.ts';
import type { File } from '../lib/ledger/answers.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { startChildStack } from '../stack/child-stack.ts';
import { callbacksDrained } from '../stack/queue-depth.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { sampleAppId } from '../stack/samples/signed-sample.ts';
import { type Day, demoDay } from './day.ts';
import { deliver } from './delivery.ts';
import { seededRandom } from './random.ts';
import { attentionTable, differences, fileTable } from './report.ts';

const HELP = `Usage: npm run demo -- [--seed <number>] [--keep]

Starts the stack with an empty ledger, sends a day of signed callbacks of all three vendors, out of order, some
of them more than once and some of them forged, and shows the files and what needs attention.
Exits 0 only if the state is right.

  --seed <number>   chooses the order and the duplicates (default 1)
  --keep            leave the stack running until Ctrl-C, to look around`;

/** The day began this long ago, in ms. */
const DAY_MS = 8 * 60 * 60_000;

/** How long the consumer may take to empty the queue, in ms; usually it has done so at once. */
const PATIENCE_MS = 30_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = (await main(Number(values.seed), values.keep)) ? 0 : 1;

async function main(seed: number, keep: boolean): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-demo-'));
  const logFile = join(directory, 'functions.log');
  console.log('Starting gateway, callback functions, SQS, consumer and DynamoDB …');
  const stack = await startChildStack(directory, logFile);
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve));
  try {
    console.log(`Ready at ${stack.url}\n`);
    const right = await playDay(demoDay(), stack.url, seed);
    if (keep) {
      console.log(`\nLook at the page:     ${stack.url}/
On the command line:  npx rtc-callbacks files attention --url ${stack.url}
Log lines:            ${logFile}
Ctrl-C ends it, and its data goes with it.`);
      await interrupted;
    } else console.log('To look at it on a page: npm run demo -- --keep');
    return right;
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function playDay(day: Day, url: string, seed: number): Promise<boolean> {
  const { sent, repeated, forged, wrongAnswers } = await deliver(
    day.callbacks,
    Date.now() - DAY_MS,
    url,
    seededRandom(seed),
  );
  console.log(
    `${day.callbacks.length} callbacks in ${sent} requests: ${repeated} repeated, ${forged} forged.\n`,
  );
  await callbacksDrained(url, PATIENCE_MS);
  const files = await filesOfTasks(day, url);
  const attention = await readAll<File>(`${url}/attention`, 'files');
  console.log(`${fileTable(files)}\n\nNeeds attention:\n\n${attentionTable(attention, Date.now())}\n`);

  const wrong = differences(day.files, files);
  const failing = day.files.filter(({ status }) => status === 'upload_failed');
  const wrongAttention = differences(failing, attention);
  for (const answer of wrongAnswers) console.log(`Wrong answer: ${answer}`);
  for (const { key, expected, actual } of wrong)
    console.log(`Wrong file: ${key} is ${actual}, not ${expected}`);
  for (const { key, expected, actual } of wrongAttention) {
    console.log(`Wrong attention: ${key} is ${actual}, not ${expected}`);
  }
  const right = wrongAnswers.length + wrong.length + wrongAttention.length === 0;
  console.log(
    right
      ? `Right: ${files.length} files as they should be, ${attention.length} of them need attention.`
      : 'The state is not what it should be.',
  );
  return right;
}

async function filesOfTasks(day: Day, url: string): Promise<File[]> {
  const tasks = new Map(day.files.map(({ vendor, taskId }) => [`${vendor} ${taskId}`, { vendor, taskId }]));
  const files: File[] = [];
  for (const { vendor, taskId } of tasks.values()) {
    files.push(...(await readAll<File>(`${url}/tasks/${vendor}/${appIdOf(vendor)}/${taskId}`, 'files')));
  }
  return files;
}

function appIdOf(vendor: string): string | undefined {
  const source = SAMPLE_SOURCES.find((candidate) => candidate.vendor === vendor);
  return source && sampleAppId(source, sampleSecrets());
}

/** Every page of a list of the read API; an unknown task has none. */
async function readAll<Item>(url: string, list: string): Promise<Item[]> {
  const pages = await readPages((page) => fetch(page), url);
  if (pages.ok) return pages.body[list] as Item[];
  if (pages.response.status === 404) return [];
  throw new Error(`${url}: ${pages.response.status} ${await pages.response.text()}`);
}
