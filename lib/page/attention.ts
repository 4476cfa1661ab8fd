import type { File, Task } from '../ledger/answers.ts';
import { name, outcomeText, ownerText, relativeTime, statusBadge, taskLink } from './elements.ts';
import { type Html, html } from './html.ts';
import { section } from './section.ts';
import { table } from './table.ts';
import { countText, wordsOf } from './text.ts';
import { timeLeft } from './time-left.ts';

/** Why something is listed, and since when, where the ledger tells. */
interface Listed {
  reason?: string | undefined;
  since?: string | undefined;
}

/** An app of a vendor from which nothing has come for too long. */
interface ListedVendor extends Listed {
  vendor: string;
  appId: string;
}

/** What needs a person: files whose upload failed, and tasks and apps that something is missing of. */
export interface Attention {
  files: readonly (File & Listed)[];
  tasks?: readonly (Task & Listed)[];
  vendors?: readonly ListedVendor[];
  next?: string | undefined;
}

/** How many things need attention, in words; `more` when only the first page was counted. */
export function attentionCount({ files, tasks = [], vendors = [], next }: Attention): string {
  const counted = [
    [files.length, 'file'] as const,
    [tasks.length, 'task'] as const,
    [vendors.length, 'app'] as const,
  ].filter(([count]) => count > 0);
  const total = files.length + tasks.length + vendors.length;
  if (total === 0) return 'Nothing needs attention';
  const list = counted.map(([count, noun]) => countText(count, noun)).join(', ');
  return `${next === undefined ? '' : 'At least '}${list} need${total === 1 ? 's' : ''} attention`;
}

/** What needs attention, the soonest deadline first. `now` is Unix time in ms. */
export function attentionSection(attention: Attention, nextAddress: string | undefined, now: number): Html {
  const { files, tasks = [], vendors = [] } = attention;
  const isEmpty = files.length + tasks.length + vendors.length === 0;
  return section({
    id: 'attention',
    title: 'Needs attention',
    body: [
      html`<p class="count${!isEmpty && ' urgent'}" role="status">${attentionCount(attention)}</p>`,
      files.length > 0 && filesTable(files, now),
      tasks.length > 0 && tasksTable(tasks, now),
      vendors.length > 0 && vendorsTable(vendors, now),
      nextAddress !== undefined && html`<p><a href="${nextAddress}">More that need attention</a></p>`,
    ],
  });
}

function filesTable(files: Attention['files'], now: number): Html {
  return table({
    caption: 'Files whose upload failed',
    rows: files,
    keyOf: (file) => JSON.stringify([file.vendor, file.appId, file.taskId, file.name]),
    columns: [
      { title: 'File', cell: (file) => name(file.name) },
      { title: 'Time left', cell: (file) => timeLeft(file.purgeAt, now) },
      { title: 'Status', cell: (file) => statusBadge(file.status) },
      { title: 'Why', cell: (file) => html`${reason(file)}${outcomeText(file.code, file.message)}` },
      { title: 'Failed', cell: (file) => relativeTime(file.failedAt, now) },
      { title: 'Task', cell: (file) => taskLink(file, file.taskId) },
      { title: 'App', cell: ownerText },
    ],
  });
}

function tasksTable(tasks: NonNullable<Attention['tasks']>, now: number): Html {
  return table({
    caption: 'Tasks that something is missing of',
    rows: tasks,
    keyOf: (task) => JSON.stringify([task.vendor, task.appId, task.taskId, task.reason]),
    columns: [
      { title: 'Task', cell: (task) => taskLink(task, task.taskId) },
      { title: 'Why', cell: reason },
      { title: 'Status', cell: (task) => statusBadge(task.status) },
      { title: 'Since', cell: (task) => relativeTime(task.since, now) },
      { title: 'App', cell: ownerText },
    ],
  });
}

function vendorsTable(vendors: NonNullable<Attention['vendors']>, now: number): Html {
  return table({
    caption: 'Apps from which nothing has come for too long',
    rows: vendors,
    keyOf: (app) => JSON.stringify([app.vendor, app.appId]),
    columns: [
      { title: 'App', cell: ownerText },
      { title: 'Why', cell: reason },
      { title: 'Since', cell: (app) => relativeTime(app.since, now) },
    ],
  });
}

function reason({ reason: why }: Listed): Html | '' {
  return why === undefined ? '' : html`${wordsOf(why)} `;
}
