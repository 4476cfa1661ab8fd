/** The command-line tool; see `program.ts` for its commands. */
import { CommanderError } from 'commander';
import { describeError } from '../lib/platform/log.ts';
import type { Session } from './context.ts';
import { explain } from './explanation.ts';
import { EXIT } from './failure.ts';
import { writeNote } from './output.ts';
import { createProgram } from './program.ts';
import { printableLines } from './terminal-text.ts';

const interruption = new AbortController();
const session: Session = { signal: interruption.signal };

/** A terminal sends Ctrl-C to npx and to the tool, and npx passes it on: two signals, one key press. In ms. */
const SAME_SIGNAL_MS = 300;

let interruptedAt: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interruptedAt ??= performance.now();
    // Messages that are held back become visible by themselves in the end.
    if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
    interruption.abort();
  });
}

// Whoever reads the output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram(session).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // Commander has told already what is wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const failure = explain(error, session.connection);
  writeNote(printableLines(failure?.message ?? describeError(error)));
  return failure?.exitCode ?? EXIT.failed;
}
