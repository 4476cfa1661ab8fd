import { type PageOwner, roomAddress, taskAddress, webAddress } from './address.ts';
import { type Html, html, type Part } from './html.ts';
import { absoluteText, relativeText, shortened, wordsOf } from './text.ts';

/** How urgent a state is. Each tone has a colour and a shape of its own, and is never told without words. */
export type Tone = 'good' | 'busy' | 'plain' | 'warn' | 'bad';

/** A state in words, with a shape before it. */
export function badge(tone: Tone, label: Part): Html {
  return html`<span class="badge ${tone}">${label}</span>`;
}

const TONES: Readonly<Record<string, Tone>> = {
  started: 'busy',
  ended: 'good',
  failed: 'bad',
  recording: 'busy',
  closed: 'plain',
  uploaded: 'good',
  upload_failed: 'bad',
  lost: 'bad',
  open: 'busy',
};

/** The status of a task, a file or a room. */
export function statusBadge(status: string): Html {
  return badge(TONES[status] ?? 'plain', wordsOf(status));
}

/** Longer than this, a name may be broken anywhere. */
const UNBROKEN_CHARACTERS = 24;

/** White space and characters that are not shown; somebody who only hears the page hears nothing of them. */
const INVISIBLE = /^[\s\p{C}\p{Z}]+$/u;

/** An id or a name from a callback, isolated so that it cannot change the direction of what is around it. */
export function name(text: string | undefined): Html {
  if (text === undefined) return NONE;
  if (text === '') return html`<span class="muted">no name</span>`;
  const shown = shortened(visible(text));
  const isLong = text.length > UNBROKEN_CHARACTERS;
  return html`<bdi${isLong && html` class="long"`}${shown !== text && html` title="${text}"`}>${shown}</bdi>`;
}

/** The whole of an id, however long, for the heading of its page. */
export function wholeName(text: string): Html {
  return html`<bdi class="long">${visible(text)}</bdi>`;
}

function visible(text: string): string {
  return INVISIBLE.test(text) ? `blank: ${JSON.stringify(text)}` : text;
}

/** What stands where there is nothing to say. */
export const NONE = html`<span class="none">–</span>`;

/** A time as a distance to now, with the time itself where one points at it. `now` is Unix time in ms. */
export function relativeTime(iso: string | undefined, now: number): Html {
  const time = timeOf(iso);
  if (time === undefined) return iso === undefined ? NONE : name(iso);
  return html`<time datetime="${iso}" title="${absoluteText(time)}">${relativeText(time, now)}</time>`;
}

/** A time as it is, with the distance to now behind it. */
export function absoluteTime(iso: string | undefined, now: number): Html {
  const time = timeOf(iso);
  if (time === undefined) return iso === undefined ? NONE : name(iso);
  return html`<time datetime="${iso}">${absoluteText(time)}</time> <span class="muted distance">${relativeText(time, now)}</span>`;
}

function timeOf(iso: string | undefined): number | undefined {
  const time = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}

/** A link to a task's page. */
export function taskLink(owner: PageOwner, taskId: string): Html {
  return html`<a href="${taskAddress(owner, taskId)}">${name(taskId)}</a>`;
}

/** A link to a room's page; nothing where there is no room. */
export function roomLink(owner: PageOwner, roomId: string | undefined): Html {
  if (roomId === undefined) return NONE;
  return html`<a href="${roomAddress(owner, roomId)}">${name(roomId)}</a>`;
}

/** The vendor and the app that something belongs to. */
export function ownerText({ vendor, appId }: PageOwner): Html {
  return html`${vendor} <span class="muted">${name(appId)}</span>`;
}

/** A file's name, as a link where its URL is one of the web. It never tells the other site where it was. */
export function fileLink(file: { name: string; url?: string | undefined }): Html {
  const address = webAddress(file.url);
  if (address === undefined) return name(file.name);
  return html`<a href="${address}" rel="noreferrer">${name(file.name)}</a>`;
}

/** What the vendor said: its text and its code. */
export function outcomeText(code: number | string | undefined, message: string | undefined): Html {
  if (code === undefined && message === undefined) return NONE;
  const text = message ?? 'code';
  return html`${name(text)}${code === undefined ? '' : html` <span class="muted">(${code})</span>`}`;
}
