import { describe, expect, test } from 'vitest';
import { parseToken } from '../../lib/page/admission.ts';
import { answerPage } from '../../lib/page/page.ts';
import type { PageRequest } from '../../lib/page/page-answer.ts';
import { NOW, pageRequest, pageServices } from './page-samples.ts';

const TOKEN = 'an-unguessable-token-of-32-chars';
const HOUR_MS = 60 * 60_000;

function guarded(token = TOKEN, now = NOW) {
  return pageServices({ token: async () => ({ ok: true, token }), now: () => now });
}

function form(fields: Record<string, string>, path = '/page/login'): PageRequest {
  return pageRequest(path, { method: 'POST', body: Buffer.from(new URLSearchParams(fields).toString()) });
}

async function signedIn(): Promise<string> {
  const { cookies = [] } = await answerPage(form({ token: TOKEN }), guarded());
  return cookies[0]?.split(';')[0] ?? '';
}

describe('without the token', () => {
  test.each(['/', '/page/task', '/page/room', '/page/unknown'])(
    '%s is a form that asks for it',
    async (path) => {
      const asked = { query: { id: 'lesson' } };
      const { status, body } = await answerPage(pageRequest(path, asked), guarded());
      expect(status).toBe(401);
      expect(body).toContain('name="token"');
      expect(body).not.toContain('data-refresh-seconds');
    },
  );

  test('the style sheet, the script and the icon are there', async () => {
    for (const path of ['/page/page.css', '/page/page.js', '/page/icon.svg']) {
      const { status, headers } = await answerPage(pageRequest(path), guarded());
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
  });

  test.each([
    ['another token', 'another-unguessable-token-of-it'],
    ['a part of it', TOKEN.slice(0, -1)],
    ['nothing', ''],
  ])('%s is refused, and logged without it', async (_name, token) => {
    const services = guarded();
    const { status, cookies, body } = await answerPage(form({ token, to: '/page/task?id=1' }), services);
    expect([status, cookies]).toEqual([401, undefined]);
    expect(body).toContain('value="/page/task?id=1"');
    expect(services.lines).toEqual([
      { level: 'warn', message: 'page', verdict: 'wrong_token', sourceIp: '192.0.2.1' },
    ]);
  });

  test.each([`Bearer ${TOKEN}x`, 'Bearer ', TOKEN, `Basic ${TOKEN}`])(
    '%j does not open it',
    async (value) => {
      const request = pageRequest('/', { headers: { authorization: value } });
      expect((await answerPage(request, guarded())).status).toBe(401);
    },
  );
});

describe('with the token', () => {
  test('the form leads to where one wanted to go, with a cookie that no script and no other site gets', async () => {
    const { status, headers, cookies } = await answerPage(
      form({ token: TOKEN, to: '/page/task?id=1' }),
      guarded(),
    );
    expect([status, headers.location]).toEqual([303, '/page/task?id=1']);
    expect(cookies?.[0]).toMatch(
      /^__Host-page=[^;]+; Path=\/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(cookies?.[0]).not.toContain(TOKEN);
  });

  test.each(['//example.com', 'https://example.com', '/\\example.com', '/page/login', '/tasks/a', '/\n/a'])(
    'the form leads to no other place: %j',
    async (to) => {
      const { headers } = await answerPage(form({ token: TOKEN, to }), guarded());
      expect(headers.location).toBe('/');
    },
  );

  test('its cookie opens the page, and signing out ends it', async () => {
    const cookie = await signedIn();
    const { status, body } = await answerPage(pageRequest('/', { cookies: ['a=b', cookie] }), guarded());
    expect(status).toBe(200);
    expect(body).toContain('action="/page/logout"');
    const { cookies } = await answerPage(form({}, '/page/logout'), guarded());
    expect(cookies?.[0]).toMatch(/^__Host-page=; Path=\/; Max-Age=0;/);
  });

  test('a bearer token opens the page', async () => {
    const request = pageRequest('/', { headers: { authorization: `Bearer ${TOKEN}` } });
    expect((await answerPage(request, guarded())).status).toBe(200);
  });

  test('a cookie is over after twelve hours, with another token, and when it was changed', async () => {
    const cookie = await signedIn();
    const statusOf = async (text: string, services = guarded()) =>
      (await answerPage(pageRequest('/', { cookies: [text] }), services)).status;
    expect(await statusOf(cookie, guarded(TOKEN, NOW + 12 * HOUR_MS - 1))).toBe(200);
    expect(await statusOf(cookie, guarded(TOKEN, NOW + 12 * HOUR_MS))).toBe(401);
    expect(await statusOf(cookie, guarded(`${TOKEN}-new`))).toBe(401);
    const [, end = '', proof = ''] = /=(\d+)\.(.+)$/.exec(cookie) ?? [];
    expect(await statusOf(`__Host-page=${Number(end) + 1}.${proof}`)).toBe(401);
    expect(await statusOf(`__Host-page=${end}.`)).toBe(401);
    expect(await statusOf('__Host-page=')).toBe(401);
  });
});

describe('a token that cannot be had', () => {
  const unreadable = { ok: false, reason: 'parameter /x: AccessDenied' } as const;

  test('opens nothing', async () => {
    const services = pageServices({ token: async () => unreadable });
    const requests = [
      pageRequest('/'),
      form({ token: '' }),
      pageRequest('/', { cookies: ['__Host-page=.'] }),
    ];
    for (const request of requests) expect((await answerPage(request, services)).status).toBe(503);
    expect(services.lines[0]).toMatchObject({ level: 'error', reason: unreadable.reason });
  });

  test('is one that is too short', () => {
    expect(parseToken(' short\n')).toEqual({
      ok: false,
      reason: 'the token has fewer than 24 characters',
    });
    expect(parseToken(`${TOKEN}\n`)).toEqual({ ok: true, token: TOKEN });
  });
});
