import type { File, Usage, UsageAnswer } from '../ledger/answers.ts';
import { FILE_FILTERS, TASK_FILTERS } from '../query/lists.ts';
import { KINDS, type Query } from '../query/parameters.ts';
import { PATHS, pageAddress } from './address.ts';
import { appName, type Choice, dayAfter, pageQuery, today } from './choice.ts';
import { choices, facts, NONE, name, nextPage, ownerText, table } from './elements.ts';
import { type Html, html } from './html.ts';
import { fileTable, type ListOptions, shownText, type TaskWithFiles, taskTable } from './lists.ts';
import type { Listed } from './reads.ts';
import { durationText, sizeText, wordsOf } from './text.ts';

/** The filters of the page of tasks; `files=none` is the page's own. */
export const TASK_PAGE_FILTERS = [...Object.keys(TASK_FILTERS), 'files'];
export const FILE_PAGE_FILTERS = Object.keys(FILE_FILTERS);
export const USAGE_PAGE_FILTERS = ['kind'];

/** Time zones to choose from; any other name can be written. */
const TIME_ZONES = [
  ...['UTC', 'Asia/Shanghai', 'Asia/Tokyo', 'Asia/Kolkata', 'Asia/Jakarta', 'Asia/Dubai'],
  ...['Europe/Berlin', 'Europe/London', 'America/Sao_Paulo', 'America/New_York', 'America/Los_Angeles'],
];

const MINUTE_MS = 60_000;

/** The page of tasks; `lookedAt` is how many recordings were looked at for those without a file. */
export function tasksView(
  choice: Choice,
  { rows, next, lookedAt }: Listed<TaskWithFiles> & { lookedAt?: number | undefined },
  options: ListOptions,
): Html {
  const yesterday = dayAfter(today(choice.clock), -1);
  const shortcuts: Shortcut[] = [
    ...latestDays(choice),
    { title: 'No file, yesterday', from: yesterday, through: yesterday, filters: { files: 'none' } },
  ];
  const { files, ...filters } = choice.filters;
  const what = files === 'none' ? 'Recordings without an uploaded file' : 'Tasks';
  const fields = html`${select('Status', 'status', TASK_FILTERS.status, filters.status)}
${select('Kind', 'kind', KINDS, filters.kind)}
${textField('Room id', 'roomId', filters.roomId)}
${select('Files', 'files', ['none'], files, { none: 'recordings without an uploaded file' })}`;
  return listPage(choice, PATHS.tasks, what, shortcuts, fields, [
    html`<p class="count">${countText(choice, rows, next, 'task')}${lookedAt !== undefined && ` of ${lookedAt} recordings looked at`}</p>`,
    rows.length > 0 ? taskTable(what, rows, options) : nothing(next),
    nextAddressOf(choice, PATHS.tasks, next),
  ]);
}

/** The page of files. */
export function filesView(choice: Choice, { rows, next }: Listed<File>, options: ListOptions): Html {
  const { filters } = choice;
  const fields = html`${select('Status', 'status', FILE_FILTERS.status, filters.status)}
${select('Kind', 'kind', KINDS, filters.kind)}
${textField('Room id', 'roomId', filters.roomId)}
${textField('User id', 'userId', filters.userId)}`;
  return listPage(choice, PATHS.files, 'Files', latestDays(choice), fields, [
    html`<p class="count">${countText(choice, rows, next, 'file')}</p>`,
    rows.length > 0 ? fileTable('Files', rows, options, { task: true, room: true }) : nothing(next),
    nextAddressOf(choice, PATHS.files, next),
  ]);
}

/** The page of sums by day. */
export function usageView(choice: Choice, { days, total, next }: UsageAnswer): Html {
  const date = today(choice.clock);
  const month = date.slice(0, 8);
  const endOfLastMonth = dayAfter(`${month}01`, -1);
  const shortcuts: Shortcut[] = [
    { title: 'This month', from: `${month}01`, through: date },
    { title: 'Last month', from: `${endOfLastMonth.slice(0, 8)}01`, through: endOfLastMonth },
    { title: '7 days', from: dayAfter(date, -6), through: date },
  ];
  const fields = select('Kind', 'kind', KINDS, choice.filters.kind);
  return listPage(choice, PATHS.usage, 'Usage', shortcuts, fields, [
    next !== undefined &&
      html`<p class="count">There is more than fits one page: these are the sums of the latest days.</p>`,
    facts([
      [
        'Recorded',
        `${minutesOf(total)} min${total.durationMs >= 60 * MINUTE_MS ? ` (${durationText(total.durationMs)})` : ''}`,
      ],
      ['Tasks', total.tasks],
      ['Files', total.files],
      ['Size', sizeText(total.sizeBytes)],
      ['Uploaded', total.uploaded],
      ['Upload failed', total.uploadFailed],
      ['Lost', total.lost],
    ]),
    days.length > 0 ? usageTable(days) : html`<p>Nothing was recorded on these days.</p>`,
    nextAddressOf(choice, PATHS.usage, next),
  ]);
}

