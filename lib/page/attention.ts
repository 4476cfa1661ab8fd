import type { AttentionReason } from '../../types/index.d.ts';
import { MEANINGS } from '../attention/notice.ts';
import type { AttentionAnswer, AttentionApp, AttentionFile, AttentionTask } from '../ledger/answers.ts';
import { hideAddress, PATHS } from './address.ts';
import {
  type Column,
  name,
  nextPage,
  outcomeText,
  ownerText,
  section,
  statusBadge,
  table,
  taskLink,
  timeLeft,
  when,
} from './elements.ts';
import { type Html, html, type Part } from './html.ts';
import { type Clock, countText, wordsOf } from './text.ts';

/** What each reason is called, and what a person can do; what can still be saved first, what is lost last. */
const REASONS: Readonly<Record<AttentionReason, { title: string; advice: string }>> = {
  purge_near: {
    title: 'Upload failed, deleted soon',
    advice: 'Repair the bucket’s permissions or space now, or fetch the file from the vendor.',
  },
  upload_failed: {
    title: 'Upload failed',
    advice: 'Repair the bucket’s permissions or space before the time is over.',
  },
  not_in_storage: {
    title: 'Not in the bucket',
    advice: 'Find out who moved or deleted the object, and whether the bucket is the right one.',
  },
  upload_missing: {
    title: 'Upload not reported',
    advice: 'Look into the bucket. Where the file is missing, ask the vendor with the task id.',
  },
  app_silent: {
    title: 'App silent',
    advice: 'Check the callback URL in the vendor’s console, and run “rtc-callbacks doctor”.',
  },
  callback_missing: {
    title: 'Expected, and no callback',
    advice: 'Check that your backend started it, and the callback URL in the vendor’s console.',
  },
  task_silent: {
    title: 'Task silent',
    advice: 'Look in the vendor’s console whether it still runs, and end it there.',
  },
  screenshot_missing: {
    title: 'No picture',
    advice: 'Check that somebody sends video in the room, and the screenshot settings.',
  },
  lost: {
    title: 'Lost',
    advice: 'Nothing can be saved any more. Repair the cause, and dismiss them.',
  },
};

/** What a reason is called; one that is not known here is shown as it is. */
function titleOf(reason: AttentionReason): string {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason].title : wordsOf(reason);
}

/** How attention items are shown. */
export interface AttentionOptions {
  clock: Clock;
  /** Where the list goes on; absent on the last page. */
  nextAddress: string | undefined;
  /** How many of each reason are shown; all of them where it is absent. */
  mostOfReason?: number;
  /** Whether hidden items are among them. */
  hasHidden?: boolean;
  /** Whether the reader may dismiss and snooze them. */
  canHide: boolean;
  /** What stands below the count. */
  note?: Part;
}

/** How many things need attention, in words; `more` when only the first page was counted. */
export function attentionCount({ files, tasks = [], apps = [], next }: AttentionAnswer): string {
  const counted = [
    [files.length, 'file'] as const,
    [tasks.length, 'task'] as const,
    [apps.length, 'app'] as const,
  ].filter(([count]) => count > 0);
  const total = files.length + tasks.length + apps.length;
  if (total === 0) return next === undefined ? 'Nothing needs attention' : 'Nothing on this page';
  const list = counted.map(([count, noun]) => countText(count, noun)).join(', ');
  return `${next === undefined ? '' : 'At least '}${list} need${total === 1 ? 's' : ''} attention`;
}

/** What needs attention by reason: what can still be saved first, what is lost last. */
export function attentionSection(attention: AttentionAnswer, options: AttentionOptions): Html {
  const { files, tasks = [], apps = [] } = attention;
  const isEmpty = files.length + tasks.length + apps.length === 0;
  const { nextAddress, mostOfReason, note } = options;
  return section({
    id: 'attention',
    title: 'Needs attention',
    aside: mostOfReason !== undefined && html`<a href="${PATHS.attention}">All attention items</a>`,
    body: [
      html`<p class="count${!isEmpty && ' urgent'}" role="status">${attentionCount(attention)}</p>`,
      note,
      groupsOf(attention).map((group) => groupView(group, options)),
      mostOfReason === undefined
        ? nextPage(nextAddress)
        : nextAddress !== undefined && html`<p><a href="${nextAddress}">More that need attention</a></p>`,
    ],
  });
}

/** The attention items of one reason. */
interface Group {
  reason: AttentionReason;
  files: readonly AttentionFile[];
  tasks: readonly AttentionTask[];
  apps: readonly AttentionApp[];
}

function groupsOf({ files, tasks = [], apps = [] }: AttentionAnswer): Group[] {
  const found = new Set<AttentionReason>([...files, ...tasks, ...apps].map(({ reason }) => reason));
  const known = Object.keys(REASONS) as AttentionReason[];
  const unknown = [...found].filter((reason) => !known.includes(reason));
  return [...unknown, ...known]
    .filter((reason) => found.has(reason))
    .map((reason) => ({
      reason,
      files: files.filter((file) => file.reason === reason),
      tasks: tasks.filter((task) => task.reason === reason),
      apps: apps.filter((app) => app.reason === reason),
    }));
}

