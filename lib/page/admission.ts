import { PATHS, parametersOf } from './address.ts';
import { html } from './html.ts';
import { document } from './layout.ts';
import { loginView } from './login.ts';
import { htmlAnswer, type PageAnswer, type PageRequest, redirectAnswer } from './page-answer.ts';
import type { PageServices } from './page-services.ts';
import { endedSessionCookie, hasSession, isToken, sessionCookie } from './session.ts';

/** Somebody who may read the page. */
export interface Admission {
  /** Whether by a cookie, which can be given back. */
  hasSession: boolean;
}

/** The pages that one can be led to after signing in: ours, and no address that begins like another site's. */
const OWN_PAGE = /^\/(?:page\/(?:task|room))?(?:\?.*)?$/;

/**
 * Lets in who knows the token: by the cookie that the form gives, or by `Authorization: Bearer`. Everybody else is
 * answered with the form. Where no token is asked for, something else keeps others out.
 */
export async function admit(
  request: PageRequest,
  services: PageServices,
): Promise<Admission | { answer: PageAnswer }> {
  const { token: readToken, log, now } = services;
  if (readToken === undefined) return { hasSession: false };
  const known = await readToken();
  if (!known.ok) {
    log('error', 'page', { path: request.path, reason: known.reason });
    return { answer: unavailable(services) };
  }
  if (request.method === 'POST') return { answer: answerForm(request, known.token, services) };
  if (hasSession(request.cookies, known.token, now())) return { hasSession: true };
  const [, bearer] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (bearer !== undefined && isToken(bearer, known.token)) return { hasSession: false };
  return { answer: loginAnswer(addressOf(request), undefined, services) };
}

function answerForm(request: PageRequest, token: string, services: PageServices): PageAnswer {
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

function addressOf({ path, query }: PageRequest): string {
  const parameters = parametersOf(query);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

function loginAnswer(to: string, problem: string | undefined, { settings, now }: PageServices): PageAnswer {
  const content = loginView(to, problem);
  const page = document({ title: 'Sign in · rtc-callbacks', stage: settings.stage, content, now: now() });
  return htmlAnswer(401, page, false);
}

function unavailable({ settings, now }: PageServices): PageAnswer {
  const content = html`<h1>Signing in is not possible</h1>
<p>The token cannot be read, or is too short. The log of this function says which.</p>`;
  const page = document({
    title: 'Not available · rtc-callbacks',
    stage: settings.stage,
    content,
    now: now(),
  });
  return htmlAnswer(503, page, false);
}
