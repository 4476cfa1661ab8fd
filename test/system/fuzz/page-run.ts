import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { eventOf } from '../../../stack/gateway-event.ts';
import { THIS_HOUR } from '../../support/callbacks.ts';
import type { Invoke } from './function.ts';
import { fillLedger, type Known } from './ledger.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { anyText, ODD_NAMES } from './odd-values.ts';
import { Random } from './random.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';
import { PAGE_TOKEN } from './secrets.ts';
import { startService } from './service.ts';

/** Everything that a page consists of. What a callback named must not become another one. */
const ELEMENTS =
  'html head meta title link script noscript body header nav main section h1 h2 h3 p a span bdi strong time code pre details summary img div dl dt dd ol ul li table caption thead tbody tr th td form label input select option datalist button'.split(
    ' ',
  );

const PAGES = [
  ...['/', '/page/task', '/page/room', '/page/tasks', '/page/files', '/page/usage'],
  ...['/page/attention', '/page/find', '/page/hide'],
];
const ASSETS = ['/page/page.css', '/page/page.js', '/page/icon.svg'];

/** What a reader shows, and whether it is right. */
interface PageCase {
  event: APIGatewayProxyEventV2;
  /** Whether the page asks for a token. */
  asksToken: boolean;
  isAdmitted: boolean;
  /** Whether it is the page of what the ledger has. */
  isKnown: boolean;
}

/** Fills a ledger and looks at pages of it and at any other: as everyone, and as those who know a token or do not. */
export async function pageRun(world: World, requests: number): Promise<Run> {
  const known = await fillLedger(world, requests);
  // As on AWS: only the local stack keeps the last callbacks.
  process.env.LOCAL_STACK_URL = '';
  const open = world.load('page');
  const body = JSON.stringify({ Parameter: { Value: PAGE_TOKEN } });
  const parameters = await startService(() => ({ status: 200, body }));
  Object.assign(process.env, {
    ACCESS: 'token',
    TOKEN_PARAMETER: '/page-token',
    AWS_ENDPOINT_URL_SSM: parameters,
  });
  const guarded = world.load('page');
  const cookie = await signIn(guarded);
  const send: Run['send'] = async (indexes, report) => {
    for (const index of indexes) {
      const page = pageCase(world.seed, index, known, cookie);
      await look(page.asksToken ? guarded : open, page, index, report, world.takeLines);
    }
  };
  return { send, clear: async () => void world.takeLines() };
}

async function signIn(page: Invoke): Promise<string> {
  const body = Buffer.from(new URLSearchParams({ token: PAGE_TOKEN, to: '/' }).toString());
  const answer = (await page(pageEvent('POST', '/page/login', '', {}, body), 'sign-in')) as {
    cookies?: string[];
  };
  return answer.cookies?.[0]?.split(';')[0] ?? '';
}

async function look(
  page: Invoke,
  { event, isAdmitted, isKnown }: PageCase,
  index: number,
  report: Report,
  takeLines: World['takeLines'],
): Promise<void> {
  report.requests += 1;
  if (isAdmitted) report.verified += 1;
  else report.unverified += 1;
  try {
    const answer = (await page(event, 'page')) as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    const { statusCode: status, headers, body } = answer;
    countAnswer(report, status);
    if (status >= 500) report.serverErrors += 1;
    const isAsset = ASSETS.includes(event.rawPath);
    const statuses = isAsset
      ? [200]
      : isAdmitted
        ? isKnown
          ? [200]
          : [200, 303, 400, 401, 403, 404]
        : [303, 401];
    const isGuarded = headers['content-security-policy']?.startsWith("default-src 'none'");
    const everything = JSON.stringify(answer) + takeLines().join('');
    const isHtml = headers['content-type']?.startsWith('text/html');
    const problems = [
      ...(statuses.includes(status) ? [] : [`answered ${status}, expected ${statuses.join(' or ')}`]),
      ...(isGuarded ? [] : ['has no content security policy']),
      ...(everything.includes(PAGE_TOKEN) ? ['gave the token away'] : []),
      ...(isHtml ? markupProblems(body) : []),
    ];
    if (problems.length > 0) fail(report, problems.join('; '), index, event);
  } catch (error) {
    report.serverErrors += 1;
    fail(report, `threw ${(error as Error).stack}`, index, event);
  }
}

