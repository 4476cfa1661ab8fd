import { type Command, Option } from 'commander';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { actionOf, type Session } from './context.ts';
import type { EventFilters } from './event-lines.ts';

const HELP_AFTER = `
A line for each callback when it is received, with the verdict and the reason, and one when it was applied or quarantined;
locally also one for each change of a task, a file or a room. Only the lines that tell of what is applied name the task.
They come from the local stack, or from the stage's log groups in CloudWatch, where they are seen a few seconds later.
The queries of URLs are redacted. --json writes the log lines as they are, one JSON document a line (docs/operations.md
says what is in them). Ctrl-C ends it with exit code 0,
and so does the first line that nobody reads (| head -1).

Examples:
  rtc-callbacks events tail
  rtc-callbacks events tail --stage prod --since 10m --vendor tencent
  rtc-callbacks events tail --stage prod --json | jq -r 'select(.verdict == "refused") | .reason'`;

/** Adds `events tail`. */
export function addEvents(program: Command, session: Session): void {
  program
    .command('events')
    .description('what happens: callbacks with their verdicts, and what they change')
    .command('tail')
    .description('follow what happens, as it happens')
    .option('--since <time>', 'begin with what happened this long ago: 30s, 10m, 2h or 1d')
    .addOption(
      new Option('--source <source>', 'only those of this callback source').choices(
        SAMPLE_SOURCES.map(({ name }) => name),
      ),
    )
    .addOption(new Option('--vendor <vendor>', 'only those of this vendor').choices(VENDOR_NAMES))
    .option('--app <id>', 'only those of this app')
    .option('--task <id>', 'only those of this task')
    .addHelpText('after', HELP_AFTER)
    .action(
      actionOf(session, async (context, options: EventFilters & { since?: string }) => {
        const { tailEvents } = await import('./tail.ts');
        return tailEvents(context, options);
      }),
    );
}
