import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isoTime } from '../lib/callback/time.ts';
import type { Owner } from '../lib/ledger/keys.ts';
import { appName } from '../lib/page/choice.ts';
import { startStack } from '../stack/stack.ts';
import { fillLedger } from '../test/support/filled-ledger.ts';
import { fillStack } from './filled-stack.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';
import { medianOf } from './statistics.ts';

const OWNER: Owner = { vendor: 'rongcloud', appId: 'e0x9wycfx7flq' };
const DAY_MS = 24 * 60 * 60_000;
const FILLING = { tasks: 2_000, files: 5_000, failedOf: 100, spanMs: 2 * DAY_MS };
const TURNS = 3;

export const pages: Part = {
  name: 'pages',
  method:
    `The pages of the embedded stack with ${FILLING.tasks} tasks and ${FILLING.files} files of two days: the CPU time of an answer, ` +
    `and how long it takes, medians of ${TURNS} turns after one. What is not of the function is of the gateway and the database.`,
  run: measure,
};

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-pages-'));
  try {
    progress('writing the tasks and files, on dynalite');
    const now = Date.now();
    await fillStack(folder, (client, table) => fillLedger(client, table, OWNER, { ...FILLING, now }));
    const stack = await startStack({ port: 0, dataDir: folder, output: { write: () => {} } });
    try {
      const figures: Figure[] = [];
      for (const path of pathsAt(now)) {
        progress(path);
        figures.push(await ask(stack.url, path));
      }
      return { distributions: [], figures };
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pathsAt(now: number): string[] {
  const [today, yesterday] = [now, now - DAY_MS].map((at) => isoTime(at).slice(0, 10));
  const list = (name: string, query: Record<string, string | undefined>) =>
    `/page/${name}?${new URLSearchParams({ app: appName(OWNER), ...query } as Record<string, string>)}`;
  return [
    '/',
    '/page/attention',
    list('tasks', {}),
    list('tasks', { files: 'none' }),
    list('tasks', { files: 'none', from: yesterday, through: yesterday }),
    list('files', {}),
    list('files', { status: 'upload_failed' }),
    list('usage', {}),
    list('usage', { from: isoTime(now - 30 * DAY_MS).slice(0, 10), through: today }),
    `/page/room?${new URLSearchParams({ ...OWNER, id: 'class-49' })}`,
    `/page/task?${new URLSearchParams({ ...OWNER, id: 'lesson-1999' })}`,
    '/page/find?id=lesson-1999',
  ];
}

/** The CPU time of a page. The functions are threads of this process, and everything else of the stack is in this one. */
async function ask(url: string, path: string): Promise<Figure> {
  const times: { all: number; ofFunction: number; waited: number }[] = [];
  let bytes = 0;
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const [before, beforeHere, startedAt] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
    const response = await fetch(url + path);
    bytes = (await response.text()).length;
    if (!response.ok) throw new Error(`${path} is answered ${response.status}.`);
    const waited = performance.now() - startedAt;
    const all = millisecondsOf(process.cpuUsage(before));
    times.push({ all, ofFunction: all - millisecondsOf(process.threadCpuUsage(beforeHere)), waited });
  }
  const [value, ofFunction, waited] = (['all', 'ofFunction', 'waited'] as const).map((name) =>
    medianOf(times.slice(1).map((time) => time[name])),
  );
  return {
    what: path,
    value: value ?? 0,
    unit: 'ms of CPU',
    note: `${Math.round(ofFunction ?? 0)} of the function; ${Math.round(bytes / 1024)} KB after ${Math.round(waited ?? 0)} ms`,
  };
}

function millisecondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
