import type { AttentionAnswer, AttentionApp, AttentionFile, AttentionTask } from '../ledger/answers.ts';
import {
  name,
  outcomeText,
  ownerText,
  relativeTime,
  section,
  statusBadge,
  table,
  taskLink,
  timeLeft,
} from './elements.ts';
import { type Html, html } from './html.ts';
import { countText, wordsOf } from './text.ts';

/** How many things need attention, in words; `more` when only the first page was counted. */
export function attentionCount({ files, tasks = [], apps = [], next }: AttentionAnswer): string {
  const counted = [
    [files.length, 'file'] as const,
    [tasks.length, 'task'] as const,
    [apps.length, 'app'] as const,
  ].filter(([count]) => count > 0);
  const total = files.length + tasks.length + apps.length;
  if (total === 0) return 'Nothing needs attention';
  const list = counted.map(([count, noun]) => countText(count, noun)).join(', ');
  return `${next === undefined ? '' : 'At least '}${list} need${total === 1 ? 's' : ''} attention`;
}

/** What needs attention, the soonest deadline first. `now` is Unix time in ms. */
export function attentionSection(
  attention: AttentionAnswer,
  nextAddress: string | undefined,
  now: number,
): Html {
  const { files, tasks = [], apps = [] } = attention;
  const isEmpty = files.length + tasks.length + apps.length === 0;
  return section({
    id: 'attention',
    title: 'Needs attention',
    body: [
      html`<p class="count${!isEmpty && ' urgent'}" role="status">${attentionCount(attention)}</p>`,
      files.length > 0 && filesTable(files, now),
      tasks.length > 0 && tasksTable(tasks, now),
      apps.length > 0 && appsTable(apps, now),
      nextAddress !== undefined && html`<p><a href="${nextAddress}">More that need attention</a></p>`,
    ],
  });
}

function filesTable(files: readonly AttentionFile[], now: number): Html {
  return table({
    caption: 'Files whose upload failed, or of which there is no word',
    rows: files,
    keyOf: (file) => JSON.stringify([file.vendor, file.appId, file.taskId, file.name]),
    columns: [
      { title: 'File', cell: (file) => name(file.name) },
      { title: 'Time left', cell: (file) => timeLeft(file, now) },
      { title: 'Status', cell: (file) => statusBadge(file.status) },
      { title: 'Why', cell: fileReason },
      { title: 'Since', cell: (file) => relativeTime(file.since ?? file.failedAt, now) },
      { title: 'Task', cell: (file) => taskLink(file, file.taskId) },
      { title: 'App', cell: ownerText },
    ],
  });
}

/** The reason, unless the status tells it already, and what the vendor said. */
function fileReason({ reason, status, code, message }: AttentionFile): Html {
  const isMute = code === undefined && message === undefined;
  const why = reason === status && !isMute ? '' : `${wordsOf(reason)} `;
  return html`${why}${!isMute && outcomeText(code, message)}`;
}

function tasksTable(tasks: readonly AttentionTask[], now: number): Html {
  return table({
    caption: 'Tasks that something is missing of',
    rows: tasks,
    keyOf: (task) => JSON.stringify([task.vendor, task.appId, task.taskId, task.reason]),
    columns: [
      { title: 'Task', cell: (task) => taskLink(task, task.taskId) },
      { title: 'Why', cell: ({ reason }) => wordsOf(reason) },
      { title: 'Status', cell: (task) => statusBadge(task.status) },
      { title: 'Since', cell: ({ since }) => relativeTime(since, now) },
      { title: 'App', cell: ownerText },
    ],
  });
}

function appsTable(apps: readonly AttentionApp[], now: number): Html {
  return table({
    caption: 'Apps from which nothing has come for too long',
    rows: apps,
    keyOf: (app) => JSON.stringify([app.vendor, app.appId]),
    columns: [
      { title: 'App', cell: ownerText },
      { title: 'Why', cell: ({ reason }) => wordsOf(reason) },
      { title: 'Last callback', cell: ({ lastReceivedAt }) => relativeTime(lastReceivedAt, now) },
    ],
  });
}
