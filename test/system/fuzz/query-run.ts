import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { forEachConcurrently } from '../../../lib/platform/concurrency.ts';
import { VENDOR_NAMES } from '../../../lib/vendors/facts.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { eventOf } from '../../../stack/gateway-event.ts';
import { THIS_HOUR } from '../../support/callbacks.ts';
import type { Invoke } from './function.ts';
import { fillLedger } from './ledger.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { anyText, ODD_NAMES, oddValue } from './odd-values.ts';
import { Random } from './random.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';

const CONCURRENT_REQUESTS = 8;

const RECEIVED_AT = THIS_HOUR;

/** A task or a room that callbacks were applied to, or something that may be none. */
interface Target {
  resource: 'tasks' | 'rooms';
  /** The name of a list that is asked for instead. */
  list?: List;
  vendor: string;
  appId: string;
  id: string;
  isKnown: boolean;
}

/** A read request and the answers that are right. */
interface QueryCase {
  target: Target;
  query: Record<string, string>;
  statuses: readonly number[];
}

/** The lists, and where each has its rows. */
const LISTS = { attention: 'files', apps: 'apps', tasks: 'tasks', files: 'files', usage: 'days' } as const;

type List = keyof typeof LISTS;

type QueryAnswer = { status: number; body: string } | { thrown: string };

/** Fills a ledger with callbacks, then asks the read API for what is in it and for anything else. */
export async function queryRun(world: World, requests: number): Promise<Run> {
  const known = (await fillLedger(world, requests)).map((one): Target => ({ ...one, isKnown: true }));
  const query = world.load('query');
  const send: Run['send'] = async (indexes, report) => {
    await forEachConcurrently(indexes, CONCURRENT_REQUESTS, async (index) => {
      const random = new Random(world.seed, `query ${index}`);
      const first = queryCase(random, known);
      const next = await ask(query, first, index, report);
      report.requests += 1;
      if (first.target.isKnown) report.verified += 1;
      else report.unverified += 1;
      // A cursor is followed as it is, changed, or to where it does not belong.
      if (next !== undefined) await ask(query, followed(random, first, next, known), index, report);
    });
    world.takeLines();
  };
  return { send, clear: async () => void world.takeLines() };
}

function queryCase(random: Random, known: readonly Target[]): QueryCase {
  const target = random.weighted([
    [12, () => (known.length > 0 ? random.pick(known) : anyTarget(random))],
    [
      8,
      (): Target => ({
        ...(known.length > 0 ? random.pick(known) : anyTarget(random)),
        ...{ list: random.pick(Object.keys(LISTS) as List[]), isKnown: known.length > 0 },
      }),
    ],
    [8, () => anyTarget(random)],
    [
      3,
      () => ({
        ...(known.length > 0 ? random.pick(known) : anyTarget(random)),
        ...anyPart(random),
        isKnown: false,
      }),
    ],
  ])();
  const isPlain = random.chance(0.7);
  const plain = target.list === undefined ? plainQuery(random) : listQuery(random, target, target.list);
  const query = isPlain ? plain : { ...plain, ...anyQuery(random) };
  const refusals = [...(isPlain ? [] : [400]), ...(target.isKnown ? [] : [404])];
  return { target, query, statuses: [200, ...refusals] };
}

function anyTarget(random: Random): Target {
  return {
    resource: random.pick(['tasks', 'rooms']),
    vendor: random.chance(0.8) ? random.pick(VENDOR_NAMES) : anyId(random),
    appId: random.chance(0.5) ? random.pick(SAMPLE_SOURCES).appId : anyId(random),
    id: anyId(random),
    isKnown: false,
  };
}

function anyPart(random: Random): Partial<Target> {
  return random.pick([
    { vendor: random.pick(VENDOR_NAMES) },
    { appId: anyId(random) },
    { id: anyId(random) },
    { resource: 'rooms' },
  ]);
}

/** API Gateway hands over well-formed text; a path parameter may have any length up to 10 kB. */
function anyId(random: Random): string {
  const id = random.pick([
    () => random.pick(ODD_NAMES),
    () => anyText(random).toWellFormed(),
    () => 'x'.repeat(random.below(8_000)),
    () => `%sha256-${random.bytes(32).toString('hex')}`,
    () => random.pick(['head', '#', '%', '%23', '%zz', 'file#a', 'event#', '../attention', 'a/b', '\0']),
  ])();
  return id || 'x';
}

function plainQuery(random: Random): Record<string, string> {
  const limit = random.weighted<Record<string, string>>([
    [17, { limit: String(1 + random.below(3)) }],
    [1, { limit: String(1 + random.below(500)) }],
    [2, {}],
  ]);
  return { ...limit, ...(random.chance(0.3) ? { events: 'true' } : {}) };
}

/** The parameters of a list of what began around now. */
function listQuery(random: Random, { vendor, appId }: Target, list: List): Record<string, string> {
  const limit = { limit: String(1 + random.below(4)) };
  if (list === 'attention' || list === 'apps') return limit;
  const time = (days: number) => new Date(RECEIVED_AT + days * 86_400_000).toISOString();
  const range = random.pick<Record<string, string>>([
    { from: time(-1), to: time(1) },
    { from: time(-400).slice(0, 10), to: time(1).slice(0, 10), timeZone: 'Asia/Shanghai' },
    {},
  ]);
  return { ...(list === 'usage' ? {} : limit), vendor, appId, ...range };
}

