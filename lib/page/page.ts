import type { AttentionAnswer, RoomAnswer, TaskAnswer } from '../ledger/answers.ts';
import type { Answer } from '../platform/http.ts';
import { describeError } from '../platform/log.ts';
import type { ReadRequest } from '../query/query.ts';
import { PATHS, type PageOwner, parametersOf } from './address.ts';
import { type Admission, type AdmissionServices, admit, logoutForm } from './admission.ts';
import { attentionCount } from './attention.ts';
import { type Html, html } from './html.ts';
import { assetAt, document } from './layout.ts';
import { overview, searchForm } from './overview.ts';
import { assetAnswer, htmlAnswer, type PageAnswer, type PageRequest } from './page-answer.ts';
import { type RecentCallback, readRecent } from './recent.ts';
import { roomView, taskView } from './task-and-room.ts';

/** What an operator chooses for the page. */
export interface PageSettings {
  /** Which deployment is shown, such as `prod`. */
  stage: string;
  /** After how many seconds an open page asks for what has changed. */
  refreshSeconds: number;
  /** Whether pictures are loaded from the URLs that callbacks name. */
  thumbnails: boolean;
}

/** What the page needs of the outside world. */
export interface PageServices extends AdmissionServices {
  /** Asks the read API. Rejects when the ledger cannot be read. */
  ask: (request: ReadRequest) => Promise<Answer>;
  /** The last callbacks, the latest first; absent where nobody keeps them. */
  recentCallbacks?: (() => Promise<RecentCallback[]>) | undefined;
  settings: PageSettings;
}

/** What a page shows, before everything that is around it. */
interface View {
  status: number;
  title: string;
  content: Html;
}

/** Answers a browser. Never throws: what cannot be read is said on the page. */
export async function answerPage(request: PageRequest, services: PageServices): Promise<PageAnswer> {
  const asset = assetAt(request.path);
  if (asset !== undefined) return assetAnswer(asset.contentType, asset.text);
  const admission = await admit(request, services);
  if ('answer' in admission) return admission.answer;
  return pageAnswer(await viewOf(request, services), admission, services);
}

function pageAnswer(
  { status, title, content }: View,
  admission: Admission,
  services: PageServices,
): PageAnswer {
  const { stage, refreshSeconds, thumbnails } = services.settings;
  const account = admission.hasSession && logoutForm();
  const now = services.now();
  return htmlAnswer(status, document({ title, stage, content, account, refreshSeconds, now }), thumbnails);
}

async function viewOf(request: PageRequest, services: PageServices): Promise<View> {
  try {
    if (request.path === PATHS.overview) return await overviewOf(request, services);
    if (request.path === PATHS.task || request.path === PATHS.room) return await itemOf(request, services);
    return problem(404, 'There is no such page', 'Find a task or a room by its id:');
  } catch (error) {
    services.log('error', 'page', { path: request.path, reason: describeError(error) });
    return problem(503, 'The ledger cannot be read', 'It is asked again in a moment.');
  }
}

async function overviewOf({ query }: PageRequest, services: PageServices): Promise<View> {
  const asked = { resource: 'attention', query } as const;
  const [answer, callbacks] = await Promise.all([services.ask(asked), services.recentCallbacks?.()]);
  if (answer.status !== 200) return refusal(answer);
  const attention = answer.body as AttentionAnswer;
  const recent = callbacks && (await readRecent(callbacks, questions(services)));
  const nextAddress = nextOf(PATHS.overview, query, attention.next);
  const onlyProblems = query.callbacks === 'problems';
  const content = overview({ attention, nextAddress, recent, onlyProblems }, listOptions(services));
  return { status: 200, title: `${attentionCount(attention)} · rtc-callbacks`, content };
}

async function itemOf(request: PageRequest, services: PageServices): Promise<View> {
  const { path, query } = request;
  const { vendor = '', appId = '', id = '', cursor } = query;
  const isTask = path === PATHS.task;
  const resource = isTask ? 'task' : 'room';
  const answer = await services.ask({ resource, vendor, appId, id, query: { events: 'true', cursor } });
  if (answer.status !== 200) return refusal(answer, query);
  const { next } = answer.body as { next?: string };
  const nextAddress = nextOf(path, query, next);
  const options = listOptions(services);
  const content = isTask
    ? taskView(answer.body as TaskAnswer, nextAddress, options)
    : roomView(answer.body as RoomAnswer, nextAddress, options.now);
  return { status: 200, title: `${id} · ${isTask ? 'task' : 'room'} · rtc-callbacks`, content };
}

function listOptions({ settings, now }: PageServices): { now: number; thumbnails: boolean } {
  return { now: now(), thumbnails: settings.thumbnails };
}

/** The read API's questions for one task and one room. */
function questions({ ask }: PageServices) {
  const one = async <Found>(resource: 'task' | 'room', owner: PageOwner, id: string) => {
    const { status, body } = await ask({ resource, ...owner, id, query: {} });
    return status === 200 ? (body as Found) : undefined;
  };
  return {
    task: (owner: PageOwner, id: string) => one<TaskAnswer>('task', owner, id),
    room: (owner: PageOwner, id: string) => one<RoomAnswer>('room', owner, id),
  };
}

function nextOf(path: string, query: PageRequest['query'], next: string | undefined): string | undefined {
  return next === undefined ? undefined : `${path}?${parametersOf({ ...query, cursor: next })}`;
}

/** What the read API refuses, with its reason and another try. */
function refusal({ status, body }: Answer, query: PageRequest['query'] = {}): View {
  const { reason = '' } = body as { reason?: string };
  return problem(status, status === 404 ? 'Nothing found' : 'This cannot be answered', reason, query);
}

function problem(status: number, title: string, text: string, query: PageRequest['query'] = {}): View {
  const content = html`<h1>${title}</h1>
<section aria-label="What to do">
<p>${text}</p>
${searchForm(query)}
</section>`;
  return { status, title: `${title} · rtc-callbacks`, content };
}
