import type { HistoryEvent } from '../ledger/answers.ts';
import { absoluteTime, name } from './elements.ts';
import { type Html, html } from './html.ts';
import { section } from './section.ts';
import { durationText, sizeText } from './text.ts';

/** A body is shown up to this many characters; a list of a thousand pictures would make a page of megabytes. */
const LONGEST_BODY = 5_000;

/** Later than this, an event was received late, in ms. */
const LATE_MS = 60_000;

/** The raw callbacks of a task or a room in the order they happened. `now` is Unix time in ms. */
export function timelineSection(events: readonly HistoryEvent[], now: number): Html {
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

function timelineItem(event: HistoryEvent, now: number): Html {
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

function body({ body: value }: HistoryEvent): Html {
  if (value === undefined) return html`<p class="muted">It was too large to be kept.</p>`;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const isCut = text.length > LONGEST_BODY;
  // A line break after the tag is not shown, one that begins the text is.
  return html`<pre tabindex="0">
${text.slice(0, LONGEST_BODY)}</pre>${isCut && html`<p class="muted">Shown in part; the read API has all of it.</p>`}`;
}
