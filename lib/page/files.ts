import type { File } from '../ledger/answers.ts';
import { pictureAddress } from './address.ts';
import { fileLink, NONE, name, outcomeText, relativeTime, statusBadge, taskLink } from './elements.ts';
import { type Html, html } from './html.ts';
import { type Column, table } from './table.ts';
import { durationText, sizeText } from './text.ts';
import { timeLeft } from './time-left.ts';

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
      ...commonColumns(options),
      { title: 'Said', cell: ({ code, message }) => outcomeText(code, message) },
      {
        title: 'Time left',
        cell: (file) => timeLeft(file, options.now),
      },
      { title: 'User', cell: ({ userId }) => name(userId) },
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
      ...commonColumns(options),
      { title: 'Task', cell: (file) => taskLink(file, file.taskId) },
    ],
  });
}

function commonColumns({ now }: FileListOptions): Column<File>[] {
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
