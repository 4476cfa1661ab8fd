import { describe, expect, test } from 'vitest';
import { answerPage, type PageServices } from '../../lib/page/page.ts';
import { readMarkup } from './html-grammar.ts';
import { failedFile, pageRequest, pageServices, readApi } from './page-samples.ts';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
const ITEM = { files: [failedFile()] };
const FORM = { id: 'id-of-lesson', by: 'Wei', why: 'a test', until: '' };

/** Sends the form, and what it became for the write API. */
async function send(
  fields: Record<string, string>,
  headers: Record<string, string> = SAME_ORIGIN,
  answer: { status: number; body: object } = { status: 200, body: {} },
) {
  const requests: unknown[] = [];
  const hide: PageServices['hide'] = async (action, body) => {
    requests.push([action, JSON.parse(body.toString())]);
    return answer;
  };
  const services = pageServices({ ask: readApi({ 'attention-item': ITEM }), hide });
  const body = Buffer.from(new URLSearchParams(fields).toString());
  const result = await answerPage(pageRequest('/page/hide', { method: 'POST', headers, body }), services);
  return { ...result, requests, lines: services.lines };
}

describe('the form that hides an attention item', () => {
  test('shows the item, and asks who, why and how long', async () => {
    const ask = readApi({ 'attention-item': ITEM });
    const services = pageServices({ ask });
    const { status, body } = await answerPage(
      pageRequest('/page/hide', { query: { id: 'id-of-lesson' } }),
      services,
    );
    expect(status).toBe(200);
    expect(body).toContain('lesson.mp4');
    const fields = readMarkup(body).attributes.filter(({ name }) => name === 'name');
    expect(fields.map(({ value }) => value)).toEqual(expect.arrayContaining(['id', 'by', 'why', 'until']));
    expect(body).not.toContain('http-equiv="refresh"');
    expect(ask.asked).toEqual([{ resource: 'attention-item', id: 'id-of-lesson', query: {} }]);
  });

  test('is reached from every attention item', async () => {
    const services = pageServices({ ask: readApi({ attention: ITEM }) });
    for (const path of ['/', '/page/attention'])
      expect((await answerPage(pageRequest(path), services)).body).toContain(
        'href="/page/hide?id=id-of-lesson"',
      );
  });

  test('says that there is no such item', async () => {
    const { status } = await answerPage(pageRequest('/page/hide', { query: { id: 'x' } }), pageServices());
    expect(status).toBe(404);
  });

  test('dismisses it, and leads back to what needs attention', async () => {
    const { status, headers, requests } = await send(FORM);
    expect([status, headers.location]).toEqual([303, '/page/attention']);
    expect(requests).toEqual([['dismiss', { id: 'id-of-lesson', by: 'Wei', why: 'a test' }]]);
  });

  test('snoozes it for the time that was chosen', async () => {
    const { requests } = await send({ ...FORM, until: '4h' });
    const until = '2026-03-01T16:00:00.000Z';
    expect(requests).toEqual([['snooze', { id: 'id-of-lesson', by: 'Wei', why: 'a test', until }]]);
  });

  test('keeps what was written when it is refused, and says why', async () => {
    const refused = {
      status: 400,
      body: { code: 400, reason: 'why must be a text of 1 to 1000 characters' },
    };
    const { status, body } = await send({ ...FORM, why: ' ' }, SAME_ORIGIN, refused);
    expect(status).toBe(400);
    expect(body).toContain('why must be a text of 1 to 1000 characters');
    expect(body).toContain('value="Wei"');
  });
});

describe('a form from elsewhere hides nothing', () => {
  const host = 'page.example.com';
  test.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', host }],
    ['another origin of the site', { 'sec-fetch-site': 'same-site', host }],
    ['a bookmark', { 'sec-fetch-site': 'none', host }],
    ['another origin, in an old browser', { origin: 'https://evil.example', host }],
    ['a page without an origin, in an old browser', { origin: 'null', host }],
    ['an address that only begins like this one', { origin: `https://${host}.evil.example`, host }],
    ['no browser', { host }],
    ['nothing at all', {}],
  ])('%s', async (_name, headers) => {
    const { status, requests, lines } = await send(FORM, headers);
    expect([status, requests]).toEqual([403, []]);
    expect(lines).toEqual([
      { level: 'warn', message: 'page', verdict: 'foreign_form', sourceIp: '192.0.2.1' },
    ]);
  });

  test('but one of this origin does, in an old browser too', async () => {
    expect((await send(FORM, { origin: `https://${host}`, host })).status).toBe(303);
  });
});

describe('behind a token', () => {
  const token = 'an-unguessable-token-of-32-chars';

  test('nobody hides anything without the session', async () => {
    const requests: unknown[] = [];
    const services = pageServices({
      token: async () => ({ ok: true, token }),
      hide: async (...request) => {
        requests.push(request);
        return { status: 200, body: {} };
      },
    });
    const body = Buffer.from(new URLSearchParams(FORM).toString());
    const post = { method: 'POST', headers: SAME_ORIGIN, body };
    const { status, body: answer } = await answerPage(pageRequest('/page/hide', post), services);
    expect([status, requests]).toEqual([401, []]);
    expect(answer).toContain('name="token"');
    const bearer = { ...post, headers: { ...SAME_ORIGIN, authorization: `Bearer ${token}` } };
    expect((await answerPage(pageRequest('/page/hide', bearer), services)).status).toBe(303);
  });
});

test('no other page takes a form', async () => {
  for (const path of ['/', '/page/tasks', '/page/none']) {
    const request = pageRequest(path, { method: 'POST', headers: SAME_ORIGIN });
    expect((await answerPage(request, pageServices())).status).toBe(404);
  }
});
