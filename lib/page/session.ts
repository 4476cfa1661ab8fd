import { createHash, createHmac } from 'node:crypto';
import { equalInConstantTime } from '../callback/verification.ts';

/** How long one stays signed in, in ms. */
const SESSION_MS = 12 * 60 * 60_000;

/** The prefix makes browsers refuse the cookie when it is not secure, or set for a path or another host. */
const COOKIE = '__Host-page';

/** Whether a text is the token. The time it takes tells nothing of either. */
export function isToken(text: string, token: string): boolean {
  return equalInConstantTime(hashOf(token), hashOf(text));
}

/**
 * The cookie of a session that begins now. It holds when the session ends and a proof that whoever set it knew the
 * token, which is not in it: a new token ends all sessions. `now` is Unix time in ms.
 */
export function sessionCookie(token: string, now: number): string {
  const end = String(now + SESSION_MS);
  return cookie(`${end}.${proofOf(end, token)}`, SESSION_MS / 1000);
}

/** The cookie that ends a session. */
export function endedSessionCookie(): string {
  return cookie('', 0);
}

/** Whether one of a request's cookies is that of a session that has not ended. `now` is Unix time in ms. */
export function hasSession(cookies: readonly string[], token: string, now: number): boolean {
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
