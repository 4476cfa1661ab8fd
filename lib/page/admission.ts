import { createHash, createHmac } from 'node:crypto';
import { equalInConstantTime } from '../callback/verification.ts';
import type { ParameterFailure } from '../platform/aws/cached-parameter.ts';
import type { Log } from '../platform/log.ts';
import { PATHS, pageAddress } from './address.ts';
import { type Html, html } from './html.ts';
import { document } from './layout.ts';
import { htmlAnswer, type PageAnswer, type PageRequest, redirectAnswer } from './page-answer.ts';

/** What admission needs. */
export interface AdmissionServices {
  /** The token that readers must know; absent where something else keeps others out. */
  token?: (() => Promise<TokenResult>) | undefined;
  /** `stage`: which deployment is shown, such as `prod`. */
  settings: { stage: string };
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** Somebody who may read the page. */
export interface Admission {
  /** Whether by a cookie, which can be given back. */
  hasSession: boolean;
}

/** The forms by which one signs in and out. */
const SIGNING_FORMS: readonly string[] = [PATHS.login, PATHS.logout];

/** The pages that one can be led to after signing in: ours, and no address that begins like another site's. */
const OWN_PAGE = /^\/(?:page\/(?:attention|files|find|hide|room|task|tasks|usage))?(?:\?.*)?$/;

/**
 * Lets in who knows the token: by the cookie that the form gives, or by `Authorization: Bearer`. Everybody else is
 * answered with the form. Where no token is asked for, something else keeps others out.
 */
export async function admit(
  request: PageRequest,
  services: AdmissionServices,
): Promise<Admission | { answer: PageAnswer }> {
  const { token: readToken, log, now } = services;
  if (readToken === undefined) return { hasSession: false };
  const known = await readToken();
  if (!known.ok) {
    log('error', 'page', { path: request.path, reason: known.reason });
    return { answer: unavailable(services) };
  }
  const isForm = request.method === 'POST' && SIGNING_FORMS.includes(request.path);
  if (isForm) return { answer: answerForm(request, known.token, services) };
  if (hasSession(request.cookies, known.token, now())) return { hasSession: true };
  const [, bearer] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (bearer !== undefined && isToken(bearer, known.token)) return { hasSession: false };
  return { answer: loginAnswer(pageAddress(request.path, request.query), undefined, services) };
}

function answerForm(request: PageRequest, token: string, services: AdmissionServices): PageAnswer {
  if (request.path === PATHS.logout) return redirectAnswer(PATHS.overview, [endedSessionCookie()]);
  const form = new URLSearchParams(request.body.toString('utf8'));
  const wanted = form.get('to') ?? '';
  const to = OWN_PAGE.test(wanted) ? wanted : PATHS.overview;
  const isRight = request.path === PATHS.login && isToken(form.get('token') ?? '', token);
  const { sourceIp } = request;
  services.log(isRight ? 'info' : 'warn', 'page', {
    verdict: isRight ? 'signed_in' : 'wrong_token',
    sourceIp,
  });
  if (isRight) return redirectAnswer(to, [sessionCookie(token, services.now())]);
  return loginAnswer(to, 'This is not the token.', services);
}

function loginAnswer(
  to: string,
  problem: string | undefined,
  { settings, now }: AdmissionServices,
): PageAnswer {
  const content = loginView(to, problem);
  const page = document({
    title: 'Sign in · rtc-callbacks',
    stage: settings.stage,
    content,
    clock: { now: now(), timeZone: 'UTC' },
  });
  return htmlAnswer(401, page, false);
}

function unavailable({ settings, now }: AdmissionServices): PageAnswer {
  const content = html`<h1>Signing in is not possible</h1>
<p>The token cannot be read, or is too short. The log of this function says which.</p>`;
  const page = document({
    title: 'Not available · rtc-callbacks',
    stage: settings.stage,
    content,
    clock: { now: now(), timeZone: 'UTC' },
  });
  return htmlAnswer(503, page, false);
}

/** The form that asks for the token; `to` is where it leads, `problem` why the last try did not. */
function loginView(to: string, problem: string | undefined): Html {
  return html`<h1>Sign in</h1>
<form class="login" action="${PATHS.login}" method="post">
<input type="hidden" name="to" value="${to}">
<label>Token <input name="token" type="password" required autocomplete="current-password"${
    problem !== undefined && html` aria-describedby="problem" aria-invalid="true"`
  }></label>
<button>Sign in</button>
</form>
${problem !== undefined && html`<p id="problem" class="problem" role="alert">${problem}</p>`}
<p class="muted">The token is the value of the parameter that the deployment names.</p>`;
}

/** Ends the session; for the header. */
export function logoutForm(): Html {
  return html`<form action="${PATHS.logout}" method="post"><button class="quiet">Sign out</button></form>`;
}

/** How long one stays signed in, in ms. */
const SESSION_MS = 12 * 60 * 60_000;

/** The prefix makes browsers refuse the cookie when it is not secure, or set for a path or another host. */
const COOKIE = '__Host-page';

/** Whether a text is the token. The time it takes reveals nothing of either. */
function isToken(text: string, token: string): boolean {
  return equalInConstantTime(hashOf(token), hashOf(text));
}

/**
 * The cookie of a session that begins now. It holds when the session ends and a proof that its sender knew the
 * token, which is not in it: a new token ends all sessions. `now` is Unix time in ms.
 */
function sessionCookie(token: string, now: number): string {
  const end = String(now + SESSION_MS);
  return cookie(`${end}.${proofOf(end, token)}`, SESSION_MS / 1000);
}

/** The cookie that ends a session. */
function endedSessionCookie(): string {
  return cookie('', 0);
}

/** Whether one of a request's cookies is that of a session that has not ended. `now` is Unix time in ms. */
function hasSession(cookies: readonly string[], token: string, now: number): boolean {
  const value = cookies.find((text) => text.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
  const [end = '', proof = ''] = value.split('.');
  const isGenuine = equalInConstantTime(Buffer.from(proofOf(end, token)), Buffer.from(proof));
  return isGenuine && Number(end) > now;
}

function cookie(value: string, seconds: number): string {
  return `${COOKIE}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;
}

function proofOf(end: string, token: string): string {
  return createHmac('sha256', token).update(`rtc-callbacks page session until ${end}`).digest('base64url');
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Shorter than this, a token could be guessed. */
const SHORTEST_TOKEN = 24;

/** The token, or why it cannot be read. */
export type TokenResult = { ok: true; token: string } | ParameterFailure;

/** Takes the token of the page out of its parameter. */
export function parseToken(text: string): TokenResult {
  const token = text.trim();
  if (token.length >= SHORTEST_TOKEN) return { ok: true, token };
  return { ok: false, reason: `the token has fewer than ${SHORTEST_TOKEN} characters` };
}