function usageTable(days: readonly Usage[]): Html {
  const number = (title: string, cell: (day: Usage) => string | number) => ({ title, isNumber: true, cell });
  return table<Usage>({
    caption: 'Sums by day, the latest first',
    rows: days,
    keyOf: ({ day }) => day ?? '',
    columns: [
      { title: 'Day', cell: ({ day }) => day ?? NONE },
      number('Minutes', minutesOf),
      number('Tasks', ({ tasks }) => tasks),
      number('Files', ({ files }) => files),
      number('Uploaded', ({ uploaded }) => uploaded),
      number('Failed', ({ uploadFailed }) => uploadFailed),
      number('Lost', ({ lost }) => lost),
      number('Size', ({ sizeBytes }) => sizeText(sizeBytes)),
    ],
  });
}

function minutesOf({ durationMs }: Usage): string {
  return Math.round(durationMs / MINUTE_MS).toLocaleString('en');
}

/** A link to a list of other days. */
interface Shortcut {
  title: string;
  from?: string;
  through?: string;
  filters?: Query;
}

function latestDays({ clock }: Choice): Shortcut[] {
  const date = today(clock);
  const yesterday = dayAfter(date, -1);
  return [
    { title: 'Latest' },
    { title: 'Today', from: date, through: date },
    { title: 'Yesterday', from: yesterday, through: yesterday },
    { title: '7 days', from: dayAfter(date, -6), through: date },
  ];
}

/** What is around every list: which app and days, and the form that chooses. */
function listPage(
  choice: Choice,
  path: string,
  title: string,
  shortcuts: readonly Shortcut[],
  fields: Html,
  body: readonly (Html | false | undefined)[],
): Html {
  const { owner, apps, from, through, filters, clock } = choice;
  const days = [from, through].includes(undefined)
    ? (from && `from ${from} on`) || (through && `until ${through}`)
    : from === through
      ? from
      : `${from} to ${through}`;
  const shown = [
    days || 'all days',
    ...Object.entries(filters).map(([key, value]) => `${wordsOf(key)} ${value}`),
    clock.timeZone,
  ];
  const appLinks = apps.length > 1 && apps.length <= MOST_APP_LINKS && owner !== undefined;
  return html`<h1>${title}${owner !== undefined && html` <span class="what">${ownerText(owner)}</span>`}</h1>
${
  appLinks &&
  choices(
    'App',
    apps.map((app) => ({
      title: `${app.vendor} ${app.appId}`,
      address: pageAddress(path, pageQuery(choice, { app: appName(app) })),
      isChosen: appName(app) === appName(owner),
    })),
  )
}
${choices(
  'Days',
  shortcuts.map((shortcut) => ({
    title: shortcut.title,
    address: pageAddress(
      path,
      pageQuery(choice, { from: undefined, through: undefined, files: undefined, ...daysOf(shortcut) }),
    ),
    isChosen:
      from === shortcut.from && through === shortcut.through && filters.files === shortcut.filters?.files,
  })),
)}
<details class="filter" id="filter"><summary>Filter: ${name(shown.filter(Boolean).join(', '))}</summary>
<form class="search" action="${path}" method="get" aria-label="Filter">
${apps.length > 1 && appSelect(choice)}
${apps.length === 1 && owner !== undefined && html`<input type="hidden" name="app" value="${appName(owner)}">`}
${dateField('From day', 'from', from)}
${dateField('Through day', 'through', through)}
${fields}
<label>Time zone <input name="timeZone" value="${clock.timeZone}" list="zones" autocomplete="off" spellcheck="false"></label>
<datalist id="zones">${TIME_ZONES.map((zone) => html`<option value="${zone}"></option>`)}</datalist>
<span class="buttons"><button>Show</button></span>
</form></details>
<section aria-label="${title}">
${owner === undefined ? html`<p>No app has sent callbacks yet.</p>` : body}
</section>`;
}

/** More apps than this are chosen in the form alone. */
const MOST_APP_LINKS = 6;

function daysOf({ from, through, filters }: Shortcut): Query {
  return { from, through, ...filters };
}

function appSelect({ apps, owner }: Choice): Html {
  const options = apps.map(
    (app) =>
      html`<option value="${appName(app)}"${owner !== undefined && appName(app) === appName(owner) && html` selected`}>${app.vendor} ${app.appId}</option>`,
  );
  return html`<label>App <select name="app">${options}</select></label>`;
}

function select(
  title: string,
  field: string,
  values: readonly string[],
  chosen: string | undefined,
  words: Readonly<Record<string, string>> = {},
): Html {
  const options = values.map(
    (value) =>
      html`<option value="${value}"${value === chosen && html` selected`}>${words[value] ?? wordsOf(value)}</option>`,
  );
  return html`<label>${title} <select name="${field}"><option value="">any</option>${options}</select></label>`;
}

function dateField(title: string, field: string, value: string | undefined): Html {
  return html`<label>${title} <input type="date" name="${field}" value="${value ?? ''}"></label>`;
}

function textField(title: string, field: string, value: string | undefined): Html {
  return html`<label>${title} <input name="${field}" value="${value ?? ''}" autocomplete="off" spellcheck="false"></label>`;
}

function countText(choice: Choice, rows: readonly unknown[], next: string | undefined, noun: string): string {
  return shownText(rows.length, noun, { hasNext: next !== undefined, isLater: choice.cursor !== undefined });
}

function nothing(next: string | undefined): Html {
  return next === undefined
    ? html`<p>Nothing is like that.</p>`
    : html`<p>Nothing so far: there is more to look at.</p>`;
}

function nextAddressOf(choice: Choice, path: string, next: string | undefined): Html | undefined {
  return nextPage(next === undefined ? undefined : pageAddress(path, pageQuery(choice, { cursor: next })));
}
