import type { App, File, Task, Usage, Vendor } from '../lib/ledger/answers.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { addDay } from '../lib/query/sums.ts';
import { eachPage, get } from './connection.ts';
import { type Context, timeSpan } from './context.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';
import { failureOf, queryOf } from './reading.ts';

/** The options that choose what a list has. */
export interface ListOptions {
  vendor?: Vendor;
  app?: string;
  from?: string;
  to?: string;
  since?: string;
  timeZone?: string;
  status?: string;
  kind?: string;
  room?: string;
  session?: string;
  user?: string;
  label?: string;
  limit?: string | undefined;
  withoutFile?: boolean;
}

/** The sums of an app on a day. */
export type UsageRow = Usage & { vendor: Vendor; appId: string };

type Parameters = Readonly<Record<string, string | number | undefined>>;

type Owner = Pick<App, 'vendor' | 'appId'>;

const LARGEST_PAGE = 500;

/** How many tasks are read at a time. */
const TASKS_AT_A_TIME = 8;

/** The apps that have sent callbacks, page by page. */
export async function* appPages(context: Context, { vendor }: ListOptions = {}): AsyncGenerator<App[]> {
  for await (const { apps } of pages<{ apps: App[] }>(context, '/apps', { limit: LARGEST_PAGE }))
    yield apps.filter((app) => vendor === undefined || app.vendor === vendor);
}

/** The tasks of every app that is meant, page by page. */
export async function* taskPages(context: Context, options: ListOptions): AsyncGenerator<Task[]> {
  if (options.withoutFile && ![undefined, 'recording'].includes(options.kind))
    throw wrongUsage('--without-file lists recordings; leave --kind out');
  for await (const owner of owners(context, options)) {
    if (options.withoutFile) yield* tasksWithoutFile(context, options, owner);
    else yield* tasksOf(context, options, owner);
  }
}

/** The files of every app that is meant, page by page. */
export async function* filePages(context: Context, options: ListOptions): AsyncGenerator<File[]> {
  for await (const owner of owners(context, options)) {
    const { status, kind, room: roomId, session: sessionId, user: userId } = options;
    const parameters = { ...rangeOf(options, owner), status, kind, roomId, sessionId, userId };
    for await (const { files } of pages<{ files: File[] }>(context, '/files', parameters)) yield files;
  }
}

/** The days of every app that is meant, the latest first; a day that is on several pages is put together. */
export async function* usagePages(context: Context, options: ListOptions): AsyncGenerator<UsageRow[]> {
  for await (const owner of owners(context, options)) {
    const parameters = { ...rangeOf(options, owner), kind: options.kind };
    const days: Usage[] = [];
    for await (const page of pages<{ days: Usage[] }>(context, '/usage', parameters)) {
      for (const day of page.days) addDay(days, day);
      // The last day may go on.
      yield days.splice(0, days.length - 1).map((day) => ({ ...owner, ...day }));
    }
    yield days.map((day) => ({ ...owner, ...day }));
  }
}

async function* tasksOf(context: Context, options: ListOptions, owner: Owner): AsyncGenerator<Task[]> {
  const { status, kind, room: roomId, session: sessionId, label } = options;
  const parameters = { ...rangeOf(options, owner), status, kind, roomId, sessionId, label };
  for await (const { tasks } of pages<{ tasks: Task[] }>(context, '/tasks', parameters)) yield tasks;
}

/** The recordings none of whose files is uploaded. Of most the uploaded files of the same time say that they have one. */
async function* tasksWithoutFile(
  context: Context,
  options: ListOptions,
  owner: Owner,
): AsyncGenerator<Task[]> {
  const uploaded = new Set<string>();
  const { vendor, appId: app } = owner;
  // Task and file may state different users, rooms and kinds: only the time is common to both.
  const { status, kind, room, session, limit, ...range } = options;
  const ofRange = { ...range, vendor, app, status: 'uploaded' };
  for await (const files of filePages(context, ofRange)) for (const { taskId } of files) uploaded.add(taskId);
  for await (const tasks of tasksOf(context, { ...options, kind: 'recording', limit: undefined }, owner)) {
    const candidates = tasks.filter(({ taskId }) => !uploaded.has(taskId));
    // Its files may have begun after the end of the range.
    const without = new Set<Task>();
    await forEachConcurrently(candidates, TASKS_AT_A_TIME, async (task) => {
      if (!(await hasUploadedFile(context, task))) without.add(task);
    });
    yield candidates.filter((task) => without.has(task));
  }
}

async function hasUploadedFile(context: Context, { vendor, appId, taskId }: Task): Promise<boolean> {
  const parameters = { vendor, appId, taskId, limit: LARGEST_PAGE };
  for await (const { files } of pages<{ files: File[] }>(context, '/task', parameters))
    if (files.some(({ status }) => status === 'uploaded')) return true;
  return false;
}

/** The apps that are meant: the one that is named in full, else those of `GET /apps`. */
async function* owners(context: Context, { vendor, app }: ListOptions): AsyncGenerator<Owner> {
  if (vendor !== undefined && app !== undefined) {
    yield { vendor, appId: app };
    return;
  }
  let isFound = app === undefined;
  for await (const apps of appPages(context, vendor === undefined ? {} : { vendor })) {
    for (const one of apps) {
      if (app !== undefined && one.appId !== app) continue;
      isFound = true;
      yield { vendor: one.vendor, appId: one.appId };
    }
  }
  if (!isFound) throw new CommandFailure(EXIT.notFound, `No app "${app}" has sent callbacks; see "apps".`);
}

/** What every list by time asks for. */
function rangeOf({ from, to, since, timeZone, limit }: ListOptions, { vendor, appId }: Owner): Parameters {
  if (since !== undefined && from !== undefined) throw wrongUsage('Give --since or --from, not both');
  const begin = since === undefined ? from : new Date(Date.now() - timeSpan('--since', since)).toISOString();
  // One more says whether there are more.
  const pageSize = limit === undefined ? LARGEST_PAGE : Math.min(Number(limit) + 1, LARGEST_PAGE);
  return { vendor, appId, from: begin, to, timeZone, limit: pageSize };
}

/** The pages of an answer. Rejects where one cannot be read, or the command is interrupted. */
async function* pages<Page>(context: Context, path: string, parameters: Parameters): AsyncGenerator<Page> {
  const { connection, signal } = context;
  const read = (page: string) => get(connection, page, signal);
  for await (const page of eachPage(read, `${path}?${queryOf(parameters)}`)) {
    if (!page.ok) throw await failureOf(context, page.response, `"${path}"`);
    yield page.body as Page;
  }
}
