/** `npm run night`: what wakes a person, how soon, the command that finds the cause, and the end of the alarm. */
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { DeleteTableCommand, DescribeTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { runCommandLine } from '../../cli/run.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { invokeLocal } from '../../stack/invoke-local.ts';
import { createTable } from '../../stack/resources.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { signedSample } from '../../stack/samples/signed-sample.ts';
import { appIdOf, dayCallback, type Player, withPlayer } from '../player.ts';
import { heardLast, tableClient } from './silence.ts';

/** How many times as fast the alarms' clock runs. */
const SPEED = 60;

const HELP = `Usage: npm run night [-- --seed <number>]

Starts the stack with an empty ledger and makes four things go wrong, one after the other: a wrong secret, a broken
bucket, a silent vendor and a growing queue. Of each it shows the first notice and how long it took, what the command
says that finds the cause, and that the notice and the cause end with the repair. Exits 0 only if all do.

The alarms are those of serverless.yml; their clock runs ${SPEED} times as fast, and a message comes again ${SPEED} times as soon.
The watch, which runs every five minutes, is run at once by "sls invoke local". That a vendor has been silent for a day
cannot be sent: the time of its last callback is put into the table.

  --seed <number>   chooses the order and the duplicates (default 1)`;

const TABLE = 'rtc-callbacks-local-ledger';
const HOUR_MS = 60 * 60_000;

/** How long to wait for anything, in ms. */
const PATIENCE_MS = 10 * 60_000;
const POLL_MS = 100;

/** Something that goes wrong at night. */
interface Trouble {
  name: string;
  /** Makes it happen. */
  begin(night: Night): Promise<void>;
  /** The subject of its first notice. */
  notice: RegExp;
  /** How a time of this machine is one of a stage, for people. */
  clock: 'alarm' | 'watch';
  /** The command of the runbook, and what it says then. */
  command: readonly string[];
  finding: RegExp;
  repair(night: Night): Promise<void>;
  /** The subject of the notice that it is over; an attention item has none. */
  end?: RegExp;
  /** A command and what it says when it is over. */
  over: readonly string[];
  well: RegExp;
}

type Night = Player & { table?: TableDescription | undefined };

const TROUBLES: readonly Trouble[] = [
  {
    name: 'wrong secret: a vendor signs with one that the parameter does not have',
    begin: ({ url }) => sendTencent(url, 'not-the-secret', 6),
    notice: /^ALARM: "rtc-callbacks-local-refusals-tencent"/,
    clock: 'alarm',
    command: ['doctor'],
    finding: /failure {2}tencent app \d+: 6 of 6 refused .* wrong_signature/,
    repair: ({ url }) => sendTencent(url, undefined, 1),
    end: /^OK: "rtc-callbacks-local-refusals-tencent"/,
    over: ['doctor'],
    well: /callbacks of tencent app \d+: .*secret 1 verified one/,
  },
  {
    name: 'broken bucket: the vendor cannot store what it has recorded',
    begin: (night) => recordings(night, 'upload-failed'),
    notice: /^rtc-callbacks: upload_failed \(3\) rongcloud /,
    clock: 'watch',
    command: ['attention', 'list'],
    finding: /lesson-1 .*upload_failed/,
    repair: (night) => recordings(night, 'upload'),
    over: ['attention', 'list'],
    well: /^Nothing needs attention/m,
  },
  {
    name: 'silent vendor: its URL was changed in the console, a day ago',
    async begin({ url }) {
      await heardLast('zego', url, Date.now() - 25 * HOUR_MS);
      await invokeLocal('watch', url);
    },
    notice: /^rtc-callbacks: app_silent \(1\) zego /,
    clock: 'watch',
    command: ['doctor'],
    finding: /warning {2}callbacks of zego app \d+: the last came 1 d/,
    async repair({ play, url }) {
      await play([dayCallback('zego', 'snapshot', 0, {})], Date.now());
      await invokeLocal('watch', url);
    },
    over: ['attention', 'list'],
    well: /^Nothing needs attention/m,
  },
  {
    name: 'growing queue: the table does not answer, and the consumer applies nothing',
    async begin(night) {
      night.table = await takeTable(night.url);
      await sendTencent(night.url, undefined, 6);
    },
    notice: /^ALARM: "rtc-callbacks-local-queue-age"/,
    clock: 'alarm',
    command: ['doctor'],
    finding: /failure {2}table: .*\n +· consumer: \d+ failed attempts/,
    repair: ({ url, table }) => giveTable(url, table),
    end: /^OK: "rtc-callbacks-local-queue-age"/,
    over: ['doctor'],
    well: /ok {7}queue callbacks: 0 messages/,
  },
];

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) console.log(HELP);
else process.exitCode = (await main(Number(values.seed))) ? 0 : 1;

function main(seed: number): Promise<boolean> {
  console.log('Starting the stack, as npm start does …');
  return withPlayer(seed, { ALARM_SPEED: String(SPEED) }, async (player) => {
    await comeAgainSooner(player.url);
    const shown: boolean[] = [];
    for (const trouble of TROUBLES) shown.push(await show(trouble, { ...player }));
    const right = shown.every(Boolean);
    console.log(
      right ? '\nEach was noticed, found and repaired.' : '\nNot each was noticed, found and repaired.',
    );
    return right;
  });
}

