import type { RoomAnswer, TaskAnswer } from '../ledger/answers.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import type { PageOwner } from './address.ts';
import type { TaskWithFiles } from './lists.ts';

/** What is known of a callback that came in lately, put together from the log lines of the functions. */
export interface RecentCallback {
  /** ISO time of its first log line. */
  at: string;
  /** What became of it: the latest verdict of the receiving function or the consumer. */
  verdict: string;
  /** Why, where there is a reason. */
  reason?: string | undefined;
  source?: string | undefined;
  /** The HTTP status that the vendor was answered with; absent where only the consumer saw it. */
  status?: number | undefined;
  appId?: string | undefined;
  type?: string | undefined;
  taskId?: string | undefined;
  roomId?: string | undefined;
  messageId?: string | undefined;
  /** Whether somebody has sent it out of the quarantine or the dead-letter queue once more. */
  replayed?: boolean | undefined;
  /** Whether it waited in the table, because the queue was out. */
  spilled?: boolean | undefined;
  /** From reception to state, in ms. */
  lagMs?: number | undefined;
}

/** A log line cuts longer values and ends them so; what was cut names nothing. */
const CUT = '…';

/** The task and the room that a callback names, with whose they are; nothing where its line does not tell. */
export function idsOfCallback({ source, appId, taskId, roomId }: RecentCallback): {
  owner?: { vendor: string; appId: string };
  taskId?: string | undefined;
  roomId?: string | undefined;
} {
  const vendor = source?.split('-')[0];
  if (vendor === undefined || appId === undefined || appId.endsWith(CUT)) return {};
  return { owner: { vendor, appId }, taskId: wholeId(taskId), roomId: wholeId(roomId) };
}

function wholeId(id: string | undefined): string | undefined {
  return id === undefined || id.endsWith(CUT) ? undefined : id;
}

/** Reads the last callbacks, the latest first, from where the local stack keeps them. Rejects when it does not answer. */
export function callbackReader(url: string): () => Promise<RecentCallback[]> {
  return async () => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return (await answer.json()) as RecentCallback[];
  };
}

/** What has happened lately, as far as anyone keeps it. */
export interface Recent {
  callbacks: readonly RecentCallback[];
  tasks: readonly TaskWithFiles[];
  rooms: readonly RoomAnswer[];
}

/** How many tasks and rooms are shown; each is read from the ledger whenever the page is. */
const MOST_TASKS = 15;
const MOST_ROOMS = 10;

const CONCURRENT_READS = 8;

/** Asks the read API's questions; `undefined` when nothing is known of the task or room. */
export interface LedgerQuestions {
  task(owner: PageOwner, id: string): Promise<TaskAnswer | undefined>;
  room(owner: PageOwner, id: string): Promise<RoomAnswer | undefined>;
}

/** A task or a room that a callback named. */
interface Named {
  owner: PageOwner;
  id: string;
}

/** The tasks and rooms that the last callbacks were of, the latest first. */
export async function readRecent(
  callbacks: readonly RecentCallback[],
  ask: LedgerQuestions,
): Promise<Recent> {
  const ids = callbacks.map(idsOfCallback);
  const tasks = distinct(
    ids.map(({ owner, taskId }) => owner && taskId !== undefined && { owner, id: taskId }),
  );
  const rooms = distinct(
    ids.map(({ owner, roomId }) => owner && roomId !== undefined && { owner, id: roomId }),
  );
  const [taskAnswers, roomAnswers] = await Promise.all([
    readAll(tasks.slice(0, MOST_TASKS), ask.task),
    readAll(rooms.slice(0, MOST_ROOMS), ask.room),
  ]);
  return {
    callbacks,
    tasks: taskAnswers.map(({ task, files, next }) => ({ task, files, hasMore: next !== undefined })),
    rooms: roomAnswers,
  };
}

function distinct(all: readonly (Named | false | undefined)[]): Named[] {
  const found = new Map<string, Named>();
  for (const named of all) {
    if (!named) continue;
    const key = JSON.stringify([named.owner.vendor, named.owner.appId, named.id]);
    if (!found.has(key)) found.set(key, named);
  }
  return [...found.values()];
}

async function readAll<Answer>(
  all: readonly Named[],
  read: (owner: PageOwner, id: string) => Promise<Answer | undefined>,
): Promise<Answer[]> {
  const answers: (Answer | undefined)[] = all.map(() => undefined);
  await forEachConcurrently([...all.entries()], CONCURRENT_READS, async ([index, { owner, id }]) => {
    answers[index] = await read(owner, id);
  });
  return answers.filter((answer) => answer !== undefined);
}
