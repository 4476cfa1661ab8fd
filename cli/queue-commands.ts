import type { Command } from 'commander';
import type { QueueName } from './connection.ts';
import { actionOf, type Session } from './context.ts';
import { withFilters, withSelection } from './selection.ts';

/** Adds the commands of the quarantine queue. */
export function addQuarantine(program: Command, session: Session): void {
  const group = program
    .command('quarantine')
    .description('callbacks that verify but cannot be applied, and in shadow mode those that do not verify');
  addCommands(group, session, 'quarantine');
  group
    .command('accept')
    .description('apply one callback that may be forged; who accepted it, when and why is kept in the table')
    .argument('<id>', 'the message, by its id in this queue or in the log')
    .option('--reason <text>', 'why it is genuine; asked for on a terminal')
    .addHelpText(
      'after',
      `
Only for the reasons malformed_timestamp, stale, too_old_to_check and nonce_reused. Of the last it shows both bodies side
by side. What is received again is another message, and is not accepted with it.

Example:
  rtc-callbacks quarantine accept 0b8c8f6e-5d1c-4a52-a3c7-3b9b2a3f6a10 --reason 'same second and nonce by chance'`,
    )
    .action(
      actionOf(session, async (context, options: { reason?: string }, id: string) => {
        const { acceptMessage } = await import('./queue-accept.ts');
        return acceptMessage(context, id, options);
      }),
    );
}

/** Adds the commands of the dead-letter queue. */
export function addDeadLetter(program: Command, session: Session): void {
  const group = program
    .command('dlq')
    .description('callbacks that failed twelve times on their way to the ledger (the dead-letter queue)');
  addCommands(group, session, 'dead-letter');
}

function addCommands(group: Command, session: Session, queue: QueueName): void {
  const name = `rtc-callbacks ${group.name()}`;
  withFilters(group.command('list'))
    .description('list the messages; they stay in the queue')
    .option('--limit <n>', 'stop after so many')
    .addHelpText(
      'after',
      `\nExamples:\n  ${name} list\n  ${name} list --source tencent --json | jq -r '.messages[].messageId'`,
    )
    .action(
      actionOf(session, async (context, options) => {
        const { listMessages } = await import('./queue-list.ts');
        return listMessages(context, queue, options);
      }),
    );
  group
    .command('show')
    .description('show one message and its callback; credentials and the queries of URLs are redacted')
    .argument('<id>', 'the message, by its id in this queue or in the log')
    .addHelpText('after', `\nExample:\n  ${name} show 0b8c8f6e-5d1c-4a52-a3c7-3b9b2a3f6a10`)
    .action(
      actionOf(session, async (context, _options, id: string) => {
        const { showMessage } = await import('./queue-list.ts');
        return showMessage(context, queue, id);
      }),
    );
  withSelection(group.command('replay'))
    .description('send messages back to the callback queue, byte for byte')
    .option(
      '--wait',
      'wait until each was applied or came back, five minutes at most; code 1 when one was not applied',
    )
    .addHelpText(
      'after',
      `
A callback that did not verify (shadow mode) is verified again with the live secrets, and only goes on when it
verifies now. Replaying twice changes nothing. What still cannot be applied comes back into quarantine.

Examples:
  ${name} replay 0b8c8f6e-5d1c-4a52-a3c7-3b9b2a3f6a10
  ${name} replay --reason missing_task_id --dry-run
  ${name} replay --reason missing_task_id --wait
  ${name} replay --all`,
    )
    .action(
      actionOf(session, async (context, options, ids: string[]) => {
        const { replayMessages } = await import('./queue-replay.ts');
        return replayMessages(context, queue, ids, options);
      }),
    );
  withSelection(group.command('remove'))
    .description('remove messages for ever, such as forgeries')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', `\nExamples:\n  ${name} remove --reason nonce_reused\n  ${name} remove --all --yes`)
    .action(
      actionOf(session, async (context, options, ids: string[]) => {
        const { removeMessages } = await import('./queue-remove.ts');
        return removeMessages(context, queue, ids, options);
      }),
    );
}
