import { type Command, Option } from 'commander';
import { wrongUsage } from './failure.ts';
import { type MessageSummary, type OpenedMessage, summaryOf } from './queue-messages.ts';

/** Which messages of a queue are meant. */
export interface SelectionOptions {
  reason?: string;
  source?: string;
  app?: string;
  task?: string;
  room?: string;
  all?: boolean;
}

const FILTERS = ['reason', 'source', 'app', 'task', 'room'] as const;

/** Adds the options that narrow a queue down. */
export function withFilters(command: Command): Command {
  return command
    .option('--reason <reason>', 'only those with this reason, or refused for it')
    .option('--source <source>', 'only those of this callback source, such as rongcloud-recording')
    .option('--app <id>', 'only those of this app; one that did not verify only claims its app')
    .option('--task <id>', 'only those that name this task')
    .option('--room <id>', 'only those that name this room');
}

/** Adds what chooses messages to act on: ids, filters or all of them. */
export function withSelection(command: Command): Command {
  return withFilters(command.argument('[ids...]', 'the messages, by their ids in this queue or in the log'))
    .addOption(new Option('--all', 'all messages'))
    .option('--dry-run', 'only say what would be done');
}

/** Messages that a command acts on. */
export interface Selection {
  includes(message: OpenedMessage): boolean;
  /** Whether a person named this very message. */
  names(message: MessageIds): boolean;
  /** Whether nothing is left to look for once so many were found. */
  isComplete(found: number): boolean;
  /** The ids that were named and not found. */
  missing(found: readonly MessageIds[]): string[];
}

/** The ids of a message: that of its queue, and that of the log where it is another one. */
type MessageIds = Pick<MessageSummary, 'messageId' | 'loggedId'>;

/** Whether a message has this id, in its queue or in the log. */
export function hasId({ messageId, loggedId }: MessageIds, id: string): boolean {
  return id === messageId || id === loggedId;
}

/** The messages that a command names. Throws when it names none, or names them in two ways. */
export function selectionOf(ids: readonly string[], options: SelectionOptions): Selection {
  const isFiltered = FILTERS.some((name) => options[name] !== undefined);
  const ways = [ids.length > 0, options.all === true || isFiltered].filter(Boolean).length;
  if (ways === 0) throw wrongUsage('Which messages? Give their ids, a filter such as --reason, or --all.');
  if (ways > 1) throw wrongUsage('Give either ids, or filters, or --all.');
  const named = [...new Set(ids)];
  const names = (message: MessageIds) => named.some((id) => hasId(message, id));
  return {
    includes: (message) => (named.length > 0 ? names(message) : matches(summaryOf(message), options)),
    names,
    isComplete: (found) => named.length > 0 && found >= named.length,
    missing: (found) => named.filter((id) => !found.some((message) => hasId(message, id))),
  };
}

/** Whether a message passes the filters. */
export function matches(message: MessageSummary, filters: SelectionOptions): boolean {
  const { reason, refusal, source, appId, claimedAppId, taskId, roomId } = message;
  const values = {
    reason: [reason, refusal],
    source: [source],
    app: [appId, claimedAppId],
    task: [taskId],
    room: [roomId],
  };
  return FILTERS.every((name) => filters[name] === undefined || values[name].includes(filters[name]));
}