function groupView({ reason, files, tasks, apps }: Group, options: AttentionOptions): Html {
  const { mostOfReason = Number.POSITIVE_INFINITY, nextAddress } = options;
  const count = files.length + tasks.length + apps.length;
  const shown = [files, tasks, apps].map(({ length }) => Math.min(length, mostOfReason));
  const left = count - shown.reduce((sum, length) => sum + length, 0);
  const id = `reason-${reason}`;
  const isKnown = Object.hasOwn(REASONS, reason);
  const isWhole = nextAddress === undefined;
  return html`<div class="group" id="${id}">
<h3>${titleOf(reason)} <span class="muted">${isWhole ? count : `${count} or more`}</span></h3>
${isKnown && html`<p class="advice">${MEANINGS[reason]} ${REASONS[reason].advice}</p>`}
${files.length > 0 && filesTable(files.slice(0, mostOfReason), reason, options)}
${tasks.length > 0 && tasksTable(tasks.slice(0, mostOfReason), reason, options)}
${apps.length > 0 && appsTable(apps.slice(0, mostOfReason), reason, options)}
${left > 0 && html`<p><a href="${PATHS.attention}#${id}">${left} more of this reason</a></p>`}
</div>`;
}

function filesTable(
  rows: readonly AttentionFile[],
  reason: AttentionReason,
  options: AttentionOptions,
): Html {
  const { clock } = options;
  const hasDeadline = rows.some(({ status, purgeAt }) => purgeAt !== undefined || status === 'upload_failed');
  const isSaid = rows.some(({ code, message }) => code !== undefined || message !== undefined);
  return table<AttentionFile>({
    caption: `Files: ${titleOf(reason)}`,
    rows,
    keyOf: (file) => JSON.stringify([file.vendor, file.appId, file.taskId, file.name]),
    columns: [
      { title: 'File', cell: (file) => name(file.name) },
      ...only(hasDeadline, { title: 'Time left', cell: (file: AttentionFile) => timeLeft(file, clock) }),
      ...only(!hasDeadline, {
        title: 'Status',
        cell: (file: AttentionFile) => statusBadge(file.status),
      }),
      ...only(isSaid, {
        title: 'Said',
        cell: ({ code, message }: AttentionFile) => outcomeText(code, message),
      }),
      { title: 'Since', cell: (file) => when(file.since ?? file.failedAt, clock) },
      { title: 'Task', cell: (file) => html`${taskLink(file, file.taskId)}${labelOf(file)}` },
      { title: 'App', cell: ownerText },
      ...hiddenColumns<AttentionFile>(options, (file) => file.name),
    ],
  });
}

function tasksTable(
  rows: readonly AttentionTask[],
  reason: AttentionReason,
  options: AttentionOptions,
): Html {
  return table<AttentionTask>({
    caption: `Tasks: ${titleOf(reason)}`,
    rows,
    keyOf: (task) => JSON.stringify([task.vendor, task.appId, task.taskId, task.reason]),
    columns: [
      { title: 'Task', cell: (task) => html`${taskLink(task, task.taskId)}${labelOf(task)}` },
      { title: 'Status', cell: (task) => statusBadge(task.status) },
      { title: 'Since', cell: ({ since }) => when(since, options.clock) },
      { title: 'App', cell: ownerText },
      ...hiddenColumns<AttentionTask>(options, (task) => task.taskId),
    ],
  });
}

function appsTable(rows: readonly AttentionApp[], reason: AttentionReason, options: AttentionOptions): Html {
  return table<AttentionApp>({
    caption: `Apps: ${titleOf(reason)}`,
    rows,
    keyOf: (app) => JSON.stringify([app.vendor, app.appId]),
    columns: [
      { title: 'App', cell: ownerText },
      { title: 'Last callback', cell: ({ lastReceivedAt }) => when(lastReceivedAt, options.clock) },
      ...hiddenColumns<AttentionApp>(options, (app) => app.appId),
    ],
  });
}

function labelOf({ label }: { label?: string | undefined }): Html | false {
  return label !== undefined && html` <span class="muted">${name(label)}</span>`;
}

/** Who has hidden an item, where hidden ones are shown, and the way to hide it. */
function hiddenColumns<Row extends AttentionFile | AttentionTask | AttentionApp>(
  { clock, hasHidden = false, canHide }: AttentionOptions,
  nameOf: (row: Row) => string,
): Column<Row>[] {
  return [
    ...only(hasHidden, { title: 'Hidden', cell: ({ hidden }: Row) => hiddenText(hidden, clock) }),
    ...only(canHide, {
      title: 'Action',
      cell: (row: Row) =>
        html`<a href="${hideAddress(row.id)}" aria-label="Dismiss or snooze ${nameOf(row)}">Dismiss or snooze</a>`,
    }),
  ];
}

/** The last decision to hide an item; it may be over, or of another reason. */
function hiddenText(hidden: AttentionFile['hidden'], clock: Clock): Html | string {
  if (hidden === undefined) return '';
  const { by, why, at, reason, until } = hidden;
  const end = until === undefined ? html`while it is ${wordsOf(reason)}` : html`until ${when(until, clock)}`;
  return html`${end}, by ${name(by)}, ${when(at, clock)}: ${name(why)}`;
}

function only<Row>(isWanted: boolean, column: Column<Row>): Column<Row>[] {
  return isWanted ? [column] : [];
}
