import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pictureAddress, webAddress } from '../../lib/page/address.ts';
import { html } from '../../lib/page/html.ts';
import { answerPage } from '../../lib/page/page.ts';
import { randomRuns } from '../support/suite.ts';
import { readMarkup } from './html-grammar.ts';
import {
  appliedCallback,
  endedTask,
  event,
  failedFile,
  localCallbacks,
  NO_USAGE,
  openRoom,
  pageRequest,
  pageServices,
  readApi,
} from './page-samples.ts';

const PAYLOADS = [
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '<img src=x onerror=alert(1)>',
  '</title></textarea></pre><svg/onload=alert(1)>',
  '&lt;b&gt;&#x3C;',
  '<!--',
  '{{alert(1)}}`',
  'javascript:alert(1)',
  'https://example.com/"><script>.png',
  '\u202Egnp.exe',
  '..',
  '\0\r\n\t',
];

const RUNS = { numRuns: randomRuns(15) };

const hostileText = fc.oneof(
  fc.constantFrom(...PAYLOADS),
  fc
    .tuple(fc.string({ unit: 'binary' }), fc.constantFrom(...PAYLOADS), fc.string())
    .map((parts) => parts.join('')),
);

/** The elements and attributes that the page consists of. */
const TAGS =
  /^\/?(?:!doctype|a|bdi|body|button|caption|code|datalist|dd|details|div|dl|dt|form|h1|h2|h3|head|header|html|img|input|label|li|link|main|meta|nav|noscript|ol|option|p|pre|script|section|select|span|strong|summary|table|tbody|td|th|thead|time|title|tr)$/;
const ATTRIBUTES =
  /^(?:action|alt|aria-[a-z]+|autocapitalize|autocomplete|charset|class|content|data-key|data-offset-ms|data-refresh-seconds|data-title|data-version|datetime|decoding|defer|formaction|height|hidden|href|html|http-equiv|id|lang|list|loading|maxlength|method|name|placeholder|referrerpolicy|rel|required|role|scope|selected|spellcheck|src|tabindex|title|type|value|width)$/;

/** Every text that a callback can bring, as the page gets it. */
function hostilePages(text: string) {
  const ids = { appId: text, taskId: text };
  const file = failedFile({
    ...ids,
    name: text,
    url: text,
    code: text,
    message: text,
    userId: text,
    purgeAt: text,
    lastEventAt: text,
  });
  const task = endedTask({
    ...ids,
    roomId: text,
    sessionId: text,
    userId: text,
    extra: text,
    riskLevel: text,
    code: text,
    message: text,
    startedAt: text,
    config: { [text]: text },
  });
  const room = openRoom({ appId: text, roomId: text, sessionId: text, openedAt: text });
  const events = [
    event({ eventId: text, type: text, source: text, at: text, body: text }),
    event({ eventId: `2${text}`, body: { [text]: [text] } }),
  ];
  const callback = appliedCallback({
    ...ids,
    at: text,
    verdict: text,
    reason: text,
    roomId: text,
    type: text,
    messageId: text,
  });
  const item = {
    id: text,
    label: text,
    hidden: { by: text, why: text, at: text, reason: text, until: text },
  };
  const attention = {
    files: [{ ...file, ...item, reason: text }],
    tasks: [{ ...task, ...item, reason: text }],
    apps: [{ ...item, vendor: text, appId: text, reason: text, lastReceivedAt: text }],
    next: text,
  };
  const services = pageServices({
    ask: readApi({
      attention,
      'attention-item': attention,
      apps: {
        apps: [
          { vendor: text, appId: text, lastReceivedAt: text },
          { vendor: 'zego', appId: text },
        ],
      },
      tasks: { tasks: [task], next: text },
      files: { files: [file], next: text },
      usage: { days: [{ ...NO_USAGE, day: text }], total: NO_USAGE, next: text },
      task: { task, files: [file], events, next: text },
      room: { room, tasks: [task], files: [file], events, next: text },
    }),
    local: localCallbacks(callback, { ...callback, verdict: 'quarantined' }),
  });
  const own = { vendor: text, appId: text, id: text, app: `rongcloud/${text}`, callbacks: text };
  const filters = { roomId: text, userId: text, kind: text, hidden: 'true' };
  return PAGES.map((path) => answerPage(pageRequest(path, { query: { ...own, ...filters } }), services));
}

