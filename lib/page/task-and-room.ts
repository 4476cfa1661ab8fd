import type { RoomAnswer, StoredCallback, Task, TaskAnswer } from '../ledger/answers.ts';
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
import { type FileListOptions, roomTasks, taskFiles } from './lists.ts';
import { countText, durationText, sizeText } from './text.ts';

/** A task's own page: what is known of it, its files, and the callbacks that told so. */
export function taskView(
  answer: TaskAnswer,
  nextAddress: string | undefined,
  options: FileListOptions,
): Html {
  const { task, files, events = [] } = answer;
  return html`<h1><span class="what">Task</span> ${wholeName(task.taskId)}</h1>
${taskFacts(task, options.now)}
${section({
  id: 'files',
  title: 'Files',
  aside: html`<span class="muted">${countText(files.length, 'file')}${nextAddress !== undefined && ' on this page'}</span>`,
  body: files.length > 0 ? taskFiles(files, options) : html`<p>No file is known yet.</p>`,
})}
${timelineSection(events, options.now)}
${nextPage(nextAddress)}`;
}

function taskFacts(task: Task, now: number): Html {
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
    ['Started', startedAt === undefined ? undefined : absoluteTime(startedAt, now)],
    ['Ended', endedAt === undefined ? undefined : absoluteTime(endedAt, now)],
    ['Ran for', ranMs >= 0 ? durationText(ranMs) : undefined],
    ['Said', outcome],
    ['Known from', sourceList(task.sources, now)],
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

/** A room's own page: what is known of it, its tasks, and its events. `now` is Unix time in ms. */
export function roomView(answer: RoomAnswer, nextAddress: string | undefined, now: number): Html {
  const { room, tasks, events = [] } = answer;
  const time = (iso: string | undefined) => (iso === undefined ? undefined : absoluteTime(iso, now));
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
  id: 'tasks',
  title: 'Tasks',
  body: tasks.length > 0 ? roomTasks(tasks, now) : html`<p>No task is known in this room.</p>`,
})}
${timelineSection(events, now)}
${nextPage(nextAddress)}`;
}

/** A body is shown up to this many characters; a list of a thousand pictures would make a page of megabytes. */
const LONGEST_BODY = 5_000;

/** Later than this, an event was received late, in ms. */
const LATE_MS = 60_000;

/** The raw callbacks of a task or a room in the order they happened. `now` is Unix time in ms. */
function timelineSection(events: readonly StoredCallback[], now: number): Html {
  const items = events.map((event) => timelineItem(event, now));
  return section({
    id: 'timeline',
    title: 'Timeline',
    body:
      items.length > 0
        ? html`<ol class="timeline">${items}</ol>`
        : html`<p>No event of it is kept. There was none, it has left the history after its retention, or there is no history.</p>`,
  });
}

function timelineItem(event: StoredCallback, now: number): Html {
  const { eventId, source, type, at, receivedAt } = event;
  return html`<li data-key="${eventId}">
<p><strong>${name(type)}</strong> <span class="muted">${source}</span></p>
<p>${absoluteTime(at ?? receivedAt, now)}${reception(at, receivedAt)}</p>
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
