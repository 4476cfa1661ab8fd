import type { File, Task } from '../ledger/answers.ts';
import { NONE, name, ownerText, relativeTime, roomLink, statusBadge, taskLink } from './elements.ts';
import { type Html, html } from './html.ts';
import { type Column, table } from './table.ts';
import { countText, sizeText, wordsOf } from './text.ts';

/** A task with the first page of its files. */
export interface TaskWithFiles {
  task: Task;
  files: readonly File[];
  /** Whether there are more files. */
  hasMore: boolean;
}

/** Tasks with what became of their files. `now` is Unix time in ms. */
export function recentTasks(tasks: readonly TaskWithFiles[], now: number): Html {
  return table({
    caption: 'Tasks that callbacks told of lately',
    rows: tasks,
    keyOf: ({ task }) => JSON.stringify([task.vendor, task.appId, task.taskId]),
    columns: [
      { title: 'Task', cell: ({ task }) => taskLink(task, task.taskId) },
      ...columnsOfTask<TaskWithFiles>(({ task }) => task, now),
      { title: 'Files', cell: fileCounts },
      { title: 'Size', isNumber: true, cell: totalSize },
      { title: 'Room', cell: ({ task }) => roomLink(task, task.roomId) },
      { title: 'App', cell: ({ task }) => ownerText(task) },
    ],
  });
}

/** The tasks of one room. `now` is Unix time in ms. */
export function roomTasks(tasks: readonly Task[], now: number): Html {
  return table({
    caption: 'Tasks of the room',
    rows: tasks,
    keyOf: ({ taskId }) => taskId,
    columns: [
      { title: 'Task', cell: (task) => taskLink(task, task.taskId) },
      ...columnsOfTask<Task>((task) => task, now),
      { title: 'User', cell: ({ userId }) => name(userId) },
    ],
  });
}

function columnsOfTask<Row>(taskOf: (row: Row) => Task, now: number): Column<Row>[] {
  return [
    { title: 'Status', cell: (row) => statusBadge(taskOf(row).status) },
    { title: 'Kind', cell: (row) => taskOf(row).kind ?? NONE },
    { title: 'Started', cell: (row) => relativeTime(taskOf(row).startedAt, now) },
    { title: 'Ended', cell: (row) => relativeTime(taskOf(row).endedAt, now) },
  ];
}

/** How many files have which status, such as `5 uploaded, 1 upload failed`. */
function fileCounts({ files, hasMore }: TaskWithFiles): Html {
  if (files.length === 0) return NONE;
  const counts = new Map<string, number>();
  for (const { status } of files) counts.set(status, (counts.get(status) ?? 0) + 1);
  const texts = [...counts].map(([status, count]) => `${count} ${wordsOf(status)}`).join(', ');
  return html`${hasMore ? `over ${countText(files.length, 'file')}: ` : ''}${texts}`;
}

function totalSize({ files }: TaskWithFiles): Html | string {
  const sizes = files.flatMap(({ sizeBytes }) => sizeBytes ?? []);
  return sizes.length === 0 ? NONE : sizeText(sizes.reduce((sum, size) => sum + size, 0));
}
