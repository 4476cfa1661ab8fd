import { Argument, type Command } from 'commander';
import type { AttentionAnswer } from '../lib/attention/read-attention.ts';
import type { File, Room, StoredCallback, Task } from '../lib/ledger/answers.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { writeAttention, writeEvents, writeFiles, writeObject, writeTasks } from './ledger-tables.ts';
import { writeJson, writeLine } from './output.ts';
import { createProgress } from './progress.ts';
import { readPages } from './read-pages.ts';
import { printable } from './terminal-text.ts';

/** Adds `tasks show`, `rooms show` and `files attention`. */
export function addReading(program: Command, session: Session): void {
  const tasks = program.command('tasks').description('recordings, screenshot sessions and other tasks');
  withOwner(
    tasks.command('show'),
    'taskId',
    'the recordId, imageId, TaskId or task_id; for TRTC screenshots the room',
  )
    .description('show a task with all its files')
    .addHelpText('after', `\nExample:\n  rtc-callbacks tasks show rongcloud <App Key> <recordId> --events`)
    .action(
      actionOf(session, (context, { events }: ShowOptions, ...ids: Ids) => showTask(context, ids, events)),
    );
  const rooms = program.command('rooms').description('rooms, with the tasks in them');
  withOwner(rooms.command('show'), 'roomId', 'the room')
    .description('show a room with its tasks')
    .addHelpText('after', `\nExample:\n  rtc-callbacks rooms show tencent 1400000000 "my room" --json`)
    .action(
      actionOf(session, (context, { events }: ShowOptions, ...ids: Ids) => showRoom(context, ids, events)),
    );
  program
    .command('files')
    .description('files of all tasks')
    .command('attention')
    .description(
      'list what needs attention: failed uploads, soonest to be deleted first, and what is missing',
    )
    .addHelpText(
      'after',
      `\nExample:\n  rtc-callbacks files attention --stage prod --json | jq -r '.files[].name'`,
    )
    .action(actionOf(session, (context) => showAttention(context)));
}

type Ids = [vendor: string, appId: string, id: string];

interface ShowOptions {
  events?: boolean;
}

function withOwner(command: Command, name: string, description: string): Command {
  return command
    .addArgument(new Argument('<vendor>', 'the vendor').choices(VENDOR_NAMES))
    .argument('<appId>', 'the App Key, SdkAppId or AppID')
    .argument(`<${name}>`, description)
    .option('--events', 'also the raw events');
}

async function showTask(context: Context, ids: Ids, events?: boolean): Promise<number> {
  const answer = await read<{ task: Task; files: File[]; events?: StoredCallback[] }>(
    context,
    'tasks',
    ids,
    events,
  );
  if (context.json) writeJson(answer);
  else {
    writeObject(answer.task);
    writeLine();
    writeFiles(answer.files);
    writeEvents(answer.events);
  }
  return EXIT.ok;
}

async function showRoom(context: Context, ids: Ids, events?: boolean): Promise<number> {
  const answer = await read<{ room: Room; tasks: Task[]; events?: StoredCallback[] }>(
    context,
    'rooms',
    ids,
    events,
  );
  if (context.json) writeJson(answer);
  else {
    writeObject(answer.room);
    writeLine();
    writeTasks(answer.tasks);
    writeEvents(answer.events);
  }
  return EXIT.ok;
}

async function showAttention(context: Context): Promise<number> {
  const attention = await readPath<AttentionAnswer>(context, '/attention?limit=500', 'The list');
  if (context.json) writeJson(attention);
  else writeAttention(attention);
  return EXIT.ok;
}

function read<Answer>(context: Context, list: string, ids: Ids, events = false): Promise<Answer> {
  const path = ids.map(encodeURIComponent).join('/');
  return readPath(context, `/${list}/${path}?limit=500${events ? '&events=true' : ''}`, ids.join(' '));
}

async function readPath<Answer>(context: Context, path: string, what: string): Promise<Answer> {
  const { get } = await import('./connection.ts');
  const progress = createProgress('Pages read:');
  const pages = await readPages((page) => {
    progress.step();
    return get(context.connection, page);
  }, path).finally(progress.done);
  if (pages.ok) return pages.body as Answer;
  const { status } = pages.response;
  const answer = printable((await pages.response.text()).slice(0, 500));
  const { name } = context.connection;
  if (status === 404)
    throw new CommandFailure(
      EXIT.notFound,
      `${printable(what)} is not known to ${name}: no callback of it has been applied.`,
    );
  if (status === 403) {
    throw new CommandFailure(
      EXIT.unreachable,
      `The read API of ${name} does not allow it (${answer}). The credentials need execute-api:Invoke; see --profile.`,
    );
  }
  throw new CommandFailure(EXIT.failed, `The read API of ${name} answered ${status}: ${answer}`);
}
