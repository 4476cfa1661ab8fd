import { readFileSync } from 'node:fs';
import completion from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { describeError } from '../lib/platform/log.ts';
import { addAttention } from './attention.ts';
import type { Session } from './context.ts';
import { withDashedIds } from './dashed-ids.ts';
import { addDoctor } from './doctor.ts';
import { addErase } from './erase.ts';
import { addEvents } from './events.ts';
import { EXIT, explain } from './failure.ts';
import { addFillLists } from './fill-lists.ts';
import { addLists } from './lists.ts';
import { currentOutput, printableLines, withOutput, writeNote } from './output.ts';
import { addDeadLetter, addQuarantine } from './queue-commands.ts';
import { addReading } from './reading.ts';
import { addSend } from './send.ts';
import { addUrls } from './urls.ts';

/** Runs one command line, such as `['tasks', 'show', …]`. Returns the exit code; failures are printed, not thrown. */
export function runCommandLine(args: readonly string[], session: Session): Promise<number> {
  return withOutput(session.output, async () => {
    try {
      const program = createProgram(session);
      await program.parseAsync(withDashedIds(program, args), { from: 'user' });
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

const HELP_AFTER = `
Commands act on the local stack of "npm start", or with --stage on a deployed one, which is reached with the AWS SDK's usual
credentials. The npm package has this tool and the library; the service is started and deployed from its repository.

Exit codes:
  0  all right
  1  something failed, or is wrong
  2  the command is wrong
  3  not found
  4  the stack, or a part of it, cannot be reached or may not be used

Environment: PORT (of the local stack), CALLBACK_SECRETS (secrets for the local stack), AWS_PROFILE, AWS_REGION,
NO_COLOR.`;

/** The tool with all its commands. Wrong usage throws commander's error instead of ending the process. */
function createProgram(session: Session): Command {
  const program = new Command('rtc-callbacks')
    .description(
      'Inspects and repairs the callbacks of RongCloud, Tencent TRTC and ZEGOCLOUD: what they became, and what went wrong.',
    )
    .version(version())
    .option('--stage <stage>', 'a deployed stage instead of the local stack')
    .option('--region <region>', 'the AWS region of the stage')
    .option('--profile <profile>', 'the AWS profile to use')
    .option('--url <url>', 'the base URL of the API (local: http://127.0.0.1:$PORT, PORT 3000)')
    .option('--json', 'write JSON for programs')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help shows how)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => currentOutput().stdout.write(text),
      writeErr: (text) => currentOutput().stderr.write(text),
    })
    .addHelpText('after', HELP_AFTER);
  addReading(program, session);
  addLists(program, session);
  addAttention(program, session);
  addEvents(program, session);
  addSend(program, session);
  addQuarantine(program, session);
  addDeadLetter(program, session);
  addErase(program, session);
  addFillLists(program, session);
  addUrls(program, session);
  addDoctor(program, session);
  completion(program, { completionCommandName: 'completion' });
  return program;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
