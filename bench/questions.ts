import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isoTime } from '../lib/callback/time.ts';
import { startChildStack } from '../stack/child-stack.ts';
import { startDynamodb } from '../stack/embedded.ts';
import { createTable } from '../stack/resources.ts';
import { clientOf } from '../test/support/engine-servers.ts';
import { ledgerTableDefinition } from '../test/support/ledger-table.ts';
import { fill, NOW, OWNER } from './lists.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';

const run = promisify(execFile);

const TOOL = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const TABLE = 'rtc-callbacks-local-ledger';
const TURNS = 3;
const MOST_OUTPUT_BYTES = 256 * 1_048_576;

const APP = ['--vendor', OWNER.vendor, '--app', OWNER.appId];
const TO = isoTime(NOW).slice(0, 10);
const YESTERDAY = ['--from', isoTime(NOW - 24 * 60 * 60_000).slice(0, 10), '--to', TO];
const THIS_MONTH = ['--from', '2026-01-01', '--to', TO];

/** The questions, each as one command; the first is what every command takes besides. */
const COMMANDS: readonly [what: string, args: readonly string[], list: string][] = [
  ['a command that asks little', ['apps'], 'apps'],
  [
    'which recordings of yesterday have no file',
    ['tasks', 'list', '--without-file', ...APP, ...YESTERDAY],
    'tasks',
  ],
  ['how many minutes this month', ['usage', ...APP, ...THIS_MONTH], 'usage'],
  ['all files of a class', ['rooms', 'show', OWNER.vendor, OWNER.appId, 'room-1', '--files'], 'files'],
];

export const questions: Part = {
  name: 'questions',
  method:
    'The same 100,000 files in the embedded stack of `npm start`, asked by one command of the command line each, a process of ' +
    `its own: the median of ${TURNS} turns, and how many times it is that of a command that asks little.`,
  run: measure,
};

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-questions-'));
  const dataDir = join(folder, 'data');
  try {
    progress('writing the files, on dynalite');
    await fillStack(dataDir);
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

/** Fills the ledger that a stack finds in its data directory. */
async function fillStack(dataDir: string): Promise<void> {
  const service = await startDynamodb(join(dataDir, 'dynamodb'));
  const client = clientOf(service.origin);
  try {
    await createTable(client, ledgerTableDefinition(TABLE));
    await fill(client, TABLE);
  } finally {
    client.destroy();
    await service.stop();
  }
}

async function ask(url: string, progress: RunOptions['progress']): Promise<Figure[]> {
  const figures: Figure[] = [];
  let least: number | undefined;
  for (const [what, args, list] of COMMANDS) {
    progress(what);
    const times: number[] = [];
    let members = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const startedAt = performance.now();
      const { stdout } = await run(process.execPath, [TOOL, ...args, '--json', '--url', url], {
        maxBuffer: MOST_OUTPUT_BYTES,
      });
      times.push(performance.now() - startedAt);
      members = (JSON.parse(stdout) as Record<string, unknown[]>)[list]?.length ?? 0;
    }
    const value = times.toSorted((a, b) => a - b)[Math.floor(TURNS / 2)] ?? 0;
    least ??= value;
    figures.push({ what, value, unit: 'ms', note: `${members} ${list}, ${(value / least).toFixed(1)} ×` });
  }
  return figures;
}
