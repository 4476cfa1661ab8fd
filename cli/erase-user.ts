import type { File, Task } from '../lib/ledger/answers.ts';
import { fileSortKey, roomKey, taskKey } from '../lib/ledger/keys.ts';
import type { Owner } from '../lib/ledger/updates.ts';
import type { Context } from './context.ts';
import { callbacksNaming, type Erasable, type ErasableTable } from './erasure.ts';
import { readPath } from './reading.ts';

/** What the erasure of a user does not reach beside what no erasure does. */
export const OUT_OF_REACH_OF_USER = [
  'tasks, files and rooms in which the vendor names the user in an id only, such as a task id with the user id in it',
  'the own item of a task that others share, where it names the user (retentionDays)',
  'stored callbacks of rooms without a task or file of the user in this time (eventHistoryDays)',
  'what began outside of --from and --to, and what still comes of tasks that others share',
];

/** Whose data is looked for, and when it began: ISO dates or times. */
export interface UserQuery {
  userId: string;
  from: string;
  to: string;
}

/**
 * What is stored of a user: the tasks that are the user's alone; of others the user's files; and the stored callbacks of
 * these and of their rooms that name the user. Rejects when the read API or the table cannot be read.
 */
export async function findOfUser(
  context: Context,
  table: ErasableTable,
  owner: Owner,
  { userId, from, to }: UserQuery,
): Promise<Erasable> {
  const { vendor, appId } = owner;
  const range = { vendor, appId, from, to, limit: '500' };
  const read = <Answer>(path: string, query: Record<string, string>) =>
    readPath<Answer>(context, `${path}?${new URLSearchParams(query)}`, userId);
  const { tasks } = await read<{ tasks: Task[] }>('/tasks', range);
  const { files } = await read<{ files: File[] }>('/files', { ...range, userId });

  const own = new Set<string>();
  for (const { taskId } of tasks.filter((task) => task.userId === userId)) {
    const answer = await read<{ files: File[] }>('/task', { vendor, appId, taskId, limit: '500' });
    const isShared = answer.files.some((file) => file.userId !== undefined && file.userId !== userId);
    if (!isShared) own.add(taskId);
    else files.push(...answer.files.filter((file) => file.userId === userId));
  }

  const keyOf = (taskId: string) => taskKey(vendor, appId, taskId);
  const shared = files.filter(({ taskId }) => !own.has(taskId));
  const ofUser = tasks.filter((task) => task.userId === userId);
  const rooms = [...ofUser, ...files].flatMap(({ roomId }) => roomId ?? []);
  const partitions = new Set([
    ...[...shared, ...ofUser].map(({ taskId }) => keyOf(taskId)),
    ...rooms.map((roomId) => roomKey(vendor, appId, roomId)),
  ]);
  const wholes = [...own].map(keyOf);
  const others = [...partitions].filter((partition) => !wholes.includes(partition));
  const callbacks = await Promise.all(others.map((partition) => callbacksNaming(table, partition, userId)));
  const fileKeys = new Map(
    shared.map(({ taskId, name }) => {
      const key = { pk: { S: keyOf(taskId) }, sk: { S: fileSortKey(name) } };
      return [JSON.stringify(key), key];
    }),
  );
  return { partitions: wholes, tasks: wholes, items: [...fileKeys.values(), ...callbacks.flat()] };
}
