import { Argument, type Command } from 'commander';
import type { File, Room, Source, StoredCallback, Task } from '../lib/ledger/answers.ts';
import { durationText, sizeText, sourceText, timeLeftText } from '../lib/page/text.ts';
import { isObject, parseJson } from '../lib/platform/json.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { get, readPages } from './connection.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { addExpect } from './expect.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';
import {
  createProgress,
  printable,
  writeFittingTable,
  writeJson,
  writeLine,
  writeObject,
  writeTable,
} from './output.ts';

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
    .option('--files', 'also the files of its tasks')
    .option('--session <id>', 'only what is of this session')
    .addHelpText(
      'after',
      `\nExample:\n  rtc-callbacks rooms show tencent 1400000000 "my room" --files --json`,
    )
    .action(
      actionOf(session, (context, options: RoomOptions, ...ids: Ids) => showRoom(context, ids, options)),
    );
}

type Ids = [vendor: string, appId: string, id: string];

interface ShowOptions {
  events?: boolean;
}

interface RoomOptions extends ShowOptions {
  files?: boolean;
  session?: string;
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
  const answer = await read<{ task: Task; files: File[]; events?: StoredCallback[] }>(context, 'tasks', ids, {
    events,
  }).catch(async (error) => {
    // All of its callbacks may be there.
    if (error instanceof CommandFailure && error.exitCode === EXIT.notFound)
      await noteQuarantined(context, ids);
    throw error;
  });
  if (context.json) writeJson(answer);
  else {
    const { sources, ...task } = answer.task;
    writeObject({ ...task, ...(sources === undefined ? {} : { 'known from': knownFrom(sources) }) });
    writeLine();
    writeFiles(answer.files);
    writeEvents(answer.events);
  }
  await noteQuarantined(context, ids);
  return EXIT.ok;
}

async function showRoom(
  context: Context,
  ids: Ids,
  { events, files, session: sessionId }: RoomOptions,
): Promise<number> {
  const answer = await read<{ room: Room; tasks: Task[]; files?: File[]; events?: StoredCallback[] }>(
    context,
    'rooms',
    ids,
    { events, files, sessionId },
  );
  if (context.json) writeJson(answer);
  else {
    writeObject(answer.room);
    writeLine();
    writeTasks(answer.tasks);
    if (answer.files !== undefined) {
      writeLine();
      writeFiles(answer.files, true);
    }
    writeEvents(answer.events);
  }
  return EXIT.ok;
}

function read<Answer>(
  context: Context,
  list: string,
  ids: Ids,
  options: Readonly<Record<string, string | boolean | undefined>>,
): Promise<Answer> {
  const path = ids.map(encodeURIComponent).join('/');
  return readPath(context, `/${list}/${path}?${queryOf({ limit: 500, ...options })}`, ids.join(' '));
}

/** The query of a request; absent parameters are left out. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(Object.fromEntries(present) as Record<string, string>).toString();
}

/** Reads every page of a path; `what` names it where it is not found. Fails with why it cannot be read. */
export async function readPath<Answer>(context: Context, path: string, what: string): Promise<Answer> {
  const progress = createProgress('Pages read:');
  const pages = await readPages((page) => {
    progress.step();
    return get(context.connection, page);
  }, path).finally(progress.done);
  if (pages.ok) return pages.body as Answer;
  throw await failureOf(context, pages.response, what);
}

/** Why the read API did not answer 200; `what` names what was asked for. */
export async function failureOf(
  { connection: { name } }: Context,
  response: Response,
  what: string,
): Promise<CommandFailure> {
  const { status } = response;
  const answer = printable((await response.text()).slice(0, 500));
  if (status === 404)
    return new CommandFailure(
      EXIT.notFound,
      `${printable(what)} is not known to ${name}: no callback of it has been applied.`,
    );
  if (status === 403) {
    return new CommandFailure(
      EXIT.unreachable,
      `The read API of ${name} does not allow it (${answer}). The credentials need execute-api:Invoke; see --profile.`,
    );
  }
  // The reason names the parameter.
  if (status === 400) return wrongUsage(reasonIn(answer));
  if (status === 503 && answer.includes('index_building')) {
    return new CommandFailure(
      EXIT.unreachable,
      `The lists of ${name} are still being built. Try again later.`,
    );
  }
  return new CommandFailure(EXIT.failed, `The read API of ${name} answered ${status}: ${answer}`);
}

function reasonIn(answer: string): string {
  const parsed = parseJson(answer);
  return isObject(parsed) && typeof parsed.reason === 'string' ? parsed.reason : answer;
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

/** Files, with the task of each where they are of several. */
function writeFiles(files: readonly File[], withTask = false): void {
  if (files.length === 0) {
    writeLine('No files.');
    return;
  }
  const hasSources = files.some(({ sources }) => sources !== undefined);
  writeFittingTable(
    [
      ...(withTask ? ['task'] : []),
      ...['file', 'status', 'size', 'length', 'uploaded', 'said', 'time left', 'url'],
      ...(hasSources ? ['known from'] : []),
    ],
    files.map((file) => [
      ...(withTask ? [file.taskId] : []),
      file.name,
      file.status,
      file.sizeBytes === undefined ? undefined : sizeText(file.sizeBytes),
      file.durationMs === undefined ? undefined : durationText(file.durationMs),
      file.uploadedAt,
      saidOf(file),
      timeLeft(file),
      file.url,
      ...(hasSources ? [knownFrom(file.sources)] : []),
    ]),
  );
}

/** Who said what of a task or a file, and when. */
function knownFrom(sources: readonly Source[] | undefined): string {
  return sources?.map((source) => `${sourceText(source)} ${source.at}`).join('; ') ?? 'callbacks';
}

/** The tasks of a room. */
function writeTasks(tasks: readonly Task[]): void {
  writeFittingTable(
    ['task', 'kind', 'status', 'started', 'ended'],
    tasks.map(({ taskId, kind, status, startedAt, endedAt }) => [taskId, kind, status, startedAt, endedAt]),
  );
}

/** The raw events of a task or room, where they were asked for. */
function writeEvents(events: readonly StoredCallback[] | undefined): void {
  if (events === undefined) return;
  writeLine();
  writeTable(
    ['event', 'source', 'at', 'received', 'bytes', 'message id'],
    events.map(({ type, source, at, receivedAt, bodyBytes, messageId }) => [
      ...[type, source, at, receivedAt, bodyBytes, messageId],
    ]),
  );
}