/** Every `<` begins an element of the page, and no element has a handler or runs a script of its own. */
function markupProblems(body: string): string[] {
  const tags = body.replace('<!doctype html>', '').match(/<[^>]*>?/g) ?? [];
  return tags
    .filter((tag) => {
      const name = /^<\/?([a-z\d]+)[\s>]/.exec(tag)?.[1] ?? '';
      const outside = tag.replace(/"[^"]*"/g, '""');
      const isForeign = !ELEMENTS.includes(name) || /\son\w+=|javascript:/i.test(outside);
      return (
        isForeign || (name === 'script' && !/^<\/?script( src="\/page\/page\.js\?[\w-]+" defer)?>$/.test(tag))
      );
    })
    .slice(0, 2)
    .map((tag) => `contains ${tag}`);
}

function pageCase(seed: number, index: number, known: readonly Known[], cookie: string): PageCase {
  const random = new Random(seed, `page ${index}`);
  const asksToken = random.chance(0.5);
  const isAsset = random.chance(0.05);
  const target = known.length > 0 && random.chance(0.5) ? random.pick(known) : undefined;
  const path = isAsset
    ? random.pick(ASSETS)
    : target
      ? `/page/${target.resource.slice(0, -1)}`
      : anyPath(random);
  const query = target ? { vendor: target.vendor, appId: target.appId, id: target.id } : anyQuery(random);
  const isPlain = target !== undefined && random.chance(0.7);
  const extra: Record<string, string> = isPlain
    ? {}
    : { [random.pick(['cursor', 'limit', 'events', ...ODD_NAMES])]: anyText(random).toWellFormed() };
  const isForm = asksToken && random.chance(0.1);
  const hasRight = random.chance(0.6);
  const headers = asksToken ? credentials(random, hasRight, cookie) : {};
  const form = new URLSearchParams({
    token: anyText(random).toWellFormed(),
    to: anyText(random).toWellFormed(),
  });
  const body = isForm ? mutatedBytes(random, Buffer.from(form.toString())) : Buffer.alloc(0);
  const method = isForm ? 'POST' : 'GET';
  const search = new URLSearchParams({ ...query, ...extra }).toString();
  const signs = isForm && ['/page/login', '/page/logout'].includes(path);
  const isAdmitted = !asksToken || (hasRight && !signs);
  return {
    event: pageEvent(method, path, search, headers, body),
    asksToken,
    isAdmitted,
    isKnown: isPlain && !isForm,
  };
}

function credentials(random: Random, isRight: boolean, cookie: string): Record<string, string> {
  if (isRight) return random.chance(0.5) ? { cookie } : { authorization: `Bearer ${PAGE_TOKEN}` };
  return random.pick<() => Record<string, string>>([
    () => ({}),
    () => ({ authorization: `Bearer ${anyText(random)}` }),
    () => ({ authorization: `Bearer ${PAGE_TOKEN.slice(0, -1)}` }),
    () => ({ cookie: cookie.replace(/=\d/, '=9') }),
    () => ({ cookie: `${cookie.slice(0, -1)}*` }),
    () => ({ cookie: cookie.split('.')[0] ?? '' }),
    () => ({ cookie: `__Host-page=${anyText(random)}` }),
  ])();
}

function anyPath(random: Random): string {
  return random.weighted([
    [4, () => random.pick(PAGES)],
    [1, () => random.pick(['/page/login', '/page/logout', '/page/', '/page/task/', '//page/task'])],
    [1, () => `/page/${anyText(random).toWellFormed()}`],
  ])();
}

/** What the pages take. */
const PAGE_PARAMETERS = [
  ...['vendor', 'appId', 'id', 'cursor', 'callbacks', 'hidden', 'app', 'from', 'through', 'timeZone'],
  ...['status', 'kind', 'roomId', 'files'],
];

function anyQuery(random: Random): Record<string, string> {
  const names = [...PAGE_PARAMETERS].filter(() => random.chance(0.4));
  return Object.fromEntries(
    names.map((name) => [
      name,
      name === 'vendor' && random.chance(0.7)
        ? random.pick(['rongcloud', 'tencent', 'zego'])
        : anyText(random).toWellFormed(),
    ]),
  );
}

function pageEvent(
  method: string,
  path: string,
  query: string,
  { cookie, ...headers }: Record<string, string>,
  body: Buffer,
): APIGatewayProxyEventV2 {
  return eventOf({
    method,
    protocol: 'HTTP/1.1',
    routeKey: `${method} ${path}`,
    pathParameters: {},
    path,
    query,
    headers,
    cookies: cookie === undefined ? undefined : [cookie],
    sourceIp: '203.0.113.7',
    body,
    requestId: 'page',
    receivedAt: THIS_HOUR,
  });
}
