import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isoTime } from '../lib/callback/time.ts';
import { appName } from '../lib/page/choice.ts';
import { startChildStack } from '../stack/child-stack.ts';
import { fillStack } from './filled-stack.ts';
import { fill, NOW, OWNER } from './lists.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';

const run = promisify(execFile);

const TOOL = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const TURNS = 3;
const MOST_OUTPUT_BYTES = 256 * 1_048_576;

const APP = ['--vendor', OWNER.vendor, '--app', OWNER.appId];
const TODAY = isoTime(NOW).slice(0, 10);
const YESTERDAY = isoTime(NOW - 24 * 60 * 60_000).slice(0, 10);
const THIS_MONTH = `${TODAY.slice(0, 7)}-01`;
const ROOM = 'room-1';

/** A question as a command, and as a page where it has one. */
interface Question {
  what: string;
  args: readonly string[];
  /** What the command lists. */
  list: string;
  page?: string;
}

const pageOf = (name: string, query: Record<string, string>): string =>
  `/page/${name}?${new URLSearchParams(query)}`;

/** The first is what every command takes besides. */
const QUESTIONS: readonly Question[] = [
  { what: 'a command that asks little', args: ['apps'], list: 'apps' },
  {
    what: 'which recordings of yesterday have no file',
    args: ['tasks', 'list', '--without-file', ...APP, '--from', YESTERDAY, '--to', TODAY],
    list: 'tasks',
    page: pageOf('tasks', { app: appName(OWNER), files: 'none', from: YESTERDAY, through: YESTERDAY }),
  },
  {
    what: 'how many minutes this month',
    args: ['usage', ...APP, '--from', THIS_MONTH, '--to', TODAY],
    list: 'usage',
    page: pageOf('usage', { app: appName(OWNER), from: THIS_MONTH, through: YESTERDAY }),
  },
  {
    what: 'all files of a class',
    args: ['rooms', 'show', OWNER.vendor, OWNER.appId, ROOM, '--files'],
    list: 'files',
    page: pageOf('room', { ...OWNER, id: ROOM }),
  },
];

export const questions: Part = {
  name: 'questions',
  method:
    'The same 100,000 files in the embedded stack of `npm start`, asked by one command of the command line each, a process of ' +
    `its own, and by one page: the median of ${TURNS} turns, and how many times it is that of a command that asks little.`,
  run: measure,
};

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-questions-'));
  const dataDir = join(folder, 'data');
  try {
    progress('writing the files, on dynalite');
    await fillStack(dataDir, fill);
    const stack = await startChildStack(dataDir, join(folder, 'log'));
    try {
      return { distributions: [], figures: await ask(stack.url, progress) };
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(url: string, progress: RunOptions['progress']): Promise<Figure[]> {
  const figures: Figure[] = [];
  let least: number | undefined;
  for (const { what, args, list, page } of QUESTIONS) {
    progress(what);
    let members = 0;
    const value = await median(async () => {
      const all = [TOOL, ...args, '--json', '--url', url];
      const { stdout } = await run(process.execPath, all, { maxBuffer: MOST_OUTPUT_BYTES });
      members = (JSON.parse(stdout) as Record<string, unknown[]>)[list]?.length ?? 0;
    });
    least ??= value;
    figures.push({ what, value, unit: 'ms', note: `${members} ${list}, ${(value / least).toFixed(1)} ×` });
    if (page === undefined) continue;
    let bytes = 0;
    const pageValue = await median(async () => {
      const response = await fetch(url + page);
      bytes = (await response.text()).length;
      if (!response.ok) throw new Error(`${page} is answered ${response.status}.`);
    });
    const note = `${Math.round(bytes / 1024)} KB, ${(pageValue / least).toFixed(1)} ×`;
    figures.push({ what: `${what}: its page`, value: pageValue, unit: 'ms', note });
  }
  return figures;
}

/** The median of how long something takes, in ms. */
async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[Math.floor(TURNS / 2)] ?? 0;
}
