import { createHash } from 'node:crypto';
import type { Answer } from '../platform/http.ts';
import { describeError } from '../platform/log.ts';
import { type Query, WrongParameter } from '../query/parameters.ts';
import { isTimeZone } from '../query/time-zone.ts';
import type { HideAction } from '../write/hide.ts';
import { PATHS, pageAddress } from './address.ts';
import { type Admission, type AdmissionServices, admit, logoutForm } from './admission.ts';
import { attentionCount, attentionSection } from './attention.ts';
import { appName, type Choice, choiceOf, clockOf, dayAfter, listQuery, today } from './choice.ts';
import { choices } from './elements.ts';
import { addressOfFound, foundView } from './find.ts';
import { hideFormOf, hideRequestOf, hideView, isFromOwnPage } from './hide.ts';
import { type Html, html } from './html.ts';
import { assetAt, document } from './layout.ts';
import {
  FILE_PAGE_FILTERS,
  filesView,
  TASK_PAGE_FILTERS,
  tasksView,
  USAGE_PAGE_FILTERS,
  usageView,
} from './list-views.ts';
import type { ListOptions } from './lists.ts';
import { LATEST, overview } from './overview.ts';
import {
  assetAnswer,
  htmlAnswer,
  type PageAnswer,
  type PageRequest,
  redirectAnswer,
  unchangedAnswer,
} from './page-answer.ts';
import {
  type Ask,
  findById,
  LATEST_APPS,
  type Latest,
  Refusal,
  readApps,
  readAttention,
  readAttentionItem,
  readFiles,
  readLatest,
  readRecordingsWithoutFile,
  readRoomPage,
  readTaskPage,
  readTasks,
  readUsage,
} from './reads.ts';
import type { LocalStack } from './recent.ts';
import { roomView, taskView } from './task-and-room.ts';
import type { Clock } from './text.ts';

/** What an operator chooses for the page. */
export interface PageSettings {
  /** Which deployment is shown, such as `prod`. */
  stage: string;
  /** After how many seconds an open page asks for what has changed. */
  refreshSeconds: number;
  /** Whether pictures are loaded from the URLs that callbacks name. */
  thumbnails: boolean;
  /** Of dates and days, unless a reader chooses another one. */
  timeZone: string;
}

/** What the page needs of the outside world. */
export interface PageServices extends AdmissionServices {
  /** Asks the read API. Rejects when the ledger cannot be read. */
  ask: Ask;
  /** Dismisses or snoozes an attention item: the request of the write API. Rejects when the ledger cannot be written. */
  hide: (action: HideAction, body: Buffer) => Promise<Answer>;
  /** What the local stack keeps; absent where the page is deployed. */
  local?: LocalStack | undefined;
  settings: PageSettings;
}

/** What a page shows, before everything that is around it. */
interface View {
  status: number;
  title: string;
  content: Html;
}

/** Another page that shows what was asked for. */
interface Elsewhere {
  location: string;
}

/** Pages that follow what changes while they are open. Lists stay as they are, so that a reader finds his place. */
const LIVE: readonly string[] = [PATHS.overview, PATHS.attention, PATHS.task, PATHS.room];

/** Distances to now are as old as this at most, in ms: an open page without other changes is shown again then. */
const STEP_MS = 30_000;

/** How many tasks, files and events a room's page has at most. */
const ROWS_OF_ROOM = '200';

/** Answers a browser. Never throws: what cannot be read is said on the page. */
export async function answerPage(request: PageRequest, services: PageServices): Promise<PageAnswer> {
  const asset = assetAt(request.path);
  if (asset !== undefined) return assetAnswer(asset.contentType, asset.text);
  const admission = await admit(request, services);
  if ('answer' in admission) return admission.answer;
  const isLive = request.method !== 'POST' && LIVE.includes(request.path);
  const version = isLive ? await localVersion(services) : undefined;
  const known = request.headers['if-none-match'];
  if (version !== undefined && known === version) return unchangedAnswer(version);
  const view = await viewOf(request, services);
  if ('location' in view) return redirectAnswer(view.location);
  if (!isLive) return pageAnswer(view, request, admission, services);
  // What could not be read is asked for again, whatever has changed.
  const shown = view.status === 200 ? (version ?? versionOf(view)) : '';
  if (shown !== '' && known === shown) return unchangedAnswer(shown);
  return pageAnswer(view, request, admission, services, shown);
}

