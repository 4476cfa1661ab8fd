/** `npm run day`: a day with an outage, as the watch, `/attention` and the forwarded events tell of it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readPages } from '../../cli/read-pages.ts';
import { createHeartbeat } from '../../lib/ledger/heartbeat.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { startChildStack } from '../../stack/child-stack.ts';
import { invokeLocal } from '../../stack/invoke-local.ts';
import { callbacksDrained } from '../../stack/queue-depth.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { sampleAppId } from '../../stack/samples/signed-sample.ts';
import { deliver } from '../delivery.ts';
import { seededRandom } from '../random.ts';
import { DAY_MINUTES, type OutageDay, outageDay } from './outage-day.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { clearedTable, needsTable } from './report.ts';
import {
  type AttentionLists,
  entriesListed,
  entriesLogged,
  entriesTold,
  entriesToldCleared,
  isSame,
  isSameEntries,
  reasonsCounted,
  reasonsOf,
  type WatchLines,
} from './views.ts';

const HELP = `Usage: npm run day -- [--seed <number>]

Starts the stack with an empty ledger and a receiver of webhooks, and sends a day of signed callbacks of which some
never come, and in which a storage bucket fails for an hour. Then it shows what the watch logs, what /attention
lists and what was posted to the receiver, side by side; sends what was missing, and shows all three again.
Exits 0 only if they tell the same story, and in the end that nothing needs attention.

The callbacks are dated in the 26 hours before now, and every threshold is the deployed one. The watch is run by
"sls invoke local", instead of waiting five minutes for it. That a vendor has been silent for a day cannot be sent:
the time of its last callback is put into the table.

  --seed <number>   chooses the order and the duplicates (default 1)`;

const DAY_MS = DAY_MINUTES * 60_000;

/** How long ago the silent vendor has called, in ms. */
const SILENT_MS = 25 * 60 * 60_000;

/**
 * How long the stack may take to apply callbacks, and to post events after that, in ms. It usually does so at once; on a
 * machine that is busy with others a message may have to come again, which it does after six minutes.
 */
const APPLY_PATIENCE_MS = 8 * 60_000;
const POST_PATIENCE_MS = 2 * 60_000;
const POLL_MS = 50;

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) console.log(HELP);
else process.exitCode = (await main(Number(values.seed))) ? 0 : 1;

async function main(seed: number): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-day-'));
  const key = randomBytes(32);
  const receiver = await startReceiver(key);
  try {
    console.log('Starting the stack, as npm start does, and a receiver of webhooks …');
    const secret = `whsec_${key.toString('base64')}`;
    const logFile = join(directory, 'functions.log');
    const stack = await startChildStack(directory, logFile, {
      args: ['--forward', receiver.url, '--forward-secret', secret],
    });
    try {
      return await playDay(outageDay(), { url: stack.url, logFile, receiver }, seed);
    } finally {
      await stack.stop();
    }
  } finally {
    receiver.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Where the day is played. */
interface Scene {
  url: string;
  /** The lines of the stack's functions. */
  logFile: string;
  receiver: Receiver;
}

async function playDay(day: OutageDay, scene: Scene, seed: number): Promise<boolean> {
  const { url, receiver } = scene;
  const dayStart = Date.now() - DAY_MS;
  const random = seededRandom(seed);
  await heardLast(day, url, Date.now() - SILENT_MS);
  const checks: [what: string, isRight: boolean][] = [];

  console.log('\nThe day, with its storage bucket out for an hour:');
  const sent = await deliver(day.callbacks, dayStart, url, random);
  await callbacksDrained(url, APPLY_PATIENCE_MS);
  const looked = await look(scene);
  await told(receiver, () => isSameEntries(entriesTold(receiver.events), day.entries));
  const listed = entriesListed(await attention(url));
  const events = entriesTold(receiver.events);
  console.log(`\n${needsTable(day.entries, looked, listed, events)}\n`);
  checks.push(
    ['/attention lists what needs attention', isSameEntries(listed, day.entries)],
    ['the events tell the same', isSameEntries(events, day.entries)],
    ['the watch counts the same', isSame(reasonsCounted(looked), reasonsOf(day.entries))],
    [
      'the watch says so of each that no callback tells of',
      isSameEntries(
        entriesLogged(looked, 'raised'),
        day.entries.filter(({ reason }) => reason !== 'upload_failed'),
      ),
    ],
  );

  console.log('The bucket is there again, and what was missing comes:');
  const recovered = await deliver(day.recovery, dayStart, url, random);
  await callbacksDrained(url, APPLY_PATIENCE_MS);
  const lookedAgain = await look(scene);
  await told(receiver, () => entriesTold(receiver.events).length === 0);
  const left = entriesListed(await attention(url));
  const cleared = entriesToldCleared(receiver.events);
  console.log(`\n${clearedTable(day.entries, lookedAgain, left, cleared)}\n`);
  checks.push(
    ['in the end /attention is empty', left.length === 0],
    ['the events have cleared every entry', isSameEntries(cleared, day.entries)],
    ['the watch counts none', isSame(reasonsCounted(lookedAgain), {})],
    [
      'every callback was answered as it should be',
      [...sent.wrongAnswers, ...recovered.wrongAnswers].length === 0,
    ],
    ['every event was signed', receiver.refused() === 0],
  );

  for (const [what, isRight] of checks) console.log(`${isRight ? '✓' : '✗'} ${what}`);
  const right = checks.every(([, isRight]) => isRight);
  const ids = new Set(receiver.events.map(({ id }) => id));
  console.log(
    `\n${sent.sent + recovered.sent} requests, ${ids.size} events. ${right ? 'All tell the same story.' : 'They do not tell the same story.'}`,
  );
  return right;
}

/** Puts the time of the silent vendor's last callback into the table. */
async function heardLast(
  { silentVendor: vendor }: OutageDay,
  url: string,
  receivedAt: number,
): Promise<void> {
  const source = SAMPLE_SOURCES.find((candidate) => candidate.vendor === vendor);
  const appId = source === undefined ? '' : sampleAppId(source, sampleSecrets());
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: `${url}/aws/dynamodb`, region: 'us-east-1', credentials });
  await createHeartbeat(client, 'rtc-callbacks-local-ledger')({ vendor, appId }, receivedAt);
  client.destroy();
}

/** What a run of the watch logs, and what the runs before it have logged, should the stack's own schedule be earlier. */
async function look({ url, logFile }: Scene): Promise<WatchLines> {
  const earlier = (await readFile(logFile, 'utf8')).split('\n').slice(0, -1);
  const { lines } = await invokeLocal('watch', url);
  return [...lines, ...earlier.map((line) => JSON.parse(line) as WatchLines[number])];
}

async function attention(url: string): Promise<AttentionLists> {
  const pages = await readPages(fetch, `${url}/attention`);
  if (!pages.ok) throw new Error(`/attention: ${pages.response.status} ${await pages.response.text()}`);
  return pages.body;
}

/** Waits for events until they tell what they should, or for as long as there is patience: the checks tell then. */
async function told({ events }: Receiver, isRight: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + POST_PATIENCE_MS;
  let seen = -1;
  while (Date.now() < giveUpAt && !(isRight() && seen === events.length)) {
    seen = events.length;
    await setTimeout(POLL_MS);
  }
}