function anyQuery(random: Random): Record<string, string> {
  const query: Record<string, string> = {};
  if (random.chance(0.5))
    query.limit = random.pick([
      '0',
      '-1',
      '501',
      '1.5',
      'NaN',
      '',
      ' 5',
      '0x10',
      '1e2',
      '1,2',
      '9'.repeat(400),
    ]);
  if (random.chance(0.5))
    query[random.pick(['events', 'from', 'to', 'timeZone', 'kind', 'userId'])] = random.pick([
      'TRUE',
      '2026-01-15',
      '9999-99-99',
      '1',
      '',
      'false',
      anyText(random).toWellFormed(),
    ]);
  if (random.chance(0.6)) query.cursor = anyCursor(random);
  if (random.chance(0.3)) query[random.pick(ODD_NAMES)] = anyText(random).toWellFormed();
  return query;
}

/** A position of a list that may exist, at a key that may not, or no cursor at all. */
function anyCursor(random: Random): string {
  const list = random.pick(['files', 'events', 'tasks', 'attention#0', 'attention#9', '__proto__']);
  const key = random.pick([
    () => anyText(random),
    () =>
      random.pick([
        'file#',
        'event#',
        'head',
        'file#a.mp4',
        '["9999","task#tencent#1#1","head"]',
        '[]',
        '[1,2,3,4]',
      ]),
    () => 'x'.repeat(random.below(3_000)),
  ])();
  const positions = random.chance(0.8) ? { [list]: key } : oddValue(random);
  return random.chance(0.9) ? encodedCursor(JSON.stringify(positions)) : anyText(random).toWellFormed();
}

function encodedCursor(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The request for the next page, or one like it. */
function followed(random: Random, first: QueryCase, next: string, known: readonly Target[]): QueryCase {
  return random.weighted<() => QueryCase>([
    [5, () => ({ ...first, query: { ...first.query, cursor: next } })],
    [
      3,
      () => {
        const cursor = encodedCursor(mutatedBytes(random, Buffer.from(next, 'base64url')).toString('utf8'));
        return { ...first, query: { ...first.query, cursor }, statuses: [200, 400] };
      },
    ],
    [
      1,
      () => ({
        ...first,
        query: { ...first.query, cursor: mutatedBytes(random, Buffer.from(next)).toString('utf8') },
        statuses: [200, 400],
      }),
    ],
    [
      1,
      () => {
        const target = known.length > 0 ? random.pick(known) : first.target;
        return { target, query: { ...first.query, cursor: next }, statuses: [200, 400] };
      },
    ],
  ])();
}

/** Sends a read request and checks the answer; returns the cursor of the next page where there is one. */
async function ask(
  query: Invoke,
  request: QueryCase,
  index: number,
  report: Report,
): Promise<string | undefined> {
  const event = eventFor(request);
  const answer = await answerOf(query, event);
  countAnswer(report, 'status' in answer ? answer.status : 'thrown');
  if ('thrown' in answer || answer.status >= 500) report.serverErrors += 1;
  const problem = problemOf(request, answer);
  if (problem !== undefined) fail(report, problem, index, event);
  if (problem !== undefined || 'thrown' in answer) return undefined;
  return (JSON.parse(answer.body) as { next?: string }).next;
}

async function answerOf(query: Invoke, event: object): Promise<QueryAnswer> {
  try {
    const { statusCode, body } = (await query(event, 'query')) as { statusCode: number; body: string };
    return { status: statusCode, body };
  } catch (error) {
    return { thrown: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function problemOf({ target, statuses }: QueryCase, answer: QueryAnswer): string | undefined {
  if ('thrown' in answer) return `threw ${answer.thrown}`;
  const { status, body } = answer;
  if (!statuses.includes(status))
    return `answered ${status} ${body.slice(0, 300)}, expected ${statuses.join(' or ')}`;
  const parsed = JSON.parse(body);
  const list =
    parsed[
      target.list === undefined ? (target.resource === 'rooms' ? 'tasks' : 'files') : LISTS[target.list]
    ];
  const isRight =
    status === 200 ? Array.isArray(list) : parsed.code === status && typeof parsed.reason === 'string';
  return isRight ? undefined : `answered ${status} with ${body.slice(0, 300)}`;
}

/** The gateway has matched the route: only parts that are not empty come this far. */
function eventFor({ target, query }: QueryCase): APIGatewayProxyEventV2 {
  const { resource, list, vendor, appId, id } = target;
  const name = resource === 'tasks' ? 'taskId' : 'roomId';
  const path = list !== undefined ? `/${list}` : `/${resource}/${vendor}/${appId}/${id}`;
  return eventOf({
    method: 'GET',
    protocol: 'HTTP/1.1',
    routeKey: list !== undefined ? `GET /${list}` : `GET /${resource}/{vendor}/{appId}/{${name}+}`,
    pathParameters: list !== undefined ? {} : { vendor, appId, [name]: id },
    path,
    query: new URLSearchParams(query).toString(),
    headers: {},
    sourceIp: '203.0.113.7',
    body: Buffer.alloc(0),
    requestId: 'query',
    receivedAt: RECEIVED_AT,
  });
}
