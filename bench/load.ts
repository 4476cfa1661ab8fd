import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { startChildStack } from '../stack/child-stack.ts';
import { callbacksDrained } from '../stack/queue-depth.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { bodyAbout } from './batches.ts';
import { signed, sourceNamed, USUAL_CALLBACKS } from './callbacks.ts';
import { type Planned, sendOnSchedule } from './load-generator.ts';
import type { Part, PartResult, RunOptions } from './report.ts';
import { percentilesOf } from './statistics.ts';

const CALLBACKS_PER_SECOND = 50;
const SECONDS = 60;
const CALLBACKS = CALLBACKS_PER_SECOND * SECONDS;
const WARM_UP_CALLBACKS = 60;
/** A message whose batch failed comes again after its visibility time-out of six minutes. */
const PATIENCE_MS = 8 * 60_000;
const CONCURRENT_READS = 8;

/** An app of RongCloud that sends one callback a second, beside those of the samples, which are loud. */
const QUIET_APP = { appId: 'quiet-app', secret: 'secret of the quiet app', each: CALLBACKS_PER_SECOND };

export const load: Part = {
  name: 'load',
  method:
    `${CALLBACKS_PER_SECOND} signed callbacks a second, in turn of the three vendors, to the whole local stack, by Artillery, open-loop: ` +
    'each is sent when it is due, whatever became of the others; one a second is of an app that sends no more. Afterwards every file is read back.',
  run: measure,
};

/** A callback that is going to be sent, and where its file can be read. */
interface PlannedFile extends Planned {
  taskPath: string;
  fileName: string;
}

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-load-'));
  const logFile = join(directory, 'functions.log');
  progress('starting the local stack');
  const secrets = sampleSecrets({});
  const rongcloud = { ...secrets.rongcloud, [QUIET_APP.appId]: [QUIET_APP.secret] };
  const environment = { CALLBACK_SECRETS: JSON.stringify({ ...secrets, rongcloud }) };
  const stack = await startChildStack(directory, logFile, { environment });
  try {
    const planned = Array.from({ length: WARM_UP_CALLBACKS + CALLBACKS }, (_, index) => plan(index));
    await warmUp(stack.url, planned.slice(0, WARM_UP_CALLBACKS));
    await callbacksDrained(stack.url, PATIENCE_MS);
    const warmLines = (await consumedLines(logFile)).length;

    progress(`sending ${CALLBACKS} callbacks`);
    const rate = { perSecond: CALLBACKS_PER_SECOND, seconds: SECONDS, directory };
    const load = await sendOnSchedule(stack.url, planned.slice(WARM_UP_CALLBACKS), rate);
    progress('waiting for the consumer');
    await callbacksDrained(stack.url, PATIENCE_MS);
    const lines = (await consumedLines(logFile)).slice(warmLines);
    const lagsOf = (isQuiet: boolean): number[] =>
      lines.filter(({ appId }) => (appId === QUIET_APP.appId) === isQuiet).map(({ lagMs }) => lagMs);
    progress('reading every file back');
    const sent = planned.slice(0, WARM_UP_CALLBACKS + load.sent);
    const lost = await countLost(stack.url, sent);
    return {
      distributions: [
        { what: 'ack', unit: 'ms', errors: load.errors, ...load.latencies },
        { what: 'received to state, loud apps', unit: 'ms', errors: 0, ...percentilesOf(lagsOf(false)) },
        { what: 'received to state, quiet app', unit: 'ms', errors: 0, ...percentilesOf(lagsOf(true)) },
      ],
      figures: [
        { what: 'callbacks not sent in time', value: CALLBACKS - load.sent, unit: '', target: { atMost: 0 } },
        { what: 'callbacks not acknowledged', value: load.errors, unit: '', target: { atMost: 0 } },
        { what: 'callbacks lost', value: lost, unit: '', target: { atMost: 0 }, note: `of ${sent.length}` },
      ],
    };
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function plan(index: number): PlannedFile {
  return index % QUIET_APP.each === 0 ? planQuiet(index) : planLoud(index);
}

function planQuiet(index: number): PlannedFile {
  const { source: name, event } = USUAL_CALLBACKS[0];
  const source = sourceNamed(name);
  const { appId, secret } = QUIET_APP;
  const body = { ...bodyAbout(name, event, { task: index }), appKey: appId };
  const callback = source.sign(body, { appId, secret, now: Date.now(), nonce: randomUUID() });
  const taskPath = `/tasks/${source.vendor}/${appId}/record-${index}`;
  return { path: source.path, callback, taskPath, fileName: 'file-0.mp4' };
}

function planLoud(index: number): PlannedFile {
  const { source: name, event } = USUAL_CALLBACKS[
    index % USUAL_CALLBACKS.length
  ] as (typeof USUAL_CALLBACKS)[number];
  const source = sourceNamed(name);
  const callback = signed(source, bodyAbout(name, event, { task: index }));
  const places: Record<string, [taskId: string, fileName: string]> = {
    'rongcloud-recording': [`record-${index}`, 'file-0.mp4'],
    tencent: [`room-${index}`, `picture-${index}-0.jpg`],
    zego: [`task-${index}`, `http://abc.com/${index}-0.jpg`],
  };
  const [taskId = '', fileName = ''] = places[name] ?? [];
  const taskPath = `/tasks/${source.vendor}/${source.appId}/${taskId}`;
  return { path: source.path, callback, taskPath, fileName };
}

/** Sends one callback after the other, until the functions and the engines are warm. */
async function warmUp(url: string, planned: readonly PlannedFile[]): Promise<void> {
  for (const { path, callback } of planned) {
    const { status } = await fetch(url + path, {
      method: 'POST',
      headers: callback.headers,
      body: new Uint8Array(callback.body),
    });
    if (status !== 200) throw new Error(`${path} answered ${status}.`);
  }
}

async function consumedLines(logFile: string): Promise<{ lagMs: number; appId: string }[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.includes('"consumed"'));
  return lines.map((line) => JSON.parse(line));
}

/** How many of the files cannot be read, or are not where they belong. */
async function countLost(url: string, planned: readonly PlannedFile[]): Promise<number> {
  let lost = 0;
  await forEachConcurrently(planned, CONCURRENT_READS, async ({ taskPath, fileName }) => {
    const response = await fetch(url + taskPath);
    const { files = [] } = (await response.json()) as { files?: { name: string; status: string }[] };
    if (!files.some(({ name, status }) => name === fileName && status === 'uploaded')) lost += 1;
  });
  return lost;
}
