import { CommanderError } from 'commander';
import { describeError } from '../lib/platform/log.ts';
import type { Session } from './context.ts';
import { explain } from './explanation.ts';
import { EXIT } from './failure.ts';
import { withOutput, writeNote } from './output.ts';
import { createProgram } from './program.ts';
import { printableLines } from './terminal-text.ts';

/** Runs one command line, such as `['tasks', 'show', …]`. Returns the exit code; what fails is told, not thrown. */
export function runCommandLine(args: readonly string[], session: Session): Promise<number> {
  return withOutput(session.output, async () => {
    try {
      await createProgram(session).parseAsync(args, { from: 'user' });
      return session.exitCode ?? EXIT.ok;
    } catch (error) {
      return exitCodeOf(error, session);
    }
  });
}

function exitCodeOf(error: unknown, { connection }: Session): number {
  // Commander has said already what is wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const failure = explain(error, connection);
  writeNote(printableLines(failure?.message ?? describeError(error)));
  return failure?.exitCode ?? EXIT.failed;
}
