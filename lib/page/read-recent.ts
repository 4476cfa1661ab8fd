import type { RoomAnswer } from '../ledger/read-room.ts';
import type { TaskAnswer } from '../ledger/read-task.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import type { PageOwner } from './address.ts';
import type { Recent } from './overview.ts';
import { idsOfCallback, type RecentCallback } from './recent-callback.ts';

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
