import type { File, RoomAnswer, StoredCallback, Task, TaskAnswer } from '../ledger/answers.ts';
import {
  absoluteTime,
  facts,
  name,
  nextPage,
  outcomeText,
  ownerText,
  roomLink,
  section,
  sourceList,
  statusBadge,
  wholeName,
} from './elements.ts';
import { type Html, html } from './html.ts';
import { fileTable, type ListOptions, type TaskWithFiles, taskTable } from './lists.ts';
import { type Clock, countText, durationText, eventText, sizeText } from './text.ts';

/** A task's own page: what is known of it, its files, and the callbacks that said so. */
export function taskView(answer: TaskAnswer, nextAddress: string | undefined, options: ListOptions): Html {
  const { task, files, events = [] } = answer;
  return html`<h1><span class="what">Task</span> ${wholeName(task.taskId)}</h1>
${taskFacts(task, options.clock)}
${section({
  id: 'files',
  title: 'Files',
  aside: html`<span class="muted">${countText(files.length, 'file')}${nextAddress !== undefined && ' on this page'}</span>`,
  body:
    files.length > 0 ? fileTable('Files of the task', files, options) : html`<p>No file is known yet.</p>`,
})}
${timelineSection(events, options.clock)}
${nextPage(nextAddress)}`;
}

function taskFacts(task: Task, clock: Clock): Html {
  const { startedAt, endedAt, code, message } = task;
  const ranMs =
    startedAt === undefined || endedAt === undefined
      ? Number.NaN
      : Date.parse(endedAt) - Date.parse(startedAt);
  const outcome = code === undefined && message === undefined ? undefined : outcomeText(code, message);
  return facts([
    ['Status', statusBadge(task.status)],
    ['Kind', task.kind],
    ['App', ownerText(task)],
    ['Room', task.roomId === undefined ? undefined : roomLink(task, task.roomId)],
    ['Session', known(task.sessionId)],
    ['User', known(task.userId)],
    ['Label', known(task.label)],
    ['Started', startedAt === undefined ? undefined : absoluteTime(startedAt, clock)],
    ['Ended', endedAt === undefined ? undefined : absoluteTime(endedAt, clock)],
    ['Ran for', ranMs >= 0 ? durationText(ranMs) : undefined],
    ['Said', outcome],
    ['Known from', sourceList(task.sources, clock)],
    ['Mode', task.mode],
    ['Risk', known(task.riskLevel)],
    ['Extra', known(task.extra)],
    ['Configuration', task.config === undefined ? undefined : configuration(task.config)],
  ]);
}

function known(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : name(text);
}

function configuration(config: object): Html {
  return html`<details id="configuration"><summary>Show</summary><pre tabindex="0">
${JSON.stringify(config, null, 2)}</pre></details>`;
}

/** A room's own page: what is known of it, the files of all its tasks, its tasks, and its events. */
export function roomView(answer: RoomAnswer, nextAddress: string | undefined, options: ListOptions): Html {
  const { room, tasks, files = [], events = [] } = answer;
  const { clock } = options;
  const time = (iso: string | undefined) => (iso === undefined ? undefined : absoluteTime(iso, clock));
  const onThisPage = nextAddress !== undefined && ' on this page';
  // A page may end within the files of its last task.
  const last = nextAddress === undefined ? undefined : tasks.at(-1);
  return html`<h1><span class="what">Room</span> ${wholeName(room.roomId)}</h1>
${facts([
  ['Status', statusBadge(room.status)],
  ['App', ownerText(room)],
  ['Session', room.sessionId === undefined ? undefined : name(room.sessionId)],
  ['Opened', time(room.openedAt)],
  ['Closed', time(room.closedAt)],
  ['Last event', time(room.lastEventAt)],
])}
${section({
  id: 'files',
  title: 'Files',
  aside: html`<span class="muted">${countText(files.length, 'file')}${onThisPage}</span>`,
  body:
    files.length > 0
      ? fileTable('Files of the room', files, options, { task: true })
      : html`<p>No file is known in this room.</p>`,
})}
${section({
  id: 'tasks',
  title: 'Tasks',
  aside: html`<span class="muted">${countText(tasks.length, 'task')}${onThisPage}, the latest first</span>`,
  body:
    tasks.length > 0
      ? taskTable(
          'Tasks of the room',
          tasks.map((task) => withFiles(task, files, task === last)),
          options,
          { room: false },
        )
      : html`<p>No task is known in this room.</p>`,
})}
${timelineSection(events, clock)}
${nextPage(nextAddress)}`;
}

function withFiles(task: Task, files: readonly File[], hasMore: boolean): TaskWithFiles {
  return { task, files: files.filter(({ taskId }) => taskId === task.taskId), hasMore };
}

/** A body is shown up to this many characters; a list of a thousand pictures would make a page of megabytes. */
const LONGEST_BODY = 5_000;

/** Later than this, an event was received late, in ms. */
const LATE_MS = 60_000;

/** The raw callbacks of a task or a room in the order they happened. */
function timelineSection(events: readonly StoredCallback[], clock: Clock): Html {
  const items = events.map((event) => timelineItem(event, clock));
  return section({
    id: 'timeline',
    title: 'Timeline',
    body:
      items.length > 0
        ? html`<ol class="timeline">${items}</ol>`
        : html`<p>No event of it is kept. There was none, it has left the history after its retention, or there is no history.</p>`,
  });
}

function timelineItem(event: StoredCallback, clock: Clock): Html {
  const { eventId, source, type, at, receivedAt } = event;
  return html`<li data-key="${eventId}">
<p><strong>${name(eventText(source, type))}</strong> <span class="muted">${source}</span></p>
<p>${absoluteTime(at ?? receivedAt, clock)}${reception(at, receivedAt)}</p>
<details id="body-${eventId}"><summary>Body, ${sizeText(event.bodyBytes)}</summary>${body(event)}</details>
</li>
`;
}

function reception(at: string | undefined, receivedAt: string): Html {
  if (at === undefined) return html` <span class="muted">· received; the vendor gives no time</span>`;
  const lateMs = Date.parse(receivedAt) - Date.parse(at);
  return lateMs > LATE_MS
    ? html` <span class="muted">· received ${durationText(lateMs)} later</span>`
    : html``;
}

function body({ body: value }: StoredCallback): Html {
  if (value === undefined) return html`<p class="muted">It is too large to be kept or shown.</p>`;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const isCut = text.length > LONGEST_BODY;
  // A line break after the tag is not shown, one that begins the text is.
  return html`<pre tabindex="0">
${text.slice(0, LONGEST_BODY)}</pre>${isCut && html`<p class="muted">Shown in part; the read API has all of it.</p>`}`;
}
