import type {
  App,
  AppsAnswer,
  AttentionAnswer,
  File,
  FilesAnswer,
  RoomAnswer,
  Task,
  TaskAnswer,
  TasksAnswer,
  Usage,
  UsageAnswer,
} from '../ledger/answers.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import type { Answer } from '../platform/http.ts';
import type { WithoutUploadAnswer } from '../query/lists.ts';
import type { Query } from '../query/parameters.ts';
import type { ReadRequest } from '../query/query.ts';
import { addDay, sumOf } from '../query/sums.ts';
import type { PageOwner } from './address.ts';
import type { TaskWithFiles } from './lists.ts';

/** Asks the read API. Rejects when the ledger cannot be read. */
export type Ask = (request: ReadRequest) => Promise<Answer>;

/** An answer of the read API other than 200, which is said on the page. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`the read API answered ${answer.status}`);
    this.answer = answer;
  }
}

/** What the read API answers. Rejects with `Refusal`. */
async function answerOf<Body>(ask: Ask, request: ReadRequest): Promise<Body> {
  const answer = await ask(request);
  if (answer.status !== 200) throw new Refusal(answer);
  return answer.body as Body;
}

const LARGEST_LIMIT = '500';
const CONCURRENT_READS = 16;

/** How many apps are looked at; users with more have to name one. */
const MOST_APPS = 100;

/** How many files of a task are counted in a list of tasks. */
const FILES_OF_TASK = '50';

/** How long a page may read for an answer that has many parts, in ms. The gateway waits 30 s, and a part may take 3 s. */
const PATIENCE_MS = 22_000;

/** The apps that have sent callbacks, the one that called last first; at most `MOST_APPS`. */
export async function readApps(ask: Ask): Promise<App[]> {
  const { apps } = await answerOf<AppsAnswer>(ask, { resource: 'apps', query: { limit: LARGEST_LIMIT } });
  return apps
    .toSorted((a, b) =>
      a.lastReceivedAt < b.lastReceivedAt ? 1 : a.lastReceivedAt > b.lastReceivedAt ? -1 : 0,
    )
    .slice(0, MOST_APPS);
}

/** A page of what needs attention. */
export function readAttention(ask: Ask, query: Query): Promise<AttentionAnswer> {
  return answerOf(ask, { resource: 'attention', query });
}

/** The files, task or app of an attention item, hidden or not. Refused with 404 where no item has the id any more. */
export function readAttentionItem(ask: Ask, id: string): Promise<AttentionAnswer> {
  return answerOf(ask, { resource: 'attention-item', id, query: {} });
}

/** A task with a page of its files and events. */
export function readTaskPage(ask: Ask, owner: PageOwner, id: string, query: Query): Promise<TaskAnswer> {
  return answerOf(ask, { resource: 'task', ...owner, id, query });
}

/** A room with a page of its tasks, files and events. */
export function readRoomPage(ask: Ask, owner: PageOwner, id: string, query: Query): Promise<RoomAnswer> {
  return answerOf(ask, { resource: 'room', ...owner, id, query });
}

/** A page of a list, with where it goes on. */
export interface Listed<Row> {
  rows: Row[];
  next?: string | undefined;
}

/** A page of the tasks of an app, each with its files. */
export async function readTasks(ask: Ask, query: Query): Promise<Listed<TaskWithFiles>> {
  const { tasks, next } = await answerOf<TasksAnswer>(ask, { resource: 'tasks', query });
  return { rows: await withFiles(ask, tasks), next };
}

/** A page of the files of an app. */
export async function readFiles(ask: Ask, query: Query): Promise<Listed<File>> {
  const { files, next } = await answerOf<FilesAnswer>(ask, { resource: 'files', query });
  return { rows: files, next };
}

/** A page of the recordings none of whose files is uploaded, and how many recordings were looked at for it. */
export async function readRecordingsWithoutFile(
  ask: Ask,
  query: Query,
): Promise<Listed<TaskWithFiles> & { lookedAt: number }> {
  const request = { resource: 'without-upload', query } as const;
  const { tasks, lookedAt, next } = await answerOf<WithoutUploadAnswer>(ask, request);
  return { rows: await withFiles(ask, tasks), next, lookedAt };
}

