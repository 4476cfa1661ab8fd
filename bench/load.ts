import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { forEachConcurrently } from '../lib/concurrency.ts';
import type { SignedCallback } from '../lib/sample.ts';
import { startChildStack } from '../local/stack/child-stack.ts';
import { callbacksDrained } from '../local/stack/queue-depth.ts';
import { bodyAbout } from './batches.ts';
import { signed, sourceNamed, USUAL_CALLBACKS } from './callbacks.ts';
import type { Part, PartResult, RunOptions } from './report.ts';
import { percentilesOf } from './statistics.ts';

const CALLBACKS_PER_SECOND = 20;
const SECONDS = 20;
const WARM_UP_CALLBACKS = 60;
/** A message whose batch failed comes again after its visibility time-out of six minutes. */
const PATIENCE_MS = 8 * 60_000;
const CONCURRENT_READS = 8;

export const load: Part = {
  name: 'load',
  method:
    `${CALLBACKS_PER_SECOND} signed callbacks a second, in turn of the three vendors, to the whole local stack, open-loop: each is sent ` +
    'when it is due, whatever became of the others, and timed from when it was due. Afterwards every file is read back.',
  run: measure,
};

/** A callback that is going to be sent, and where its file can be read. */
interface Planned {
  path: string;
  callback: SignedCallback;
  taskPath: string;
  fileName: string;
}

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-load-'));
  const logFile = join(directory, 'functions.log');
  progress('starting the local stack');
  const stack = await startChildStack(directory, logFile);
  const agent = new Agent({ keepAlive: true });
  try {
    const total = WARM_UP_CALLBACKS + CALLBACKS_PER_SECOND * SECONDS;
    const planned = Array.from({ length: total }, (_, index) => plan(index));
    await sendOnSchedule(stack.url, planned.slice(0, WARM_UP_CALLBACKS), agent);
    await callbacksDrained(stack.url, PATIENCE_MS);
    const warmLines = (await consumedLines(logFile)).length;

    progress(`sending ${total - WARM_UP_CALLBACKS} callbacks`);
    const sent = await sendOnSchedule(stack.url, planned.slice(WARM_UP_CALLBACKS), agent);
    progress('waiting for the consumer');
    await callbacksDrained(stack.url, PATIENCE_MS);
    const lags = (await consumedLines(logFile)).slice(warmLines).map(({ lagMs }) => lagMs);
    progress('reading every file back');
    const lost = await countLost(stack.url, planned);
    return {
      distributions: [
        { what: 'due to ack', unit: 'ms', errors: sent.errors, ...percentilesOf(sent.latencies) },
        { what: 'received to state', unit: 'ms', errors: 0, ...percentilesOf(lags) },
      ],
      figures: [
        { what: 'callbacks not acknowledged', value: sent.errors, unit: '', target: { atMost: 0 } },
        {
          what: 'acknowledged callbacks lost',
          value: lost,
          unit: '',
          target: { atMost: 0 },
          note: `of ${total}`,
        },
      ],
    };
  } finally {
    agent.destroy();
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function plan(index: number): Planned {
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

/** Sends each callback when it is due. Latencies are in ms from then; errors are answers other than 200, and none. */
async function sendOnSchedule(
  url: string,
  planned: readonly Planned[],
  agent: Agent,
): Promise<{ latencies: number[]; errors: number }> {
  const latencies: number[] = [];
  let errors = 0;
  const startedAt = performance.now();
  const sendings: Promise<void>[] = [];
  for (const [index, { path, callback }] of planned.entries()) {
    const dueAt = startedAt + (index * 1000) / CALLBACKS_PER_SECOND;
    const wait = dueAt - performance.now();
    if (wait > 0) await setTimeout(wait);
    sendings.push(
      post(url + path, callback, agent).then((status) => {
        latencies.push(performance.now() - dueAt);
        if (status !== 200) errors += 1;
      }),
    );
  }
  await Promise.all(sendings);
  return { latencies, errors };
}

/** The status of the answer; 0 when there was none. */
function post(url: string, { headers, body }: SignedCallback, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    )
      .on('error', () => resolve(0))
      .end(body);
  });
}

async function consumedLines(logFile: string): Promise<{ lagMs: number }[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.includes('"consumed"'));
  return lines.map((line) => JSON.parse(line));
}

/** How many of the files cannot be read, or are not where they belong. */
async function countLost(url: string, planned: readonly Planned[]): Promise<number> {
  let lost = 0;
  await forEachConcurrently(planned, CONCURRENT_READS, async ({ taskPath, fileName }) => {
    const response = await fetch(url + taskPath);
    const { files = [] } = (await response.json()) as { files?: { name: string; status: string }[] };
    if (!files.some(({ name, status }) => name === fileName && status === 'uploaded')) lost += 1;
  });
  return lost;
}
