import { reasonText } from '../callback/reasons.ts';
import type { AttentionAnswer, File } from '../ledger/answers.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';
import { PATHS } from './address.ts';
import { attentionSection } from './attention.ts';
import { badge, NONE, name, relativeTime, roomLink, section, table, taskLink } from './elements.ts';
import { type Html, html } from './html.ts';
import { type FileListOptions, recentFiles, recentRooms, recentTasks, type TaskWithFiles } from './lists.ts';
import { idsOfCallback, type Recent, type RecentCallback } from './recent.ts';
import { durationText, verdictWords } from './text.ts';

/** How many files are listed; the others are on the pages of their tasks. */
const LONGEST_FILE_LIST = 20;

/** What the overview shows. */
export interface OverviewContent {
  attention: AttentionAnswer;
  /** Where the list of what needs attention goes on. */
  nextAddress: string | undefined;
  /** Absent where no list of the last callbacks is kept. */
  recent: Recent | undefined;
  onlyProblems: boolean;
}

/** The first page: what needs attention, a search, and where it is known what has happened lately. */
export function overview(content: OverviewContent, options: FileListOptions): Html {
  const { attention, nextAddress, recent, onlyProblems } = content;
  return html`<h1>Recordings and screenshots</h1>
${recent !== undefined && contents(recent)}
${attentionSection(attention, nextAddress, options.now)}
${section({ id: 'find', title: 'Find', body: searchForm() })}
${
  recent === undefined
    ? html`<p class="note">Tasks, rooms and callbacks are not listed here, because no index keeps which were the last: find
one by its id. What became of each callback is in the log lines of the functions.</p>`
    : recentSections(recent, onlyProblems, options)
}`;
}

/** Where the parts of a long page are, with how much there is of each. */
function contents({ callbacks, tasks, rooms }: Recent): Html {
  const problems = problemsAmong(callbacks).length;
  const links: [id: string, title: string, count: number][] = [
    ['tasks', 'Tasks', tasks.length],
    ['files', 'Files', tasks.reduce((sum, { files }) => sum + files.length, 0)],
    ['rooms', 'Rooms', rooms.length],
    ['callbacks', 'Callbacks', callbacks.length],
  ];
  return html`<nav class="contents" aria-label="On this page">
${links.map(
  ([id, title, count]) => html`<a href="#${id}">${title} ${count}</a>
`,
)}${problems > 0 && html`<a href="${PROBLEMS_ADDRESS}">Not applied ${problems}</a>`}
</nav>`;
}

function recentSections(
  { callbacks, tasks, rooms }: Recent,
  onlyProblems: boolean,
  options: FileListOptions,
): Html {
  const files = latestFiles(tasks);
  const none = html`<p>None lately. An older one is found by its id.</p>`;
  return html`${section({
    id: 'tasks',
    title: 'Tasks',
    body: tasks.length > 0 ? recentTasks(tasks, options.now) : none,
  })}
${section({ id: 'files', title: 'Files', body: files.length > 0 ? recentFiles(files, options) : none })}
${section({ id: 'rooms', title: 'Rooms', body: rooms.length > 0 ? recentRooms(rooms, options.now) : none })}
${callbacksSection(callbacks, onlyProblems, options.now)}`;
}

function latestFiles(tasks: readonly TaskWithFiles[]): File[] {
  return tasks
    .flatMap(({ files }) => files)
    .sort((a, b) => (a.lastEventAt < b.lastEventAt ? 1 : a.lastEventAt > b.lastEventAt ? -1 : 0))
    .slice(0, LONGEST_FILE_LIST);
}

/** What the form was last asked for. */
export interface Searched {
  vendor?: string | undefined;
  appId?: string | undefined;
  id?: string | undefined;
}

/** A form that leads to the page of a task or a room. */
export function searchForm({ vendor, appId, id }: Searched = {}): Html {
  const options = VENDOR_NAMES.map(
    (name) => html`<option${name === vendor && html` selected`}>${name}</option>`,
  );
  return html`<form class="search" role="search" action="${PATHS.task}" method="get" aria-label="Find a task or a room">
<label>Vendor <select name="vendor">${options}</select></label>
<label>App id <input name="appId" value="${appId ?? ''}" required autocomplete="off" spellcheck="false"></label>
<label>Task or room id <input name="id" value="${id ?? ''}" required autocomplete="off" spellcheck="false"></label>
<span class="buttons"><button>Open task</button> <button formaction="${PATHS.room}">Open room</button></span>
</form>`;
}

/** Where only those callbacks are listed that were not applied. */
const PROBLEMS_ADDRESS = `${PATHS.overview}?callbacks=problems#callbacks`;

const LONGEST_LIST = 30;

/** The callbacks that somebody may have to do something about. */
function problemsAmong(callbacks: readonly RecentCallback[]): RecentCallback[] {
  return callbacks.filter(({ verdict }) => verdictWords(verdict).isProblem);
}

/** The last callbacks with what became of each, the latest first; with `onlyProblems` those that were not applied. */
function callbacksSection(callbacks: readonly RecentCallback[], onlyProblems: boolean, now: number): Html {
  const problems = problemsAmong(callbacks);
  const chosen = onlyProblems ? problems : callbacks;
  const rows = chosen.slice(0, LONGEST_LIST);
  return section({
    id: 'callbacks',
    title: 'Last callbacks',
    aside: html`<nav class="choice" aria-label="Which callbacks">
${choice('All', callbacks.length, `${PATHS.overview}#callbacks`, !onlyProblems)}
${choice('Not applied', problems.length, PROBLEMS_ADDRESS, onlyProblems)}
</nav>`,
    body: [
      rows.length > 0 ? callbacksTable(rows, now) : html`<p>${emptyText(onlyProblems)}</p>`,
      rows.length < chosen.length &&
        html`<p class="muted">The latest ${rows.length} of ${chosen.length} that are remembered.</p>`,
    ],
  });
}

function choice(title: string, count: number, address: string, isChosen: boolean): Html {
  return html`<a href="${address}"${isChosen && html` aria-current="true"`}>${title} (${count})</a>`;
}

function emptyText(onlyProblems: boolean): string {
  return onlyProblems
    ? 'Every callback that is remembered was applied.'
    : 'None has come yet. Send one: npm run send -- rongcloud-recording upload-failed';
}

function callbacksTable(rows: readonly RecentCallback[], now: number): Html {
  return table({
    caption: 'Callbacks, the latest first',
    rows,
    keyOf: ({ at, messageId, source }) => messageId ?? `${at} ${source}`,
    columns: [
      { title: 'Received', cell: ({ at }) => relativeTime(at, now) },
      { title: 'Verdict', cell: verdict },
      { title: 'Source', cell: ({ source }) => name(source) },
      { title: 'Type', cell: ({ type }) => name(type) },
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