const PAGES = [
  ...['/', '/page/attention', '/page/hide', '/page/task', '/page/room', '/page/find'],
  ...['/page/tasks', '/page/files', '/page/usage'],
];

describe('what a callback brings', () => {
  test('is text wherever it is shown: no tag and no attribute comes of it', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        for (const { body } of await Promise.all(hostilePages(text))) {
          const { tags, attributes, values } = readMarkup(body);
          for (const tag of tags) expect(tag).toMatch(TAGS);
          for (const { name } of attributes) expect(name).toMatch(ATTRIBUTES);
          expect(values.some((value) => value.includes(text))).toBe(true);
          expect(tags.filter((tag) => tag === 'script')).toHaveLength(1);
        }
      }),
      RUNS,
    );
  });

  test('is never a link or a picture unless its URL is one of the web', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        for (const { body } of await Promise.all(hostilePages(text))) {
          const targets = readMarkup(body).attributes.filter(({ name }) =>
            ['href', 'src', 'action', 'formaction'].includes(name),
          );
          expect(targets.length).toBeGreaterThan(5);
          for (const { value } of targets) expect(value).toMatch(/^(?:\/(?!\/)|#|https?:\/\/)/);
        }
      }),
      RUNS,
    );
  });

  test('cannot pass itself off as HTML by the shape of its JSON', () => {
    const forged = { isEscaped: true, toString: 'x', callbacks: [] } as unknown as string;
    expect(readMarkup(html`<p>${forged}</p>`.toString()).tags).toEqual(['p', '/p']);
    expect(html`<p>${[forged, ['<b>']]}</p>`.toString()).toContain('&lt;b&gt;');
  });
});

describe('the address of a file', () => {
  test.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.com/1',
    'ftp://example.com/a.png',
    '//example.com/a.png',
    'https://user:password@example.com/a.png',
    'https://',
    '',
  ])('%j is no URL of the web', (url) => {
    expect(webAddress(url)).toBeUndefined();
    expect(pictureAddress({ name: 'a.png', url })).toBeUndefined();
  });

  test.each([
    'http://localhost:3000/a.png',
    'http://LOCALHOST./a.png',
    'http://x.localhost/a.png',
    'http://127.0.0.1/a.png',
    'http://127.9.9.9/a.png',
    'http://2130706433/a.png',
    'http://0x7f.1/a.png',
    'http://0/a.png',
    'http://[::1]/a.png',
    'http://[::]/a.png',
    'http://[::ffff:127.0.0.1]/a.png',
    'http://[::127.0.0.1]/a.png',
    'http://[::ffff:0.0.0.1]/a.png',
    'http://169.254.169.254/latest/meta-data/a.png',
    'http://[::ffff:169.254.169.254]/a.png',
    'http://[fe80::1]/a.png',
    'http://[febf::1]/a.png',
  ])('%s is no picture to load', (url) => {
    expect(pictureAddress({ name: 'a.png', url })).toBeUndefined();
  });

  test.each(['http://10.0.0.1/a.png', 'http://127.example.com/a.png', 'http://[2001:db8::1]/a.png'])(
    '%s is one',
    (url) => {
      expect(pictureAddress({ name: 'a.png', url })).toBe(url);
    },
  );

  test('a signed address stays as it is', () => {
    const url = 'https://storage.example.com/a/b%20c.mp4?X-Amz-Signature=ab%2Fcd&e=1';
    expect(webAddress(url)).toBe(url);
  });

  test('a picture is known by its address or its name', () => {
    const url = 'https://storage.example.com/1?sign=2';
    expect(pictureAddress({ name: 'a.mp4', url })).toBeUndefined();
    expect(pictureAddress({ name: 'a.JPG', url })).toBe(url);
    expect(pictureAddress({ name: '', url: 'http://example.com/a.webp' })).toBe('http://example.com/a.webp');
  });
});
