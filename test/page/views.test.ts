import { describe, expect, test } from 'vitest';
import { answerPage } from '../../lib/page/page.ts';
import { durationText, relativeText, shortened, sizeText } from '../../lib/page/text.ts';
import { readMarkup } from './html-grammar.ts';
import {
  appliedCallback,
  endedTask,
  event,
  failedFile,
  localCallbacks,
  NOW,
  openRoom,
  pageRequest,
  pageServices,
  readApi,
  uploadedFile,
} from './page-samples.ts';

const HOUR_MS = 60 * 60_000;

/** The text of a page, one line for each piece. */
function textOf(body: string): string {
  return readMarkup(body)
    .values.map((value) => value.trim())
    .filter((value) => value !== '')
    .join('\n');
}

async function overviewText(attention: object, path = '/'): Promise<string> {
  const services = pageServices({ ask: readApi({ attention }) });
  return textOf((await answerPage(pageRequest(path), services)).body);
}

describe('what needs attention', () => {
  test('is counted, and shown with the time left', async () => {
    const files = [failedFile(), failedFile({ name: 'no-deadline.mp4', purgeAt: undefined })];
    const text = await overviewText({ files });
    expect(text).toContain('2 files need attention');
    expect(text).toContain('22 h');
    expect(text).toContain('2026-03-02 10:00:00 UTC');
    expect(text).toContain('not stated');
  });

  test('is shown when the time is over', async () => {
    const files = [failedFile({ status: 'lost', purgeAt: new Date(NOW - HOUR_MS).toISOString() })];
    expect(await overviewText({ files })).toContain('over for 1 h');
  });

  test('are tasks and apps too, each with its reason', async () => {
    const tasks = [
      { ...endedTask(), id: 'of-task', reason: 'task_silent', since: '2026-03-01T09:00:00.000Z' },
    ];
    const apps = [
      {
        id: 'of-app',
        vendor: 'zego',
        appId: '1',
        reason: 'app_silent',
        lastReceivedAt: '2026-02-28T06:00:00.000Z',
      },
    ];
    const text = await overviewText({ files: [failedFile({ reason: 'purge_near' })], tasks, apps });
    expect(text).toContain('1 file, 1 task, 1 app need attention');
    for (const part of ['Upload failed, deleted soon', 'Task silent', '3 h ago', 'App silent', '30 h ago'])
      expect(text).toContain(part);
  });

  test('is grouped by reason, what can still be saved first and lost files last, each with advice', async () => {
    const reasons = ['lost', 'upload_failed', 'purge_near', 'not_in_storage'] as const;
    const files = reasons.map((reason) => failedFile({ reason, name: `${reason}.mp4` }));
    const text = await overviewText({ files });
    const places = ['purge_near', 'upload_failed', 'not_in_storage', 'lost'].map((reason) =>
      text.indexOf(`${reason}.mp4`),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).toMatch(/Lost\n.*1\n.*has deleted it\. Nothing can be saved any more\./s);
  });

  test('is shown in part on the overview, and as a whole on its own page', async () => {
    const files = Array.from({ length: 8 }, (_, index) => failedFile({ name: `${index}.mp4` }));
    const overview = await overviewText({ files });
    expect(overview).toContain('4.mp4');
    expect(overview).not.toContain('5.mp4');
    expect(overview).toContain('3 more of this reason');
    expect(await overviewText({ files }, '/page/attention')).toContain('7.mp4');
  });

  test('says since when an upload is missing', async () => {
    const since = '2026-03-01T08:00:00.000Z';
    const missing = { status: 'closed', reason: 'upload_missing', since } as const;
    const { code: _, message: __, failedAt: ___, purgeAt: ____, ...silent } = failedFile();
    const text = await overviewText({
      files: [failedFile(), { ...silent, ...missing, name: 'gone.mp4' }],
    });
    expect(text).toMatch(/Upload not reported.*gone\.mp4.*closed.*2026-03-01 08:00.*4 h ago/s);
  });

  test('is nothing when all is well, and at least a page when there is more', async () => {
    expect(await overviewText({ files: [] })).toContain('Nothing needs attention');
    const text = await overviewText({ files: [failedFile()], next: 'more' });
    expect(text).toContain('At least 1 file needs attention');
    expect(text).toContain('/page/attention?cursor=more');
  });
});

