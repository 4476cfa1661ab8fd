import { setTimeout } from 'node:timers/promises';
import { type Item, storedFacet } from '../ledger/facets.ts';
import { HEAD, taskKey } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { keyText, type LedgerTable } from '../ledger/table.ts';
import type { JsonObject } from '../platform/json.ts';
import {
  askZego,
  observeAnswer,
  QUERY_WINDOW_MS,
  type QueryAnswer,
  type QueryApp,
  TASKS_PER_PAGE,
  tasksOf,
} from '../vendors/zego/query.ts';
import { type Candidate, forEachPage } from './candidates.ts';

/** Requests of one run for one app, and the pause between two of them in ms: the vendor allows ten a second. */
const MOST_REQUESTS = 200;
const PAUSE_MS = 250;

/** Pages of ended tasks that one run reads; the next run goes on from there. */
const PAGES_PER_RUN = 20;

/** How long an answer is taken as it is, in ms. */
const ANSWER_MS = 55 * 60_000;

/** What lies between two runs, in ms. */
const RUN_MS = 15 * 60_000;

/** What a run needs of the outside world. */
export interface QueryServices {
  table: LedgerTable;
  ledger: Pick<Ledger, 'apply'>;
  /** Unix time in ms. */
  now: () => number;
  /** Between two requests; absent in tests. */
  pauseMs?: number;
}

export interface QueryOptions {
  apps: readonly QueryApp[];
  /** When what is written now expires, Unix time in ms; never when absent. */
  keptUntil?: number | undefined;
  /** When to end, Unix time in ms. */
  deadline: number;
}

/** What a run found. */
export interface QueryResult {
  requests: number;
  /** Tasks that the vendor said something of. */
  answered: number;
  /** Tasks that no callback ever named. */
  discovered: number;
  /** By app, `ok` or why the vendor gives no answer. */
  apps: Record<string, string>;
}

/**
 * Asks ZEGOCLOUD about overdue and failed tasks of the last three days, and for ended tasks that the ledger does not
 * know. An app that gets no answer is left for the next run. Rejects only when the table does.
 */
export async function queryZego(services: QueryServices, options: QueryOptions): Promise<QueryResult> {
  const result: QueryResult = { requests: 0, answered: 0, discovered: 0, apps: {} };
  const candidates = await candidatesByApp(services, options);
  await Promise.all(
    options.apps.map((app) => queryApp(app, candidates.get(app.appId) ?? [], services, options, result)),
  );
  return result;
}

async function queryApp(
  app: QueryApp,
  overdue: readonly string[],
  services: QueryServices,
  { keptUntil, deadline }: QueryOptions,
  result: QueryResult,
): Promise<void> {
  const name = `zego/${app.appId}`;
  const owner = { vendor: 'zego', appId: app.appId } as const;
  let left = MOST_REQUESTS;
  result.apps[name] = 'ok';

  /** `undefined` where nothing more can be asked. */
  async function ask(
    action: Parameters<typeof askZego>[1],
    question: JsonObject,
  ): Promise<QueryAnswer | undefined> {
    if (left === 0 || services.now() >= deadline || result.apps[name] !== 'ok') return undefined;
    if (left < MOST_REQUESTS) await setTimeout(services.pauseMs ?? PAUSE_MS);
    left -= 1;
    result.requests += 1;
    const answer = await askZego(app, action, question, services.now());
    if (!answer.ok && answer.failure !== 'no_such_task')
      result.apps[name] = `${answer.failure}: ${answer.detail}`;
    return answer;
  }

  async function askTask(taskId: string): Promise<boolean> {
    const answer = await ask('DescribeRecordStatus', { TaskId: taskId });
    if (!answer?.ok) return false;
    result.answered += 1;
    for (const observation of observeAnswer(taskId, answer.data, services.now()))
      await services.ledger.apply(owner, observation, keptUntil);
    return true;
  }

  for (const taskId of await unknownTasks(services, app.appId, ask)) {
    if (await askTask(taskId)) result.discovered += 1;
  }
  for (const taskId of rotated(overdue, services.now())) await askTask(taskId);
}

/** The ended tasks of the last three days that have no item in the ledger. */
async function unknownTasks(
  { table, now }: QueryServices,
  appId: string,
  ask: (action: 'DescribeTasks', question: JsonObject) => Promise<QueryAnswer | undefined>,
): Promise<string[]> {
  // A minute less than the vendor's limit, which its clock decides.
  const window = { Status: 3, StartTime: now() - QUERY_WINDOW_MS + 60_000, EndTime: now() };
  const unknown: string[] = [];
  let pages = 1;
  for (let page = 0; page < Math.min(pages, PAGES_PER_RUN); page += 1) {
    // The first page says how many there are; the rest of more than a run reads is spread over the runs.
    const skipped =
      page === 0 || pages <= PAGES_PER_RUN ? 0 : (runNumber(now()) * (PAGES_PER_RUN - 1)) % (pages - 1);
    const offset = page === 0 ? 1 : 2 + ((page - 1 + skipped) % Math.max(1, pages - 1));
    const answer = await ask('DescribeTasks', { ...window, PageOffset: offset, PageSize: TASKS_PER_PAGE });
    if (!answer?.ok) break;
    const { taskIds, total } = tasksOf(answer.data);
    pages = Math.ceil(total / TASKS_PER_PAGE);
    const keys = taskIds.map((taskId) => ({ pk: taskKey('zego', appId, taskId), sk: HEAD }));
    const heads = await table.getAll(keys);
    unknown.push(...taskIds.filter((_, index) => !heads.has(keyText(keys[index] ?? { pk: '', sk: '' }))));
  }
  return [...new Set(unknown)];
}

/** The tasks of each app that need attention, began recently enough and were not asked for within the hour. */
async function candidatesByApp(
  { table, now }: QueryServices,
  { apps }: QueryOptions,
): Promise<Map<string, string[]>> {
  const found = new Map<string, Set<string>>(apps.map(({ appId }) => [appId, new Set()]));
  const isWanted = ({ vendor, appId }: Candidate['owner']) => vendor === 'zego' && found.has(appId);
  await forEachPage(table, isWanted, async (candidates) => {
    for (const { owner, taskId, item, head } of candidates) {
      const since = Date.parse(item.watchSince?.S ?? item.failedSince?.S ?? '');
      const isKnownToVendor = !(now() - since > QUERY_WINDOW_MS);
      if (isKnownToVendor && now() - askedAt(head) > ANSWER_MS) found.get(owner.appId)?.add(taskId);
    }
  });
  return new Map([...found].map(([appId, taskIds]) => [appId, [...taskIds].sort()]));
}

function askedAt(head: Item | undefined): number {
  const answer = storedFacet<{ askedAt?: string }>(head, 'answer');
  return Date.parse(answer?.value.askedAt ?? '') || 0;
}

const runNumber = (now: number) => Math.floor(now / RUN_MS);

/** A list that begins somewhere else in each run, so that none of it waits for ever behind the rest. */
function rotated(list: readonly string[], now: number): string[] {
  const from = list.length === 0 ? 0 : (runNumber(now) * MOST_REQUESTS) % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
