/** `npm run day`: a day with an outage, as the watch, `/attention` and the forwarded events show it. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { File } from '../../lib/ledger/answers.ts';
import { invokeLocal } from '../../stack/invoke-local.ts';
import { appIdOf, type Player, readAll, withPlayer } from '../player.ts';
import { type LostHour, lostHour } from './lost-hour.ts';
import { DAY_MINUTES, type OutageDay, outageDay } from './outage-day.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { heardLast } from './silence.ts';
import {
  clearedTable,
  entriesCleared,
  entriesListed,
  entriesLogged,
  entriesPosted,
  isSame,
  isSameEntries,
  needsTable,
  reasonsCounted,
  reasonsOf,
  type WatchLines,
} from './views.ts';

const HELP = `Usage: npm run day -- [--seed <number>]

Starts the stack with an empty ledger and a receiver of webhooks, and sends a day of signed callbacks. Some of them
never come, and a storage bucket fails for an hour. Then it shows what the watch logs, what /attention
lists and what was posted to the receiver, side by side; sends what was missing, and shows all three again.
In the last act every callback of an hour of ZEGOCLOUD is lost, and every upload that TRTC reported: the functions that
look into buckets and ask the vendor make the ledger complete again, from an S3 and a server of this process.
Exits 0 only if all three agree, and if nothing needs attention in the end.

The callbacks are dated in the 26 hours before now, and every threshold is the deployed one. The watch is run by
"sls invoke local", instead of waiting five minutes for it. That a vendor has been silent for a day cannot be sent:
the time of its last callback is put into the table.

  --seed <number>   chooses the order and the duplicates (default 1)`;

const DAY_MS = DAY_MINUTES * 60_000;

/** How long ago the silent vendor has called, in ms. */
const SILENT_MS = 25 * 60 * 60_000;

/** How long the stack may take to post the events of applied callbacks, in ms. */
const POST_TIMEOUT_MS = 10 * 60_000;
const POLL_MS = 50;

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) console.log(HELP);
else process.exitCode = (await main(Number(values.seed))) ? 0 : 1;

async function main(seed: number): Promise<boolean> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const receiver = await startReceiver(secret);
  const dayStart = Date.now() - DAY_MS;
  const lost = await lostHour(dayStart);
  // `sls invoke local` has the environment of this process.
  Object.assign(process.env, lost.environment);
  try {
    console.log('Starting the stack, as npm start does, and a receiver of webhooks …');
    const environment = { FORWARD_URL: receiver.url, FORWARD_SECRET: secret };
    return await withPlayer(seed, environment, async (player) => {
      const isDayRight = await showDay(outageDay(), player, receiver, dayStart);
      return (await showLostHour(lost, player, dayStart)) && isDayRight;
    });
  } finally {
    receiver.close();
    await lost.close();
  }
}

async function showDay(
  day: OutageDay,
  player: Player,
  receiver: Receiver,
  dayStart: number,
): Promise<boolean> {
  const { url, play } = player;
  await heardLast(day.silentVendor, url, Date.now() - SILENT_MS);
  const checks: [what: string, isRight: boolean][] = [];

  console.log('\nThe day, with its storage bucket out for an hour:');
  const sent = await play(day.callbacks, dayStart);
  const looked = await look(player);
  await reported(receiver, () => isSameEntries(entriesPosted(receiver.events), day.entries));
  const listed = entriesListed(await readAll(`${url}/attention`));
  const events = entriesPosted(receiver.events);
  console.log(`\n${needsTable(day.entries, looked, listed, events)}\n`);
  checks.push(
    ['/attention lists what needs attention', isSameEntries(listed, day.entries)],
    ['the events say the same', isSameEntries(events, day.entries)],
    ['the watch counts the same', isSame(reasonsCounted(looked), reasonsOf(day.entries))],
    [
      'the watch reports each item that no callback reports',
      isSameEntries(
        entriesLogged(looked, 'raised'),
        day.entries.filter(({ reason }) => reason !== 'upload_failed'),
      ),
    ],
  );

  console.log('The bucket is there again, and what was missing comes:');
  const recovered = await play(day.recovery, dayStart);
  const lookedAgain = await look(player);
  await reported(receiver, () => entriesPosted(receiver.events).length === 0);
  const left = entriesListed(await readAll(`${url}/attention`));
  const cleared = entriesCleared(receiver.events);
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
    `\n${sent.sent + recovered.sent} requests, ${ids.size} events. ${right ? 'All agree.' : 'They do not agree.'}`,
  );
  return right;
}

/** Lets the functions look for what no callback reported. */
async function showLostHour(lost: LostHour, player: Player, dayStart: number): Promise<boolean> {
  const { url, play } = player;
  console.log('\nAn hour without callbacks of ZEGOCLOUD and without uploads of TRTC:');
  await play(lost.callbacks, dayStart);
  await look(player);
  const before = await missingOf(lost, url);
  const overdue = entriesListed(await readAll(`${url}/attention`)).length;
  for (const name of ['zego-query', 'storage-check']) await invokeLocal(name, url);
  await look(player);
  const after = await missingOf(lost, url);
  const left = entriesListed(await readAll(`${url}/attention`)).length;
  console.log(
    `${before.length} files unknown and ${overdue} tasks overdue; then ${after.length} and ${left}.`,
  );
  const checks: [what: string, isRight: boolean][] = [
    ['no callback named a file of the hour', before.length === lost.files.length],
    ['the bucket and the vendor make the ledger complete', after.length === 0],
    ['and nothing needs attention', overdue > 0 && left === 0],
  ];
  for (const [what, isRight] of checks) console.log(`${isRight ? '✓' : '✗'} ${what}`);
  return checks.every(([, isRight]) => isRight);
}

/** The files of the hour that the ledger does not know as uploaded, or that it has twice. */
async function missingOf({ files }: LostHour, url: string): Promise<string[]> {
  const missing: string[] = [];
  for (const { vendor, taskId, name } of files) {
    const { files: known = [] } = await readAll(`${url}/tasks/${vendor}/${appIdOf(vendor)}/${taskId}`);
    const found = (known as File[]).filter((file) => file.name === name && file.status === 'uploaded');
    if (found.length !== 1) missing.push(name);
  }
  return missing;
}

/** What a run of the watch logs, and what the runs before it have logged, should the stack's own schedule be earlier. */
async function look({ url, logFile }: Player): Promise<WatchLines> {
  const earlier = (await readFile(logFile, 'utf8')).split('\n').slice(0, -1);
  const { lines } = await invokeLocal('watch', url);
  return [...lines, ...earlier.map((line) => JSON.parse(line) as WatchLines[number])];
}

/** Waits until the events are as expected, or until the time is up: then the checks fail. */
async function reported({ events }: Receiver, isRight: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + POST_TIMEOUT_MS;
  let seen = -1;
  while (Date.now() < giveUpAt && !(isRight() && seen === events.length)) {
    seen = events.length;
    await setTimeout(POLL_MS);
  }
}
