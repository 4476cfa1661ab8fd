import type { File, Task } from '../ledger/answers.ts';
import { pictureAddress } from './address.ts';
import {
  type Column,
  fileLink,
  NONE,
  name,
  outcomeText,
  ownerText,
  roomLink,
  sourceList,
  statusBadge,
  table,
  taskLink,
  timeLeft,
  when,
} from './elements.ts';
import { type Html, html } from './html.ts';
import { type Clock, countText, durationText, sizeText, wordsOf } from './text.ts';

/** A task with the first page of its files. */
export interface TaskWithFiles {
  task: Task;
  files: readonly File[];
  /** Whether there are more files, or may be. */
  hasMore: boolean;
}

/** How tasks and files are shown. */
export interface ListOptions {
  clock: Clock;
  /** Whether pictures are loaded from where they are stored. */
  thumbnails: boolean;
}

/** Tasks with what became of their files. */
export function taskTable(
  caption: string,
  rows: readonly TaskWithFiles[],
  { clock }: ListOptions,
  columns: { room?: boolean; app?: boolean } = {},
): Html {
  return table<TaskWithFiles>({
    caption,
    rows,
    keyOf: ({ task }) => JSON.stringify([task.vendor, task.appId, task.taskId]),
    columns: [
      { title: 'Task', cell: ({ task }) => taskLink(task, task.taskId) },
      { title: 'Status', cell: ({ task }) => statusBadge(task.status) },
      { title: 'Files', cell: fileCounts },
      { title: 'Kind', cell: ({ task }) => task.kind ?? NONE },
      { title: 'Started', cell: ({ task }) => when(task.startedAt, clock) },
      { title: 'Ended', cell: ({ task }) => when(task.endedAt, clock) },
      { title: 'Size', isNumber: true, cell: totalSize },
      ...only(rows, columns.room ?? true, ({ task }) => task.roomId, {
        title: 'Room',
        cell: ({ task }) => roomLink(task, task.roomId),
      }),
      ...only(rows, true, ({ task }) => task.userId, {
        title: 'User',
        cell: ({ task }) => name(task.userId),
      }),
      ...only(rows, true, ({ task }) => task.label, {
        title: 'Label',
        cell: ({ task }) => name(task.label),
      }),
      ...only(rows, columns.app ?? false, ({ task }) => task.appId, {
        title: 'App',
        cell: ({ task }) => ownerText(task),
      }),
    ],
  });
}

/** A column that is wanted and not empty. */
function only<Row>(
  rows: readonly Row[],
  isWanted: boolean,
  valueIn: (row: Row) => unknown,
  column: Column<Row>,
): Column<Row>[] {
  return isWanted && rows.some((row) => valueIn(row) !== undefined) ? [column] : [];
}

/** How many files have which status, such as `5 uploaded, 1 upload failed`. */
function fileCounts({ files, hasMore }: TaskWithFiles): Html {
  if (files.length === 0) return html`<span class="muted">none</span>`;
  const counts = new Map<string, number>();
  for (const { status } of files) counts.set(status, (counts.get(status) ?? 0) + 1);
  const texts = [...counts].map(([status, count]) => `${count} ${wordsOf(status)}`).join(', ');
  return html`${hasMore ? `at least ${countText(files.length, 'file')}: ` : ''}${texts}`;
}

function totalSize({ files, hasMore }: TaskWithFiles): Html | string {
  const sizes = files.flatMap(({ sizeBytes }) => sizeBytes ?? []);
  if (sizes.length === 0) return NONE;
  return `${hasMore ? 'at least ' : ''}${sizeText(sizes.reduce((sum, size) => sum + size, 0))}`;
}

/** Which columns a list of files has besides those that every one has. */
export interface FileColumns {
  task?: boolean;
  room?: boolean;
  app?: boolean;
}

/** Files; empty columns are left out. */
export function fileTable(
  caption: string,
  rows: readonly File[],
  options: ListOptions,
  columns: FileColumns = {},
): Html {
  const { clock } = options;
  return table<File>({
    caption,
    rows,
    keyOf: (file) => JSON.stringify([file.vendor, file.appId, file.taskId, file.name]),
    columns: [
      { title: 'File', cell: (file) => html`${thumbnail(file, options)}${fileLink(file)}` },
      { title: 'Status', cell: ({ status }) => statusBadge(status) },
      ...only(
        rows,
        true,
        ({ code, message, status }) => (status === 'uploaded' ? undefined : (message ?? code)),
        {
          title: 'Said',
          cell: ({ code, message }) => outcomeText(code, message),
        },
      ),
      ...only(rows, true, ({ purgeAt, status }) => (status === 'upload_failed' ? true : purgeAt), {
        title: 'Time left',
        cell: (file) => timeLeft(file, clock),
      }),
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
      { title: 'Last event', cell: ({ lastEventAt }) => when(lastEventAt, clock) },
      ...only(rows, columns.task ?? false, ({ taskId }) => taskId, {
        title: 'Task',
        cell: (file) => taskLink(file, file.taskId),
      }),
      ...only(rows, columns.room ?? false, ({ roomId }) => roomId, {
        title: 'Room',
        cell: (file) => roomLink(file, file.roomId),
      }),
      ...only(rows, true, ({ userId }) => userId, { title: 'User', cell: ({ userId }) => name(userId) }),
      ...only(rows, columns.app ?? false, ({ appId }) => appId, { title: 'App', cell: ownerText }),
      ...only(rows, true, ({ sources }) => sources, {
        title: 'Known from',
        cell: ({ sources }) => sourceList(sources, clock) ?? 'callbacks',
      }),
    ],
  });
}

/** A small picture of a file that is one. Where it cannot be loaded its frame stays empty. */
function thumbnail(file: File, { thumbnails }: ListOptions): Html | '' {
  const address = thumbnails ? pictureAddress(file) : undefined;
  if (address === undefined) return '';
  // The name beside it says all that a description would.
  return html`<span class="thumbnail"><img src="${address}" alt="" loading="lazy" decoding="async" width="64" height="36" referrerpolicy="no-referrer"></span>`;
}

/** How much a list shows: `15 latest` where there is more, `3 files` where it is all, `50 more` on a later page. */
export function shownText(
  count: number,
  noun: string,
  { hasNext, isLater = false }: { hasNext: boolean; isLater?: boolean },
): string {
  if (isLater) return `${count} ${hasNext ? 'more' : 'last'}`;
  return hasNext ? `${count} latest` : countText(count, noun);
}
