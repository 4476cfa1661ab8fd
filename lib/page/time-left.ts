import type { File } from '../ledger/answers.ts';
import { badge, NONE } from './elements.ts';
import { type Html, html } from './html.ts';
import { absoluteText, timeLeftText } from './text.ts';

/** Under this much time left, one should drop everything else. */
const SOON_MS = 4 * 60 * 60_000;

/** What is left of the time until the vendor deletes a file; nothing for a file that it does not delete. */
export function timeLeft({ status, purgeAt }: Pick<File, 'status' | 'purgeAt'>, now: number): Html {
  if (purgeAt === undefined)
    return status === 'upload_failed' ? html`<span class="muted">not stated</span>` : NONE;
  const end = Date.parse(purgeAt);
  if (Number.isNaN(end)) return NONE;
  const tone = end - now <= SOON_MS ? 'bad' : 'warn';
  return badge(
    tone,
    html`<time datetime="${purgeAt}" title="${absoluteText(end)}">${timeLeftText(end, now)}</time>`,
  );
}
