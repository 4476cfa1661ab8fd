import { type Json, parseJson } from '../platform/json.ts';
import { unpackBody } from '../queue/packed-body.ts';
import type { StoredCallback } from './answers.ts';
import type { Item } from './facets.ts';
import { EVENT_PREFIX } from './keys.ts';
import type { Page } from './table.ts';

/** How many bytes of JSON the bodies of a page have at most: Lambda answers with 6 MB, and a body may unpack to 1 MiB. */
const PAGE_BYTES = 2 * 1_048_576;

/** A page of events, and the sort key that it ends with where there may be more. */
export interface EventPage {
  events: StoredCallback[];
  last?: string | undefined;
}

/**
 * The events of a page, as many as there is room for, in the order they happened as far as the vendor says. One event
 * that is larger than a page is a page without its body. Nothing is unpacked that does not fit.
 */
export function eventPage(page: Page): EventPage {
  const events: StoredCallback[] = [];
  let room = PAGE_BYTES;
  for (const [index, item] of page.items.entries()) {
    const event = Number(item.bodyBytes?.N ?? 0) > room ? undefined : eventView(item);
    const bytes = event?.body === undefined ? 0 : Buffer.byteLength(JSON.stringify(event.body));
    if (event === undefined || bytes > room) {
      if (index > 0) return { events: inOrder(events), last: page.items[index - 1]?.sk?.S };
      events.push(eventView({ ...item, body: { NULL: true } }));
    } else {
      events.push(event);
      room -= bytes;
    }
  }
  return { events: inOrder(events), last: page.last };
}

function inOrder(events: StoredCallback[]): StoredCallback[] {
  const timeOf = (event: StoredCallback): string => event.at ?? event.receivedAt;
  return events.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
}

function eventView(item: Item): StoredCallback {
  return {
    eventId: (item.sk?.S ?? '').slice(EVENT_PREFIX.length),
    source: item.source?.S ?? '',
    type: item.type?.S ?? '',
    at: item.at?.S,
    receivedAt: item.receivedAt?.S ?? '',
    taskId: item.taskId?.S,
    roomId: item.roomId?.S,
    messageId: item.messageId?.S,
    bodyBytes: Number(item.bodyBytes?.N ?? 0),
    body: bodyOf(item),
  };
}

/** The body of a stored callback: JSON, else its text; `undefined` where none was kept. */
export function bodyOf(item: Item): Json | undefined {
  if (item.body?.B === undefined) return undefined;
  const text = unpackBody(item.encoding?.S, Buffer.from(item.body.B))?.toString('utf8');
  return text === undefined ? undefined : (parseJson(text) ?? text);
}
