import { createHash } from 'node:crypto';
import type { Query } from '../query/parameters.ts';
import { offsetAt } from '../query/time-zone.ts';
import { PATHS, pageAddress } from './address.ts';
import { findForm } from './find.ts';
import { type Html, html, type Part } from './html.ts';
import SCRIPT from './script.js' with { type: 'text' };
import STYLES from './styles.css' with { type: 'text' };
import { absoluteText, type Clock } from './text.ts';

/** Without the script the whole page is reloaded, which is not to interrupt a reader too often. */
const SHORTEST_RELOAD_SECONDS = 30;

/** What is around the content of every page. */
export interface Layout {
  title: string;
  /** Which deployment is shown, such as `prod`. */
  stage: string;
  content: Part;
  /** Absent for those who have not signed in. */
  navigation?: Navigation | undefined;
  /** Stands at the end of the header. */
  account?: Part;
  /** How an open page follows what changes; it does not where this is absent. */
  refresh?: Refresh | undefined;
  clock: Clock;
}

/** The way to the other pages. */
export interface Navigation {
  /** The path of the page. */
  path: string;
  /** What links to lists keep: app and time zone. */
  kept: Query;
  /** The id that was last asked for. */
  id: string | undefined;
}

/** How an open page follows what changes. */
export interface Refresh {
  /** After how many seconds it asks. */
  seconds: number;
  /** The version of what is shown, which it asks with. */
  version: string;
}

const PAGES: readonly [path: string, title: string][] = [
  [PATHS.overview, 'Overview'],
  [PATHS.attention, 'Attention'],
  [PATHS.tasks, 'Tasks'],
  [PATHS.files, 'Files'],
  [PATHS.usage, 'Usage'],
];

function navigationOf({ path, kept, id }: Navigation): Html {
  const isList = (address: string) => [PATHS.tasks, PATHS.files, PATHS.usage].includes(address as never);
  const links = PAGES.map(
    ([address, title]) =>
      html`<a href="${isList(address) ? pageAddress(address, kept) : address}"${address === path && html` aria-current="page"`}>${title}</a>
`,
  );
  return html`<nav class="pages" aria-label="Pages">
${links}</nav>
${findForm(id)}`;
}

/** A whole HTML document. */
export function document({ title, stage, content, navigation, account, refresh, clock }: Layout): string {
  const { now, timeZone } = clock;
  const time = new Date(now).toISOString();
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${assetAddress(PATHS.icon)}">
<link rel="stylesheet" href="${assetAddress(PATHS.styles)}">
<script src="${assetAddress(PATHS.script)}" defer></script>
${refresh !== undefined && html`<noscript><meta http-equiv="refresh" content="${Math.max(refresh.seconds, SHORTEST_RELOAD_SECONDS)}"></noscript>`}
</head>
<body${refresh !== undefined && html` data-refresh-seconds="${refresh.seconds}" data-version="${refresh.version}"`}>
<a class="skip" href="#content">Skip to the content</a>
<header>
<p class="brand"><a href="${PATHS.overview}">rtc-callbacks</a> <span class="stage">${stage}</span></p>
${navigation !== undefined && navigationOf(navigation)}
<p class="updates"><span id="updated">As of <time datetime="${time}" data-offset-ms="${offsetAt(now, timeZone)}">${absoluteText(now, timeZone).slice(11)}</time></span>
<button id="pause" class="quiet" type="button" hidden>Pause updates</button></p>
${account}
</header>
<p id="trouble" role="alert" hidden></p>
<main id="content" tabindex="-1">
${content}
</main>
</body>
</html>
`;
  return page.toString();
}

/** A file that pages refer to. */
export interface Asset {
  contentType: string;
  text: string;
  /** Changes with the text. */
  version: string;
}

/** A mark that stands out in a row of tabs. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#1d5fb4"/><circle cx="8" cy="8" r="4" fill="#fff"/></svg>`;

const ASSETS: ReadonlyMap<string, Asset> = new Map([
  [PATHS.styles, assetOf('text/css; charset=utf-8', STYLES)],
  [PATHS.script, assetOf('text/javascript; charset=utf-8', SCRIPT)],
  [PATHS.icon, assetOf('image/svg+xml', ICON)],
]);

/** The file at a path; `undefined` for every other path. */
export function assetAt(path: string): Asset | undefined {
  return ASSETS.get(path);
}

/** The address of a file, which is another one when its text is. */
function assetAddress(path: string): string {
  return `${path}?${ASSETS.get(path)?.version ?? ''}`;
}

function assetOf(contentType: string, text: string): Asset {
  const version = createHash('sha256').update(text).digest('base64url').slice(0, 12);
  return { contentType, text, version };
}