describe('the last callbacks', () => {
  const listed = (values: object, query = {}) =>
    answerPage(
      pageRequest('/', { query }),
      pageServices({
        local: localCallbacks(appliedCallback(values), appliedCallback({ messageId: 'other' })),
      }),
    ).then(({ body }) => textOf(body));

  test.each([
    [{ verdict: 'applied' }, ['verified, applied', 'file upload (4)']],
    [{ verdict: 'applied', source: 'tencent', type: '3/311' }, ['file upload (311)']],
    [{ verdict: 'applied', source: 'zego', type: 'stream_create' }, ['stream create']],
    [{ verdict: 'duplicate' }, ['verified, duplicate']],
    [{ verdict: 'accepted' }, ['verified, waiting']],
    [{ verdict: 'quarantined', reason: 'stale' }, ['quarantined', 'stale', 'a wrong clock', 'm1']],
    [{ verdict: 'quarantined', reason: 'of_tomorrow' }, ['quarantined', 'of_tomorrow']],
    [
      { verdict: 'refused', status: 401, reason: 'wrong_signature' },
      ['refused (401)', 'signed with another secret'],
    ],
    [{ verdict: 'unavailable', status: 503, reason: 'stores_unavailable' }, ['not stored (503)']],
    [{ verdict: 'retrying', reason: 'TimeoutError' }, ['failed, tried again', 'TimeoutError']],
    [{ verdict: 'applied', spilled: true }, ['spilled']],
    [{ verdict: 'applied', replayed: true }, ['verified, applied', 'after a replay']],
    [{ verdict: 'removed', reason: 'stale' }, ['removed by hand', 'stale']],
  ])('are shown with their verdict: %j', async (values, texts) => {
    const text = await listed(values);
    for (const expected of texts) expect(text).toContain(expected);
  });

  test('can be narrowed to those that were not applied', async () => {
    const problem = { verdict: 'refused', status: 401, reason: 'unknown_app', messageId: 'm9' };
    expect(await listed(problem, { callbacks: 'problems' })).not.toContain('verified, applied');
    expect(await listed({}, { callbacks: 'problems' })).toContain(
      'Every callback that is remembered was applied.',
    );
  });

  test('whose ids the log cut lead nowhere', async () => {
    const text = await listed({ taskId: `${'a'.repeat(256)}…`, roomId: undefined });
    expect(text).not.toMatch(/id=aaaa/);
  });

  test('are not listed where nobody keeps them, and the page says so', async () => {
    const text = await overviewText({ files: [] });
    expect(text).toContain('What became of each callback is in the log lines of the functions.');
    expect(text).not.toContain('Last callbacks');
  });
});

describe('a task', () => {
  const answer = {
    task: endedTask({ code: 200, message: 'Success', config: { resolution: '720p' } }),
    files: [
      failedFile({ sizeBytes: 88_000_000, durationMs: 2_700_000 }),
      failedFile({ name: 'done.png', status: 'uploaded', url: 'https://storage.example.com/done.png' }),
    ],
    events: [
      event(),
      event({ eventId: '2#b', at: undefined, body: 'x'.repeat(6_000), bodyBytes: 6_000 }),
      event({ eventId: '3#c', receivedAt: '2026-03-01T11:00:00.000Z', body: undefined, bodyBytes: 400_000 }),
    ],
  };

  async function taskPage(settings = {}) {
    const services = pageServices({ ask: readApi({ task: answer }) });
    Object.assign(services.settings, settings);
    const query = { vendor: 'rongcloud', appId: 'app', id: 'lesson' };
    return answerPage(pageRequest('/page/task', { query }), services);
  }

  test('is shown with its files and its timeline', async () => {
    const text = textOf((await taskPage()).body);
    for (const expected of ['45 min', 'Success', '(200)', '88.0 MB', '2026-03-01 10:00:00 UTC', '720p']) {
      expect(text).toContain(expected);
    }
    for (const expected of [
      'the vendor gives no time',
      'received 1 h later',
      'too large to be kept or shown',
      'in part',
    ]) {
      expect(text).toContain(expected);
    }
  });

  test('shows pictures only where that is chosen', async () => {
    const chosen = await taskPage();
    expect(chosen.body).toContain('<img src="https://storage.example.com/done.png" alt="" loading="lazy"');
    expect(chosen.headers['content-security-policy']).toContain("img-src 'self' https: http:;");
    const without = await taskPage({ thumbnails: false });
    expect(without.body).not.toContain('<img');
    expect(without.headers['content-security-policy']).toContain("img-src 'self';");
  });

  test('is asked of the read API, with its events', async () => {
    const asked: unknown[] = [];
    const services = pageServices({
      ask: async (request) => {
        asked.push(request);
        return { status: 404, body: { code: 404, reason: 'no callback of this task has been applied' } };
      },
    });
    const query = { vendor: 'zego', appId: '1', id: 'a/../b', cursor: 'c' };
    const { status, body } = await answerPage(pageRequest('/page/task', { query }), services);
    expect(asked).toEqual([
      { resource: 'task', vendor: 'zego', appId: '1', id: 'a/../b', query: { events: 'true', cursor: 'c' } },
    ]);
    expect(status).toBe(404);
    expect(textOf(body)).toContain('no callback of this task has been applied');
    expect(body).toContain('value="a/../b"');
  });
});

