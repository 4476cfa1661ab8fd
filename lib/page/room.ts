import type { RoomAnswer } from '../ledger/read-room.ts';
import { absoluteTime, name, ownerText, statusBadge, wholeName } from './elements.ts';
import { facts } from './facts.ts';
import { type Html, html } from './html.ts';
import { nextPage } from './next-page.ts';
import { section } from './section.ts';
import { roomTasks } from './tasks.ts';
import { timelineSection } from './timeline.ts';

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
