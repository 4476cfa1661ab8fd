import { Argument, type Command } from 'commander';
import type { File, Room, StoredCallback, Task } from '../lib/ledger/answers.ts';
import { durationText, sizeText, sourceText, timeLeftText } from '../lib/page/text.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { get, readPages } from './connection.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { addExpect } from './expect.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { createProgress, printable, writeJson, writeLine, writeObject, writeTable } from './output.ts';

/** Adds `tasks show` and `rooms show`. */
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
  addExpect(tasks, session);
  const rooms = program.command('rooms').description('rooms, with the tasks in them');
  withOwner(rooms.command('show'), 'roomId', 'the room')
    .description('show a room with its tasks')
    .addHelpText('after', `\nExample:\n  rtc-callbacks rooms show tencent 1400000000 "my room" --json`)
    .action(
      actionOf(session, (context, { events }: ShowOptions, ...ids: Ids) => showRoom(context, ids, events)),
    );
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
  const { noteQuarantined } = await import('./queue-list.ts');
  const answer = await read<{ task: Task; files: File[]; events?: StoredCallback[] }>(
    context,
    'tasks',
    ids,
    events,
  ).catch(async (error) => {
    // All of its callbacks may be there.
    if (error instanceof CommandFailure && error.exitCode === EXIT.notFound)
      await noteQuarantined(context, ids);
    throw error;
  });
  if (context.json) writeJson(answer);
  else {
    writeObject(answer.task);
    writeLine();
    writeFiles(answer.files);
    writeEvents(answer.events);
  }
  await noteQuarantined(context, ids);
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

function read<Answer>(context: Context, list: string, ids: Ids, events = false): Promise<Answer> {
  const path = ids.map(encodeURIComponent).join('/');
  return readPath(context, `/${list}/${path}?limit=500${events ? '&events=true' : ''}`, ids.join(' '));
}

/** Reads every page of a path; `what` names it where it is not found. Fails with why it cannot be read. */
export async function readPath<Answer>(context: Context, path: string, what: string): Promise<Answer> {
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

/** What the vendor said of a file: its text and its code. */
export function saidOf({ message, code }: File): string {
  return [message, code === undefined ? undefined : `(${code})`].filter(Boolean).join(' ');
}

/** Until the vendor deletes a file; empty for one that it does not delete. */
export function timeLeft({ status, purgeAt }: File): string {
  if (purgeAt === undefined) return status === 'upload_failed' ? 'not stated' : '';
  return timeLeftText(Date.parse(purgeAt), Date.now());
}

/** The files of a task. */
function writeFiles(files: readonly File[]): void {
  if (files.length === 0) {
    writeLine('No files.');
    return;
  }
  const hasSources = files.some(({ sources }) => sources !== undefined);
  writeTable(
    [
      ...['file', 'status', 'size', 'length', 'uploaded', 'said', 'time left', 'url'],
      ...(hasSources ? ['known from'] : []),
    ],
    files.map((file) => [
      file.name,
      file.status,
      file.sizeBytes === undefined ? undefined : sizeText(file.sizeBytes),
      file.durationMs === undefined ? undefined : durationText(file.durationMs),
      file.uploadedAt,
      saidOf(file),
      timeLeft(file),
      file.url,
      ...(hasSources ? [knownFrom(file)] : []),
    ]),
  );
}

/** Who said what of a file, and when. */
function knownFrom({ sources }: File): string {
  return sources?.map((source) => `${sourceText(source)} ${source.at}`).join('; ') ?? 'callbacks';
}

/** The tasks of a room. */
function writeTasks(tasks: readonly Task[]): void {
  writeTable(
    ['task', 'kind', 'status', 'started', 'ended'],
    tasks.map(({ taskId, kind, status, startedAt, endedAt }) => [taskId, kind, status, startedAt, endedAt]),
  );
}

/** The raw events of a task or room, where they were asked for. */
function writeEvents(events: readonly StoredCallback[] | undefined): void {
  if (events === undefined) return;
  writeLine();
  writeTable(
    ['event', 'source', 'at', 'received', 'bytes'],
    events.map(({ type, source, at, receivedAt, bodyBytes }) => [type, source, at, receivedAt, bodyBytes]),
  );
}
