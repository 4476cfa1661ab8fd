import type { File, Source } from '../ledger/answers.ts';
import { type PageOwner, roomAddress, taskAddress, webAddress } from './address.ts';
import { type Html, html, type Part } from './html.ts';
import {
  absoluteText,
  type Clock,
  minuteText,
  relativeText,
  shortened,
  sourceText,
  type Tone,
  timeLeftText,
  wordsOf,
} from './text.ts';

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

/** A time to the minute with the distance to now behind it, and to the second where one points at it. */
export function when(iso: string | undefined, { now, timeZone }: Clock): Html {
  const time = timeOf(iso);
  if (time === undefined) return iso === undefined ? NONE : name(iso);
  return html`<time datetime="${iso}" title="${absoluteText(time, timeZone)}">${minuteText(time, timeZone)}</time> <span class="muted distance">${relativeText(time, now)}</span>`;
}

/** A time to the second with its zone, and the distance to now behind it. */
export function absoluteTime(iso: string | undefined, { now, timeZone }: Clock): Html {
  const time = timeOf(iso);
  if (time === undefined) return iso === undefined ? NONE : name(iso);
  return html`<time datetime="${iso}">${absoluteText(time, timeZone)}</time> <span class="muted distance">${relativeText(time, now)}</span>`;
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

/** A file's name, as a link where its URL is one of the web. The other site does not learn where it was. */
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

/** Who said what, and when; nothing where callbacks alone did. */
export function sourceList(sources: readonly Source[] | undefined, clock: Clock): Html | undefined {
  if (sources === undefined) return undefined;
  const items = sources.map((source) => html`<div>${sourceText(source)}, ${when(source.at, clock)}</div>`);
  return html`${items}`;
}

/** A list of facts, each with its name; those without a value are left out. */
export function facts(list: readonly (readonly [title: string, value: Part])[]): Html {
  const known = list.filter(([, value]) => value !== undefined);
  return html`<dl class="facts">
${known.map(
  ([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>
`,
)}</dl>`;
}

/** A part of the page with its heading. */
export interface SectionOptions {
  /** Where a link can jump to. */
  id: string;
  title: string;
  /** What stands beside the heading. */
  aside?: Part;
  body: Part;
}

/** A part of the page that assistive technology lists by its heading. */
export function section({ id, title, aside, body }: SectionOptions): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<div class="heading"><h2 id="${id}-title">${title}</h2>${aside}</div>
${body}
</section>`;
}

/** A column of a table. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => Part;
  /** Numbers are aligned to the right. */
  isNumber?: boolean;
}

/** A table of rows, the first column being what each row is about. */
export interface TableOptions<Row> {
  /** Said to those who do not see what is above the table. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Identifies the row, so that an update of the page finds it again. */
  keyOf: (row: Row) => string;
}

/**
 * A table that is a list of cards on a narrow screen. The roles are those that the elements have anyway: a browser
 * forgets them when the style sheet makes a row a block.
 */
export function table<Row>({ caption, columns, rows, keyOf }: TableOptions<Row>): Html {
  const [first, ...others] = columns;
  const heads = columns.map(
    ({ title, isNumber }) =>
      html`<th role="columnheader" scope="col"${isNumber === true && html` class="number"`}>${title}</th>`,
  );
  const cells = (row: Row) =>
    others.map(
      ({ title, cell, isNumber }) =>
        html`<td role="cell" data-title="${title}"${isNumber === true && html` class="number"`}><div>${cell(row)}</div></td>`,
    );
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (row) =>
    html`<tr role="row" data-key="${keyOf(row)}"><th role="rowheader" scope="row">${first?.cell(row)}</th>${cells(row)}</tr>
`,
)}</tbody>
</table>`;
}

/** Under this much time left, one should drop everything else. */
const SOON_MS = 4 * 60 * 60_000;

/** What is left of the time until the vendor deletes a file, and when; nothing for a file that it does not delete. */
export function timeLeft(
  { status, purgeAt }: Pick<File, 'status' | 'purgeAt'>,
  { now, timeZone }: Clock,
): Html {
  if (purgeAt === undefined)
    return status === 'upload_failed' ? html`<span class="muted">not stated</span>` : NONE;
  const end = Date.parse(purgeAt);
  if (Number.isNaN(end)) return NONE;
  const tone = end - now <= SOON_MS ? 'bad' : 'warn';
  const left = html`<time datetime="${purgeAt}" title="${absoluteText(end, timeZone)}">${timeLeftText(end, now)}</time>`;
  return html`${badge(tone, left)} <span class="muted distance">${minuteText(end, timeZone)}</span>`;
}

/** One of a few views of the same, such as two lists; the chosen one is marked. */
export interface ChoiceLink {
  title: string;
  address: string;
  isChosen: boolean;
}

/** Links between which one chooses, as text for those who see and those who hear. */
export function choices(label: string, list: readonly ChoiceLink[]): Html {
  return html`<nav class="choice" aria-label="${label}">
${list.map(
  ({
    title,
    address,
    isChosen,
  }) => html`<a href="${address}"${isChosen && html` aria-current="true"`}>${title}</a>
`,
)}</nav>`;
}

/** A link to the next page of a list; nothing on the last one. */
export function nextPage(address: string | undefined): Html | undefined {
  return address === undefined ? undefined : html`<p><a rel="next" href="${address}">Next page</a></p>`;
}
