import { setTimeout } from 'node:timers/promises';
import { EXIT } from './failure.ts';
import { runCommandLine } from './run.ts';

/** The command-line tool as a process; see `run.ts` for its commands. */

/** A terminal sends Ctrl-C to npx and to the tool, and npx passes it on: two signals, one key press. In ms. */
const SAME_SIGNAL_MS = 300;

const interruption = new AbortController();
let interruptedAt: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interruptedAt ??= performance.now();
    // Messages that are held back become visible by themselves in the end.
    if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
    interruption.abort();
  });
}

// The reader of the output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCommandLine(process.argv.slice(2), {
  output: process,
  signal: interruption.signal,
});

// A process that is ending no longer handles signals: the second one would take the place of the exit code.
if (interruptedAt !== undefined) {
  await setTimeout(Math.max(0, interruptedAt + SAME_SIGNAL_MS - performance.now()));
}
