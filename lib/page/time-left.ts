import { badge, NONE } from './elements.ts';
import { type Html, html } from './html.ts';
import { absoluteText, durationText } from './text.ts';

/** Under this much time left, one should drop everything else. */
const SOON_MS = 4 * 60 * 60_000;

/** What is left of the time until the vendor deletes a file. */
export function timeLeft(purgeAt: string | undefined, now: number): Html {
  if (purgeAt === undefined) return html`<span class="muted">not stated</span>`;
  const end = Date.parse(purgeAt);
  if (Number.isNaN(end)) return NONE;
  const left = end - now;
  const tone = left <= SOON_MS ? 'bad' : 'warn';
  const words = left <= 0 ? `over for ${durationText(left)}` : durationText(left);
  return badge(tone, html`<time datetime="${purgeAt}" title="${absoluteText(end)}">${words}</time>`);
}