async function show(trouble: Trouble, night: Night): Promise<boolean> {
  console.log(`\n${trouble.name}`);
  const beganAt = Date.now();
  await trouble.begin(night);
  const notice = await noticed(night, trouble.notice, beganAt);
  const took = notice && Date.parse(notice.time) - beganAt;
  say(
    'notice',
    took === undefined ? 'none' : `${timeText(took, trouble.clock)}\n${notice?.subject}\n${notice?.text}`,
  );

  const found = await says(night.url, trouble.command, trouble.finding);
  say(`npx rtc-callbacks ${trouble.command.join(' ')}`, found);

  const repairedAt = Date.now();
  await trouble.repair(night);
  const end = trouble.end && (await noticed(night, trouble.end, repairedAt));
  if (trouble.end !== undefined) say('repaired', end?.subject);
  const well = await says(night.url, trouble.over, trouble.well);
  say(`npx rtc-callbacks ${trouble.over.join(' ')}`, well);
  const checks: [what: string, isRight: boolean][] = [
    ['somebody was woken', notice !== undefined],
    ['the command finds the cause', found !== undefined],
    ['it ends with the repair', well !== undefined && (trouble.end === undefined || end !== undefined)],
  ];
  for (const [what, isRight] of checks) console.log(`${isRight ? '✓' : '✗'} ${what}`);
  return checks.every(([, isRight]) => isRight);
}

function timeText(ms: number, clock: Trouble['clock']): string {
  const seconds = (value: number) => `${(value / 1_000).toFixed(1)} s`;
  return clock === 'alarm'
    ? `after ${seconds(ms)}, which are ${seconds(ms * SPEED)} of the alarms' clock`
    : `after ${seconds(ms)}, the watch's run and its start included; on a stage it runs every five minutes`;
}

function say(what: string, text = 'nothing'): void {
  console.log([what.padEnd(32), ...text.split('\n')].join('\n    '));
}

interface NoticeLine {
  time: string;
  subject: string;
  text: string;
}

/** Waits for a notice that was published since a moment; `undefined` when none comes. */
function noticed({ logFile }: Night, subject: RegExp, since: number): Promise<NoticeLine | undefined> {
  return until(async () => {
    const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.includes('"notified"'));
    const notices = lines.map((line) => JSON.parse(line) as NoticeLine);
    return notices.find((notice) => Date.parse(notice.time) >= since && subject.test(notice.subject));
  });
}

/** The lines of a command's output that are looked for, as soon as it says them; `undefined` when it never does. */
function says(url: string, command: readonly string[], expected: RegExp): Promise<string | undefined> {
  return until(async () => {
    const output = { stdout: new PassThrough(), stderr: new PassThrough() };
    await runCommandLine([...command, '--url', url], { output, signal: new AbortController().signal });
    const text = stripVTControlCharacters(String(output.stdout.read() ?? ''));
    return expected.exec(text)?.[0];
  });
}

async function until<Result>(look: () => Promise<Result | undefined>): Promise<Result | undefined> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await look();
    if (result !== undefined || Date.now() > giveUpAt) return result;
    await setTimeout(POLL_MS);
  }
}

/** Sends genuine callbacks of TRTC, or some that are signed with another secret than the stack has. */
async function sendTencent(url: string, secret: string | undefined, count: number): Promise<void> {
  const source = SAMPLE_SOURCES.find(({ name }) => name === 'tencent');
  const appId = appIdOf('tencent');
  if (source === undefined) throw new Error('There are no samples of tencent.');
  const secrets = secret === undefined ? sampleSecrets() : { tencent: { [appId]: [secret] } };
  for (let index = 0; index < count; index += 1) {
    const set = new Map([['EventInfo.TaskId', `night-${index}`]]);
    const sample = signedSample(source, 'recording-start', secrets, {
      now: Date.now(),
      nonce: String(index),
      set,
    });
    if (!sample.ok) throw new Error(sample.reason);
    await fetch(url + source.path, {
      method: 'POST',
      headers: sample.callback.headers,
      body: sample.callback.body,
    });
  }
}

/** Three lessons that ended just now, with what became of their uploads. The watch looks at them. */
async function recordings({ url, play }: Night, upload: 'upload' | 'upload-failed'): Promise<void> {
  const callbacks = [1, 2, 3].flatMap((number) => {
    const values = {
      recordId: `lesson-${number}`,
      roomId: `room-${number}`,
      'output.fileName': `lesson-${number}.mp4`,
    };
    return ['start', 'end', upload].map((event, index) =>
      dayCallback('rongcloud-recording', event, index, values),
    );
  });
  await play(callbacks, Date.now() - 10 * 60_000);
  await invokeLocal('watch', url);
}

/** Lets a message that failed come again as much sooner as the alarms' clock is faster. */
async function comeAgainSooner(url: string): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sqs = new SQSClient({ endpoint: `${url}/aws/sqs`, region: 'us-east-1', credentials });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'rtc-callbacks-local-callbacks' }));
  const Attributes = { VisibilityTimeout: String(360 / SPEED) };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  sqs.destroy();
}

async function takeTable(url: string): Promise<TableDescription | undefined> {
  const client = tableClient(url);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
  await client.send(new DeleteTableCommand({ TableName: TABLE }));
  client.destroy();
  return Table;
}

async function giveTable(url: string, table: TableDescription = {}): Promise<void> {
  const client = tableClient(url);
  const indexes = table.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
    ...{ IndexName, KeySchema, Projection },
  }));
  const definition = { ...table, GlobalSecondaryIndexes: indexes, BillingMode: 'PAY_PER_REQUEST' };
  await createTable(client, { ...definition, ProvisionedThroughput: undefined, TableName: TABLE });
  client.destroy();
}
