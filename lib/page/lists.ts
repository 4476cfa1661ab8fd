import type { File, RoomAnswer, Task } from '../ledger/answers.ts';
import { pictureAddress } from './address.ts';
import {
  type Column,
  fileLink,
  NONE,
  name,
  outcomeText,
  ownerText,
  relativeTime,
  roomLink,
  sourceList,
  statusBadge,
  table,
  taskLink,
  timeLeft,
} from './elements.ts';
import { type Html, html } from './html.ts';
import { countText, durationText, sizeText, wordsOf } from './text.ts';

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
      ...taskColumns<TaskWithFiles>(({ task }) => task, now),
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
      ...taskColumns<Task>((task) => task, now),
      { title: 'User', cell: ({ userId }) => name(userId) },
    ],
  });
}

function taskColumns<Row>(taskOf: (row: Row) => Task, now: number): Column<Row>[] {
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

/** How files are shown. */
export interface FileListOptions {
  /** Unix time in ms. */
  now: number;
  /** Whether pictures are loaded from where they are stored. */
  thumbnails: boolean;
}

/** The files of one task. */
export function taskFiles(files: readonly File[], options: FileListOptions): Html {
  return table({
    caption: 'Files of the task',
    rows: files,
    keyOf: (file) => file.name,
    columns: [
      { title: 'File', cell: (file) => html`${thumbnail(file, options)}${fileLink(file)}` },
      ...fileColumns(options),
      { title: 'Said', cell: ({ code, message }) => outcomeText(code, message) },
      {
        title: 'Time left',
        cell: (file) => timeLeft(file, options.now),
      },
      { title: 'User', cell: ({ userId }) => name(userId) },
      ...(files.some(({ sources }) => sources !== undefined)
        ? [
            {
              title: 'Known from',
              cell: ({ sources }: File) => sourceList(sources, options.now) ?? 'callbacks',
            },
          ]
        : []),
    ],
  });
}

/** Files of several tasks. */
export function recentFiles(files: readonly File[], options: FileListOptions): Html {
  return table({
    caption: 'Files of these tasks, the latest first',
    rows: files,
    keyOf: (file) => JSON.stringify([file.vendor, file.appId, file.taskId, file.name]),
    columns: [
      { title: 'File', cell: (file) => html`${thumbnail(file, options)}${fileLink(file)}` },
      ...fileColumns(options),
      { title: 'Task', cell: (file) => taskLink(file, file.taskId) },
    ],
  });
}

function fileColumns({ now }: FileListOptions): Column<File>[] {
  return [
    { title: 'Status', cell: ({ status }) => statusBadge(status) },
    {
      title: 'Size',
      isNumber: true,
      cell: ({ sizeBytes }) => (sizeBytes === undefined ? NONE : sizeText(sizeBytes)),
    },
    {
      title: 'Length',
      isNumber: true,
      cell: ({ durationMs }) => (durationMs === undefined ? NONE : durationText(durationMs)),
    },
    { title: 'Last event', cell: ({ lastEventAt }) => relativeTime(lastEventAt, now) },
  ];
}

/** A small picture of a file that is one. Where it cannot be loaded its frame stays empty. */
function thumbnail(file: File, { thumbnails }: FileListOptions): Html | '' {
  const address = thumbnails ? pictureAddress(file) : undefined;
  if (address === undefined) return '';
  // The name beside it says all that a description would.
  return html`<span class="thumbnail"><img src="${address}" alt="" loading="lazy" decoding="async" width="64" height="36" referrerpolicy="no-referrer"></span>`;
}

/** Rooms with how many tasks they have. `now` is Unix time in ms. */
export function recentRooms(rooms: readonly RoomAnswer[], now: number): Html {
  return table({
    caption: 'Rooms that callbacks told of lately',
    rows: rooms,
    keyOf: ({ room }) => JSON.stringify([room.vendor, room.appId, room.roomId]),
    columns: [
      { title: 'Room', cell: ({ room }) => roomLink(room, room.roomId) },
      { title: 'Status', cell: ({ room }) => statusBadge(room.status) },
      { title: 'Opened', cell: ({ room }) => relativeTime(room.openedAt, now) },
      { title: 'Closed', cell: ({ room }) => relativeTime(room.closedAt, now) },
      {
        title: 'Tasks',
        isNumber: true,
        cell: ({ tasks, next }) => `${tasks.length}${next === undefined ? '' : ' or more'}`,
      },
      { title: 'Session', cell: ({ room }) => name(room.sessionId) },
      { title: 'App', cell: ({ room }) => ownerText(room) },
    ],
  });
}
