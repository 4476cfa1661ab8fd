import { reasonText } from '../callback/reasons.ts';
import type { AttentionAnswer } from '../ledger/answers.ts';
import { PATHS } from './address.ts';
import { attentionSection } from './attention.ts';
import { badge, choices, NONE, name, roomLink, section, table, taskLink, when } from './elements.ts';
import { type Html, html, type Part } from './html.ts';
import { fileTable, type ListOptions, shownText, taskTable } from './lists.ts';
import type { Latest } from './reads.ts';
import { idsOfCallback, type RecentCallback } from './recent.ts';
import { type Clock, countText, durationText, eventText, verdictWords } from './text.ts';

/** How many tasks and files are the latest. */
export const LATEST = { tasks: 15, files: 20 };

/** How many attention items of each reason are on the overview. */
const MOST_OF_REASON = 5;

/** What the overview shows. */
export interface OverviewContent {
  attention: AttentionAnswer;
  /** Where the list of what needs attention goes on. */
  nextAddress: string | undefined;
  canHide: boolean;
  /** Why there are none, where the lists cannot be read. */
  latest: Latest | string;
  /** How many apps have called, and of how many of them the latest are. */
  apps: { all: number; shown: number };
  /** Absent where no list of the last callbacks is kept. */
  callbacks: readonly RecentCallback[] | undefined;
  onlyProblems: boolean;
}

/** The first page: what needs attention, and what has happened lately. */
export function overview(content: OverviewContent, options: ListOptions): Html {
  const { attention, nextAddress, canHide, latest, apps, callbacks, onlyProblems } = content;
  const { clock } = options;
  return html`<h1>Recordings and screenshots</h1>
${attentionSection(attention, {
  clock,
  nextAddress,
  canHide,
  mostOfReason: MOST_OF_REASON,
  note: callbacks !== undefined && problemsNote(callbacks),
})}
${typeof latest === 'string' ? html`<p class="note">The latest tasks and files cannot be listed: ${latest}</p>` : latestSections(latest, apps, options)}
${
  callbacks === undefined
    ? html`<p class="note">What became of each callback is in the log lines of the functions.</p>`
    : callbacksSection(callbacks, onlyProblems, clock)
}`;
}

function latestSections({ tasks, files }: Latest, apps: OverviewContent['apps'], options: ListOptions): Html {
  const ofApps = apps.shown < apps.all ? ` of the ${apps.shown} apps that called last` : '';
  const aside = (count: number, noun: string, next: string | undefined, address: string, title: string) =>
    html`<span class="muted">${shownText(count, noun, { hasNext: next !== undefined })}${ofApps}, <a href="${address}">${title}</a></span>`;
  const columns = { room: true, app: apps.shown > 1 };
  const none = html`<p>None yet.</p>`;
  return html`${section({
    id: 'tasks',
    title: 'Tasks',
    aside: aside(tasks.rows.length, 'task', tasks.next, PATHS.tasks, 'all tasks'),
    body: tasks.rows.length > 0 ? taskTable('The latest tasks', tasks.rows, options, columns) : none,
  })}
${section({
  id: 'files',
  title: 'Files',
  aside: aside(files.rows.length, 'file', files.next, PATHS.files, 'all files'),
  body:
    files.rows.length > 0
      ? fileTable('The latest files', files.rows, options, { ...columns, task: true })
      : none,
})}`;
}

/** That some callbacks were not applied, where the reader looks first. */
function problemsNote(callbacks: readonly RecentCallback[]): Part {
  const { length } = problemsAmong(callbacks);
  if (length === 0) return false;
  return html`<p><a href="${PROBLEMS_ADDRESS}">${countText(length, 'callback')} of the last ${callbacks.length} ${length === 1 ? 'was' : 'were'} not applied</a></p>`;
}

/** Where only those callbacks are listed that were not applied. */
const PROBLEMS_ADDRESS = `${PATHS.overview}?callbacks=problems#callbacks`;

const LONGEST_LIST = 30;

/** The callbacks that somebody may have to do something about. */
function problemsAmong(callbacks: readonly RecentCallback[]): RecentCallback[] {
  return callbacks.filter(({ verdict }) => verdictWords(verdict).isProblem);
}

/** The last callbacks with what became of each, the latest first; with `onlyProblems` those that were not applied. */
function callbacksSection(callbacks: readonly RecentCallback[], onlyProblems: boolean, clock: Clock): Html {
  const problems = problemsAmong(callbacks);
  const chosen = onlyProblems ? problems : callbacks;
  const rows = chosen.slice(0, LONGEST_LIST);
  return section({
    id: 'callbacks',
    title: 'Last callbacks',
    aside: choices('Which callbacks', [
      {
        title: `All (${callbacks.length})`,
        address: `${PATHS.overview}#callbacks`,
        isChosen: !onlyProblems,
      },
      {
        title: `Not applied (${problems.length})`,
        address: PROBLEMS_ADDRESS,
        isChosen: onlyProblems,
      },
    ]),
    body: [
      rows.length > 0 ? callbacksTable(rows, clock) : html`<p>${emptyText(onlyProblems)}</p>`,
      rows.length < chosen.length &&
        html`<p class="muted">The latest ${rows.length} of ${chosen.length} that are remembered.</p>`,
    ],
  });
}

function emptyText(onlyProblems: boolean): string {
  return onlyProblems
    ? 'Every callback that is remembered was applied.'
    : 'None has come yet. Send one: npm run send -- rongcloud-recording upload-failed';
}

function callbacksTable(rows: readonly RecentCallback[], clock: Clock): Html {
  return table({
    caption: 'Callbacks, the latest first',
    rows,
    keyOf: ({ at, messageId, source }) => messageId ?? `${at} ${source}`,
    columns: [
      { title: 'Received', cell: ({ at }) => when(at, clock) },
      { title: 'Verdict', cell: verdict },
      { title: 'Source', cell: ({ source }) => name(source) },
      { title: 'Type', cell: ({ source, type }) => name(type && eventText(source, type)) },
      { title: 'Task or room', cell: subject },
      { title: 'App', cell: ({ appId }) => name(appId) },
      {
        title: 'Took',
        isNumber: true,
        cell: ({ lagMs }) => (lagMs === undefined ? NONE : durationText(lagMs)),
      },
    ],
  });
}

function verdict(callback: RecentCallback): Html {
  const { verdict: value, reason, status, spilled, replayed, messageId } = callback;
  const { tone, words, isProblem } = verdictWords(value);
  const answered = isProblem && status !== undefined && status !== 200 ? ` (${status})` : '';
  const meaning = reason === undefined ? undefined : (reasonText(reason) ?? reason);
  return html`${badge(tone, `${words}${answered}`)}
${reason !== undefined && html`<p class="muted"><code>${reason}</code> ${meaning !== reason && meaning}</p>`}
${spilled === true && html`<p class="muted">spilled, because the queue was out</p>`}
${replayed === true && html`<p class="muted">after a replay</p>`}
${value === 'quarantined' && messageId !== undefined && html`<p class="muted">message <code>${messageId}</code></p>`}`;
}

function subject(callback: RecentCallback): Html {
  const { owner, taskId, roomId } = idsOfCallback(callback);
  if (owner !== undefined && taskId !== undefined) return taskLink(owner, taskId);
  if (owner !== undefined && roomId !== undefined) return html`room ${roomLink(owner, roomId)}`;
  return name(callback.taskId ?? callback.roomId);
}
