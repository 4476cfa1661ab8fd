import type { AttentionAnswer } from '../attention/read-attention.ts';
import type { File } from '../ledger/answers.ts';
import type { RoomAnswer } from '../ledger/read-room.ts';
import { attentionSection } from './attention.ts';
import { type FileListOptions, recentFiles } from './files.ts';
import { type Html, html } from './html.ts';
import type { RecentCallback } from './recent-callback.ts';
import { callbacksSection, PROBLEMS_ADDRESS, problemsAmong } from './recent-callbacks.ts';
import { recentRooms } from './rooms.ts';
import { searchForm } from './search.ts';
import { section } from './section.ts';
import { recentTasks, type TaskWithFiles } from './tasks.ts';

/** How many files are listed; the others are on the pages of their tasks. */
const LONGEST_FILE_LIST = 20;

/** What has happened lately, as far as anyone keeps it. */
export interface Recent {
  callbacks: readonly RecentCallback[];
  tasks: readonly TaskWithFiles[];
  rooms: readonly RoomAnswer[];
}

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
