import { isoTime } from '../callback/time.ts';
import type { AttentionAnswer } from '../ledger/answers.ts';
import type { HideAction } from '../write/hide.ts';
import { PATHS } from './address.ts';
import { attentionSection } from './attention.ts';
import { type Html, html } from './html.ts';
import type { PageRequest } from './page-answer.ts';
import type { Clock } from './text.ts';

const HOUR_MS = 60 * 60_000;

/** For how long one may snooze, by the values of the form. */
const SNOOZES: Readonly<Record<string, { ms: number; title: string }>> = {
  '1h': { ms: HOUR_MS, title: 'for 1 hour' },
  '4h': { ms: 4 * HOUR_MS, title: 'for 4 hours' },
  '1d': { ms: 24 * HOUR_MS, title: 'for 1 day' },
  '3d': { ms: 72 * HOUR_MS, title: 'for 3 days' },
  '7d': { ms: 168 * HOUR_MS, title: 'for 7 days' },
};

/** What a reader has written into the form. */
export interface HideForm {
  id: string;
  by: string;
  why: string;
  until: string;
}

/** Reads the form that a browser has sent. */
export function hideFormOf(body: Buffer): HideForm {
  const fields = new URLSearchParams(body.toString('utf8'));
  const [id = '', by = '', why = '', until = ''] = ['id', 'by', 'why', 'until'].map(
    (field) => fields.get(field) ?? '',
  );
  return { id, by, why, until };
}

/** The request to the write API that a form means. `now` is Unix time in ms. */
export function hideRequestOf(
  { until, ...fields }: HideForm,
  now: number,
): { action: HideAction; body: Buffer } {
  const snooze = Object.hasOwn(SNOOZES, until) ? SNOOZES[until] : undefined;
  // Any other value is refused by the write API, which knows no such time.
  const end = snooze === undefined ? until : isoTime(now + snooze.ms);
  const request = { ...fields, ...(end === '' ? {} : { until: end }) };
  return { action: end === '' ? 'dismiss' : 'snooze', body: Buffer.from(JSON.stringify(request)) };
}

/**
 * Whether a form was sent by a page of this origin: a page elsewhere can make a browser send one to wherever the reader
 * is signed in, or to a loopback address. `Sec-Fetch-Site` says so, also behind a proxy that changes `Host`; a browser
 * without it sends `Origin`. Who sends neither is no browser, and has the write API.
 * https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function isFromOwnPage({ headers }: Pick<PageRequest, 'headers'>): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return origin !== undefined && host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}

/** The form that dismisses or snoozes an attention item; `problem` is why the last try did not. */
export function hideView(
  item: AttentionAnswer,
  form: HideForm,
  problem: string | undefined,
  clock: Clock,
): Html {
  const options = Object.entries(SNOOZES).map(
    ([value, { title }]) =>
      html`<option value="${value}"${value === form.until && html` selected`}>${title}</option>`,
  );
  return html`<h1>Dismiss or snooze</h1>
${attentionSection(item, { clock, nextAddress: undefined, hasHidden: true, canHide: false })}
<form class="login" action="${PATHS.hide}" method="post" aria-label="Dismiss or snooze">
<input type="hidden" name="id" value="${form.id}">
${problem !== undefined && html`<p id="problem" class="problem" role="alert">${problem}</p>`}
<label>Your name <input name="by" value="${form.by}" required maxlength="200" autocomplete="name"></label>
<label>Why it needs nobody, or can wait <input name="why" value="${form.why}" required maxlength="1000" autocomplete="off"></label>
<label>How long <select name="until"><option value="">until its reason changes (dismiss)</option>${options}</select></label>
<p class="muted">It comes back when its reason changes. Your name, the reason and the time are kept.</p>
<span class="buttons"><button>Hide it</button> <a href="${PATHS.attention}">Cancel</a></span>
</form>`;
}