/** What distinguishes one state of a local stack from the next, without reading its ledger. */
async function localVersion({ local, now }: PageServices): Promise<string | undefined> {
  const version = await local?.version().catch(() => undefined);
  return version && `"${version}.${Math.floor(now() / STEP_MS)}"`;
}

function versionOf({ title, content }: View): string {
  return `"${createHash('sha256').update(`${title}\n${content}`).digest('base64url').slice(0, 20)}"`;
}

function pageAnswer(
  { status, title, content }: View,
  { path, query }: PageRequest,
  admission: Admission,
  services: PageServices,
  version?: string,
): PageAnswer {
  const { stage, refreshSeconds: seconds, thumbnails } = services.settings;
  const { vendor, appId, timeZone, id } = query;
  // From a task or a room the way leads to the lists of its app.
  const app = query.app ?? (vendor && appId && appName({ vendor, appId }));
  // What is refused is said all the same.
  const zone = timeZone || services.settings.timeZone;
  const page = document({
    ...{ title, stage, content },
    navigation: { path, kept: { app, timeZone }, id: path === PATHS.hide ? undefined : id },
    account: admission.hasSession && logoutForm(),
    refresh: version === undefined ? undefined : { seconds, version },
    clock: { now: services.now(), timeZone: isTimeZone(zone) ? zone : 'UTC' },
  });
  return htmlAnswer(status, page, thumbnails, version);
}

type ViewOf = (request: PageRequest, services: PageServices) => Promise<View | Elsewhere>;

const VIEWS: Readonly<Record<string, ViewOf>> = {
  [PATHS.overview]: overviewOf,
  [PATHS.attention]: attentionOf,
  [PATHS.hide]: hideOf,
  [PATHS.tasks]: tasksOf,
  [PATHS.files]: filesOf,
  [PATHS.usage]: usageOf,
  [PATHS.find]: foundOf,
  [PATHS.task]: taskOf,
  [PATHS.room]: roomOf,
};

async function viewOf(request: PageRequest, services: PageServices): Promise<View | Elsewhere> {
  const { method, path, query: asked } = request;
  const view = Object.hasOwn(VIEWS, path) ? VIEWS[path] : undefined;
  if (view === undefined || (method === 'POST' && path !== PATHS.hide))
    return problem(404, 'There is no such page', 'Find a task or a room by its id.');
  // An empty field of a form counts as absent.
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
  try {
    return await view({ ...request, query }, services);
  } catch (error) {
    if (error instanceof Refusal) return refusal(error.answer);
    if (error instanceof WrongParameter) return problem(400, 'This cannot be answered', error.message);
    services.log('error', 'page', { path, reason: describeError(error) });
    return problem(503, 'The ledger cannot be read', 'Try again in a moment.');
  }
}

async function overviewOf({ query }: PageRequest, services: PageServices): Promise<View> {
  const { ask, local } = services;
  const options = listOptions(query, services);
  const [attention, { latest, apps }, callbacks] = await Promise.all([
    readAttention(ask, { cursor: query.cursor }),
    latestOf(ask, options),
    local?.callbacks(),
  ]);
  const content = overview(
    {
      ...{ attention, latest, apps, callbacks, canHide: true },
      nextAddress: attention.next && pageAddress(PATHS.attention, { cursor: attention.next }),
      onlyProblems: query.callbacks === 'problems',
    },
    options,
  );
  return { status: 200, title: `${attentionCount(attention)} · rtc-callbacks`, content };
}

