import { PATHS } from './address.ts';
import { assetAddress } from './assets.ts';
import { html, type Part } from './html.ts';

/** Without the script the whole page is loaded anew, which is not to interrupt a reader too often. */
const SHORTEST_RELOAD_SECONDS = 30;

/** What is around the content of every page. */
export interface Layout {
  title: string;
  /** Which deployment is shown, such as `prod`. */
  stage: string;
  content: Part;
  /** Stands at the end of the header. */
  account?: Part;
  /** After how many seconds the page asks for what has changed; never when absent. */
  refreshSeconds?: number | undefined;
  /** Unix time in ms. */
  now: number;
}

/** A whole HTML document. */
export function document({ title, stage, content, account, refreshSeconds, now }: Layout): string {
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
${refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${Math.max(refreshSeconds, SHORTEST_RELOAD_SECONDS)}"></noscript>`}
</head>
<body${refreshSeconds !== undefined && html` data-refresh-seconds="${refreshSeconds}"`}>
<a class="skip" href="#content">Skip to the content</a>
<header>
<p class="brand"><a href="${PATHS.overview}">rtc-callbacks</a> <span class="stage">${stage}</span></p>
<p class="updates"><span id="updated">As of <time datetime="${time}">${time.slice(11, 19)} UTC</time></span>
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