async function withFiles(ask: Ask, tasks: readonly Task[]): Promise<TaskWithFiles[]> {
  const found = new Map<Task, TaskWithFiles>();
  await forEachConcurrently(tasks, CONCURRENT_READS, async (task) => {
    const { files, next } = await readTaskPage(ask, task, task.taskId, { limit: FILES_OF_TASK });
    found.set(task, { task, files, hasMore: next !== undefined });
  });
  return tasks.flatMap((task) => found.get(task) ?? []);
}

/** What an app did by days: as many as are summed up in time, and where the others begin. */
export async function readUsage(ask: Ask, query: Query): Promise<UsageAnswer> {
  const startedAt = performance.now();
  const days: Usage[] = [];
  let cursor = query.cursor;
  do {
    const page = await answerOf<UsageAnswer>(ask, { resource: 'usage', query: { ...query, cursor } });
    for (const day of page.days) addDay(days, day);
    cursor = page.next;
  } while (cursor !== undefined && performance.now() - startedAt < PATIENCE_MS);
  return { days, total: sumOf(days), ...(cursor === undefined ? {} : { next: cursor }) };
}

/** A task or a room that has an id, and whose it is. */
export interface Found {
  resource: 'task' | 'room';
  owner: PageOwner;
}

/** The tasks and rooms of all apps that have an id. */
export async function findById(ask: Ask, id: string): Promise<{ found: Found[]; apps: number }> {
  const apps = await readApps(ask);
  const places = apps.flatMap(({ vendor, appId }) =>
    (['task', 'room'] as const).map((resource): Found => ({ resource, owner: { vendor, appId } })),
  );
  const known = new Set<Found>();
  await forEachConcurrently(places, CONCURRENT_READS, async (place) => {
    const { status } = await ask({ resource: place.resource, ...place.owner, id, query: { limit: '1' } });
    if (status === 200) known.add(place);
  });
  return { found: places.filter((place) => known.has(place)), apps: apps.length };
}

/** How many apps the overview lists the latest of. */
export const LATEST_APPS = 5;

/** The latest tasks and files of the apps that called last. */
export interface Latest {
  tasks: Listed<TaskWithFiles>;
  files: Listed<File>;
}

/** Reads the latest tasks and files of some apps, `query` being how they are asked for. */
export async function readLatest(
  ask: Ask,
  apps: readonly App[],
  query: Query,
  { tasks: mostTasks, files: mostFiles }: { tasks: number; files: number },
): Promise<Latest> {
  const lists = await Promise.all(
    apps.map(async ({ vendor, appId }) => {
      const ofApp = { ...query, vendor, appId };
      const [tasks, files] = await Promise.all([
        answerOf<TasksAnswer>(ask, { resource: 'tasks', query: { ...ofApp, limit: `${mostTasks}` } }),
        readFiles(ask, { ...ofApp, limit: `${mostFiles}` }),
      ]);
      return { tasks: { rows: tasks.tasks, next: tasks.next }, files };
    }),
  );
  const allFiles = lists.flatMap((list) => list.files.rows);
  const tasks = latestOf(
    lists.map((list) => list.tasks),
    (task) => taskTime(task, allFiles),
    mostTasks,
  );
  const files = latestOf(
    lists.map((list) => list.files),
    fileTime,
    mostFiles,
  );
  return { tasks: { rows: await withFiles(ask, tasks.rows), next: tasks.next }, files };
}

/** The latest rows of several ordered lists. A row without a time keeps its place in its list. */
function latestOf<Row>(
  lists: readonly Listed<Row>[],
  timeOf: (row: Row) => string | undefined,
  most: number,
): Listed<Row> {
  const rows = lists.flatMap((list) => {
    let last = '9999';
    return list.rows.map((row) => {
      const time = timeOf(row) ?? last;
      last = time < last ? time : last;
      return { row, time: last };
    });
  });
  // Stable: of equal times, each list keeps its order.
  const sorted = rows.toSorted((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  const hasMore = sorted.length > most || lists.some(({ next }) => next !== undefined);
  return { rows: sorted.slice(0, most).map(({ row }) => row), next: hasMore ? 'more' : undefined };
}

/** A room of pictures has neither start nor end: its latest file says when it was active. */
function taskTime({ startedAt, endedAt, taskId, appId }: Task, files: readonly File[]): string | undefined {
  const latest = files.find((file) => file.taskId === taskId && file.appId === appId);
  return startedAt ?? endedAt ?? (latest && fileTime(latest));
}

function fileTime({ beginsAt, uploadedAt, failedAt, lastEventAt }: File): string | undefined {
  return beginsAt ?? uploadedAt ?? failedAt ?? lastEventAt;
}