/** The latest tasks and files, or why they cannot be listed: what needs attention is shown all the same. */
async function latestOf(
  ask: Ask,
  { clock }: ListOptions,
): Promise<{ latest: Latest | string; apps: { all: number; shown: number } }> {
  const all = await readApps(ask);
  const shown = all.slice(0, LATEST_APPS);
  const apps = { all: all.length, shown: shown.length };
  try {
    const { limit: _, ...query } = listQuery(choiceOf({}, [], [], clock));
    return { latest: await readLatest(ask, shown, query, LATEST), apps };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { latest: reasonOf(error.answer), apps };
  }
}

async function attentionOf({ query }: PageRequest, services: PageServices): Promise<View> {
  const hidden = query.hidden === 'true' ? 'true' : undefined;
  const attention = await readAttention(services.ask, { cursor: query.cursor, hidden });
  const next = attention.next && pageAddress(PATHS.attention, { hidden, cursor: attention.next });
  const content = html`<h1>Attention</h1>
${choices('Which', [
  { title: 'Open', address: PATHS.attention, isChosen: hidden === undefined },
  {
    title: 'With dismissed and snoozed',
    address: pageAddress(PATHS.attention, { hidden: 'true' }),
    isChosen: hidden !== undefined,
  },
])}
${attentionSection(attention, {
  clock: listOptions(query, services).clock,
  nextAddress: next,
  hasHidden: hidden !== undefined,
  canHide: true,
})}`;
  return { status: 200, title: `${attentionCount(attention)} · rtc-callbacks`, content };
}

/** Shows the form that hides an attention item, or does what it says. */
async function hideOf(request: PageRequest, services: PageServices): Promise<View | Elsewhere> {
  const { method, query } = request;
  const isSent = method === 'POST';
  if (isSent && !isFromOwnPage(request)) {
    services.log('warn', 'page', { verdict: 'foreign_form', sourceIp: request.sourceIp });
    return problem(403, 'This form is not from here', 'Open the item on this page, and send its form.');
  }
  const form = isSent ? hideFormOf(request.body) : { id: query.id ?? '', by: '', why: '', until: '' };
  let failed: Answer | undefined;
  if (isSent) {
    const { action, body } = hideRequestOf(form, services.now());
    const answer = await services.hide(action, body);
    if (answer.status === 200) return { location: PATHS.attention };
    failed = answer;
  }
  const item = await readAttentionItem(services.ask, form.id);
  const content = hideView(item, form, failed && reasonOf(failed), listOptions(query, services).clock);
  return { status: failed?.status ?? 200, title: 'Dismiss or snooze · rtc-callbacks', content };
}

/** What a list page is asked for. */
async function choiceFor(
  { query }: PageRequest,
  services: PageServices,
  filterNames: readonly string[],
): Promise<Choice> {
  return choiceOf(query, await readApps(services.ask), filterNames, clockFor(query, services));
}

function clockFor(query: Query, { settings, now }: PageServices): Clock {
  return clockOf({ timeZone: settings.timeZone, ...query }, now());
}

/** Recordings without a file are those of yesterday and today, where no days are named. */
async function tasksOf(request: PageRequest, services: PageServices): Promise<View> {
  const { files } = request.query;
  if (files !== undefined && files !== 'none') throw new WrongParameter('files must be none');
  const date = today(clockFor(request.query, services));
  const days = { from: dayAfter(date, -1), through: date };
  const named = files === 'none' ? withDays(request, days) : request;
  const choice = await choiceFor(named, services, TASK_PAGE_FILTERS);
  const query = listQuery(choice, ['files']);
  const list =
    choice.owner === undefined
      ? { rows: [] }
      : files === 'none'
        ? await readRecordingsWithoutFile(services.ask, query)
        : await readTasks(services.ask, query);
  return listView('Tasks', tasksView(choice, list, listOptions(request.query, services)));
}

