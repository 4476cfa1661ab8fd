import { parseArgs } from 'node:util';
import { textTable } from '../cli/output.ts';
import type { File } from '../lib/ledger/answers.ts';
import { sizeText, timeLeftText } from '../lib/page/text.ts';
import { type Day, demoDay, type ExpectedFile } from './day.ts';
import { appIdOf, type Player, readAll, withPlayer } from './player.ts';

/** `npm run demo`: a day of callbacks through the whole stack, and what the ledger says of it afterwards. */

const HELP = `Usage: npm run demo -- [--seed <number>] [--keep]

Starts the stack with an empty ledger, sends a day of signed callbacks of all three vendors, out of order, some
of them more than once and some of them forged, and shows the files and what needs attention.
Exits 0 only if the state is right.

  --seed <number>   chooses the order and the duplicates (default 1)
  --keep            leave the stack running until Ctrl-C, to look around`;

/** The day began this long ago, in ms. */
const DAY_MS = 8 * 60 * 60_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = (await main(Number(values.seed), values.keep)) ? 0 : 1;

function main(seed: number, keep: boolean): Promise<boolean> {
  console.log('Starting gateway, callback functions, SQS, consumer and DynamoDB …');
  return withPlayer(seed, {}, async (player) => {
    const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve));
    console.log(`Ready at ${player.url}\n`);
    const right = await showDay(demoDay(), player);
    if (keep) {
      console.log(`\nLook at the page:     ${player.url}/
On the command line:  npx rtc-callbacks attention list --url ${player.url}
Log lines:            ${player.logFile}
Ctrl-C ends it, and its data goes with it.`);
      await interrupted;
    } else console.log('To look at it on a page: npm run demo -- --keep');
    return right;
  });
}

async function showDay(day: Day, { url, play }: Player): Promise<boolean> {
  const { sent, repeated, forged, wrongAnswers } = await play(day.callbacks, Date.now() - DAY_MS);
  console.log(
    `${day.callbacks.length} callbacks in ${sent} requests: ${repeated} repeated, ${forged} forged.\n`,
  );
  const files = await filesOfTasks(day, url);
  const attention = await readFiles(`${url}/attention`);
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
    files.push(...(await readFiles(`${url}/tasks/${vendor}/${appIdOf(vendor)}/${taskId}`)));
  }
  return files;
}

async function readFiles(url: string): Promise<File[]> {
  const { files = [] } = await readAll(url);
  return files as File[];
}

/** A file and what was expected of it; one of them is missing when they differ. */
interface Difference {
  key: string;
  expected: string | undefined;
  actual: string | undefined;
}

/** Every file whose status is not the expected one, and every file too many or too few. */
function differences(expected: readonly ExpectedFile[], actual: readonly File[]): Difference[] {
  const expectedByKey = new Map(expected.map((file) => [keyOf(file), file.status]));
  const actualByKey = new Map(actual.map((file) => [keyOf(file), file.status]));
  return [...new Set([...expectedByKey.keys(), ...actualByKey.keys()])]
    .map((key) => ({ key, expected: expectedByKey.get(key), actual: actualByKey.get(key) }))
    .filter((row) => row.expected !== row.actual);
}

/** The files as a table. */
function fileTable(files: readonly File[]): string {
  return textTable(
    ['vendor', 'task', 'file', 'status', 'size', 'url'],
    files.map((file) => [
      file.vendor,
      file.taskId,
      shortened(file.name),
      file.status,
      file.sizeBytes === undefined ? '' : sizeText(file.sizeBytes),
      shortened(file.url ?? ''),
    ]),
  );
}

/** The files that need attention as a table; `now` is Unix time in ms. */
function attentionTable(files: readonly File[], now: number): string {
  return textTable(
    ['vendor', 'task', 'file', 'why', 'time left'],
    files.map((file) => [
      file.vendor,
      file.taskId,
      shortened(file.name),
      `${file.message ?? file.status} (${file.code ?? 'no code'})`,
      file.purgeAt === undefined ? 'not stated' : timeLeftText(Date.parse(file.purgeAt), now),
    ]),
  );
}

function keyOf({ vendor, taskId, name }: ExpectedFile | File): string {
  return `${vendor} ${taskId} ${name}`;
}

function shortened(text: string): string {
  return text.length <= 44 ? text : `${text.slice(0, 20)}…${text.slice(-23)}`;
}