describe('a room', () => {
  test('is shown with the files of all its tasks, its tasks and what there is of each', async () => {
    const files = [uploadedFile(), uploadedFile({ taskId: 'other', name: 'other.mp4' })];
    const room = { room: openRoom(), tasks: [endedTask()], files, events: [], next: 'more' };
    const services = pageServices({ ask: readApi({ room }) });
    const query = { vendor: 'rongcloud', appId: 'app', id: 'class' };
    const text = textOf((await answerPage(pageRequest('/page/room', { query }), services)).body);
    const all = [
      'Room',
      'open',
      'lesson',
      'other.mp4',
      '2 files',
      '1 uploaded',
      'No event of it is kept',
      'Next page',
    ];
    for (const expected of all) expect(text).toContain(expected);
    expect(text).toContain('/page/room?vendor=rongcloud&appId=app&id=class&cursor=more');
  });
});

describe('the last task of a page of a room', () => {
  const tasks = [endedTask({ taskId: 'first' }), endedTask({ taskId: 'second' })];
  const files = [uploadedFile({ taskId: 'first' }), uploadedFile({ taskId: 'second' })];
  const counts = async (next: string | undefined) => {
    const room = { room: openRoom(), tasks, files, events: [], next };
    const query = { vendor: 'rongcloud', appId: 'app', id: 'class' };
    const services = pageServices({ ask: readApi({ room }) });
    const text = textOf((await answerPage(pageRequest('/page/room', { query }), services)).body);
    return text.match(/(?:at least 1 file: )?1 uploaded/g);
  };

  test('may have more files than the page', async () => {
    expect(await counts('more')).toEqual(['1 uploaded', 'at least 1 file: 1 uploaded']);
    expect(await counts(undefined)).toEqual(['1 uploaded', '1 uploaded']);
  });
});

describe('every answer', () => {
  test('forbids what a page does not need', async () => {
    for (const path of ['/', '/page/task', '/page/none', '/page/page.js']) {
      const { headers } = await answerPage(pageRequest(path), pageServices());
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src [^;]+; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        ),
      });
    }
  });

  test('says when the ledger cannot be read', async () => {
    const services = pageServices({
      ask: async () => {
        throw new Error('throttled');
      },
    });
    const { status, body } = await answerPage(pageRequest('/'), services);
    expect(status).toBe(503);
    expect(textOf(body)).toContain('The ledger cannot be read');
    expect(body).not.toContain('throttled');
    expect(services.lines).toEqual([
      { level: 'error', message: 'page', path: '/', reason: 'Error: throttled' },
    ]);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [999_960, '1.0 MB'],
  [48_000_000, '48.0 MB'],
  [5e15, '5000.0 TB'],
])('a size of %d is %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));

test.each([
  [0, '0 ms'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [67_500_000, '18 h 45 min'],
  [49 * HOUR_MS, '2 d 1 h'],
])('a duration of %d is %s', (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [0, 'now'],
  [5_000, '5 s ago'],
  [-5_000, 'now'],
  [-31_000, 'in 31 s'],
  [3 * HOUR_MS, '3 h ago'],
  [47 * HOUR_MS, '47 h ago'],
  [72 * HOUR_MS, '3 d ago'],
])('%d ms before now is %s', (ms, text) => expect(relativeText(NOW - ms, NOW)).toBe(text));

test('a long name loses its middle, and no half of a character is left', () => {
  const name = `${'😀'.repeat(50)}${'b'.repeat(50)}`;
  expect(shortened(name)).toBe(`${'😀'.repeat(36)}…${'b'.repeat(36)}`);
  expect(shortened('a'.repeat(72))).toBe('a'.repeat(72));
});

test.each([' ', '\u200b\u202e', '\n'])('an invisible name is made visible: %j', async (name) => {
  expect(await overviewText({ files: [failedFile({ name, taskId: name })] })).toContain('blank: "');
});