async function filesOf(request: PageRequest, services: PageServices): Promise<View> {
  const choice = await choiceFor(request, services, FILE_PAGE_FILTERS);
  const list = choice.owner === undefined ? { rows: [] } : await readFiles(services.ask, listQuery(choice));
  return listView('Files', filesView(choice, list, listOptions(request.query, services)));
}

/** Of this month, where no days are named. */
async function usageOf(request: PageRequest, services: PageServices): Promise<View> {
  const date = today(clockFor(request.query, services));
  const named = withDays(request, { from: `${date.slice(0, 8)}01`, through: date });
  const choice = await choiceFor(named, services, USAGE_PAGE_FILTERS);
  const usage =
    choice.owner === undefined
      ? NO_USAGE
      : await readUsage(services.ask, { ...listQuery(choice), limit: '500' });
  return listView('Usage', usageView(choice, usage));
}

function withDays(request: PageRequest, days: Query): PageRequest {
  const { from, through } = request.query;
  return from === undefined && through === undefined
    ? { ...request, query: { ...request.query, ...days } }
    : request;
}

const NO_USAGE = {
  days: [],
  total: { tasks: 0, files: 0, uploaded: 0, uploadFailed: 0, lost: 0, sizeBytes: 0, durationMs: 0 },
};

function listView(title: string, content: Html): View {
  return { status: 200, title: `${title} · rtc-callbacks`, content };
}

async function foundOf({ query }: PageRequest, { ask }: PageServices): Promise<View | Elsewhere> {
  const id = query.id?.trim() ?? '';
  if (id === '') return problem(400, 'Nothing to find', 'Write the id of a task or a room.');
  const { found, apps } = await findById(ask, id);
  const [first] = found;
  if (first === undefined)
    return problem(
      404,
      'Nothing found',
      `No task or room of ${apps === 1 ? 'the app' : `the ${apps} apps`} has this id.`,
    );
  if (found.length === 1) return { location: addressOfFound(first, id) };
  return { status: 200, title: `${id} · rtc-callbacks`, content: foundView(found, id) };
}

async function taskOf({ query }: PageRequest, services: PageServices): Promise<View> {
  const { vendor = '', appId = '', id = '', cursor } = query;
  const answer = await readTaskPage(services.ask, { vendor, appId }, id, { events: 'true', cursor });
  const content = taskView(answer, nextOf(PATHS.task, query, answer.next), listOptions(query, services));
  return { status: 200, title: `${id} · task · rtc-callbacks`, content };
}

async function roomOf({ query }: PageRequest, services: PageServices): Promise<View> {
  const { vendor = '', appId = '', id = '', cursor } = query;
  const asked = { files: 'true', events: 'true', limit: ROWS_OF_ROOM, cursor };
  const answer = await readRoomPage(services.ask, { vendor, appId }, id, asked);
  const content = roomView(answer, nextOf(PATHS.room, query, answer.next), listOptions(query, services));
  return { status: 200, title: `${id} · room · rtc-callbacks`, content };
}

function listOptions(query: Query, services: PageServices): ListOptions {
  const { now, timeZone } = clockFor(query, services);
  const clock = { now: Math.floor(now / STEP_MS) * STEP_MS, timeZone };
  return { clock, thumbnails: services.settings.thumbnails };
}

function nextOf(path: string, query: Query, next: string | undefined): string | undefined {
  return next === undefined ? undefined : pageAddress(path, { ...query, cursor: next });
}

/** What the read API refuses, with its reason. */
function refusal(answer: Answer): View {
  const title = answer.status === 404 ? 'Nothing found' : 'This cannot be answered';
  return problem(answer.status, title, reasonOf(answer));
}

function reasonOf({ body }: Answer): string {
  const { reason = '' } = body as { reason?: string };
  return reason;
}

function problem(status: number, title: string, text: string): View {
  const content = html`<h1>${title}</h1>
<section aria-label="What to do">
<p>${text}</p>
</section>`;
  return { status, title: `${title} · rtc-callbacks`, content };
}
