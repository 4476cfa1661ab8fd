import { reasonText } from '../callback/reasons.ts';
import { PATHS } from './address.ts';
import { badge, NONE, name, relativeTime, roomLink, taskLink } from './elements.ts';
import { type Html, html } from './html.ts';
import { idsOfCallback, type RecentCallback } from './recent-callback.ts';
import { section } from './section.ts';
import { table } from './table.ts';
import { durationText } from './text.ts';
import { verdictWords } from './verdict.ts';

/** Where only those callbacks are listed that were not applied. */
export const PROBLEMS_ADDRESS = `${PATHS.overview}?callbacks=problems#callbacks`;

const LONGEST_LIST = 30;

/** The callbacks that somebody may have to do something about. */
export function problemsAmong(callbacks: readonly RecentCallback[]): RecentCallback[] {
  return callbacks.filter(({ verdict }) => verdictWords(verdict).isProblem);
}

/** The last callbacks with what became of each, the latest first; with `onlyProblems` those that were not applied. */
export function callbacksSection(
  callbacks: readonly RecentCallback[],
  onlyProblems: boolean,
  now: number,
): Html {
  const problems = problemsAmong(callbacks);
  const chosen = onlyProblems ? problems : callbacks;
  const rows = chosen.slice(0, LONGEST_LIST);
  return section({
    id: 'callbacks',
    title: 'Last callbacks',
    aside: html`<nav class="choice" aria-label="Which callbacks">
${choice('All', callbacks.length, `${PATHS.overview}#callbacks`, !onlyProblems)}
${choice('Not applied', problems.length, PROBLEMS_ADDRESS, onlyProblems)}
</nav>`,
    body: [
      rows.length > 0 ? callbacksTable(rows, now) : html`<p>${emptyText(onlyProblems)}</p>`,
      rows.length < chosen.length &&
        html`<p class="muted">The latest ${rows.length} of ${chosen.length} that are remembered.</p>`,
    ],
  });
}

function choice(title: string, count: number, address: string, isChosen: boolean): Html {
  return html`<a href="${address}"${isChosen && html` aria-current="true"`}>${title} (${count})</a>`;
}

function emptyText(onlyProblems: boolean): string {
  return onlyProblems
    ? 'Every callback that is remembered was applied.'
    : 'None has come yet. Send one: npm run send -- rongcloud-recording upload-failed';
}

function callbacksTable(rows: readonly RecentCallback[], now: number): Html {
  return table({
    caption: 'Callbacks, the latest first',
    rows,
    keyOf: ({ at, messageId, source }) => messageId ?? `${at} ${source}`,
    columns: [
      { title: 'Received', cell: ({ at }) => relativeTime(at, now) },
      { title: 'Verdict', cell: verdict },
      { title: 'Source', cell: ({ source }) => name(source) },
      { title: 'Type', cell: ({ type }) => name(type) },
      { title: 'Task or room', cell: subject },
      { title: 'App', cell: ({ appId }) => name(appId) },
      {
        title: 'Took',
        isNumber: true,
        cell: ({ lagMs }) => (lagMs === undefined ? NONE : durationText(lagMs)),
      },
    ],
  });
}

function verdict(callback: RecentCallback): Html {
  const { verdict: value, reason, status, spilled, replayed, messageId } = callback;
  const { tone, words, isProblem } = verdictWords(value);
  const answered = isProblem && status !== undefined && status !== 200 ? ` (${status})` : '';
  const meaning = reason === undefined ? undefined : (reasonText(reason) ?? reason);
  return html`${badge(tone, `${words}${answered}`)}
${reason !== undefined && html`<p class="muted"><code>${reason}</code> ${meaning !== reason && meaning}</p>`}
${spilled === true && html`<p class="muted">spilled, because the queue was out</p>`}
${replayed === true && html`<p class="muted">after a replay</p>`}
${status === undefined && replayed !== true && html`<p class="muted">out of the queue, such as a replay</p>`}
${value === 'quarantined' && messageId !== undefined && html`<p class="muted">message <code>${messageId}</code></p>`}`;
}

function subject(callback: RecentCallback): Html {
  const { owner, taskId, roomId } = idsOfCallback(callback);
  if (owner !== undefined && taskId !== undefined) return taskLink(owner, taskId);
  if (owner !== undefined && roomId !== undefined) return html`room ${roomLink(owner, roomId)}`;
  return name(callback.taskId ?? callback.roomId);
}
