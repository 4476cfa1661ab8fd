import { describe, expect, test } from 'vitest';
import { answerPage } from '../../lib/page/page.ts';
import { readMarkup } from './html-grammar.ts';
import {
  type Answers,
  APP,
  endedTask,
  failedFile,
  NO_USAGE,
  pageRequest,
  pageServices,
  readApi,
  uploadedFile,
} from './page-samples.ts';

const OTHER = { vendor: 'zego', appId: '12345', lastReceivedAt: '2026-02-28T11:00:00.000Z' };

/** A page, and what the read API was asked for it. */
async function shown(path: string, query: Record<string, string> = {}, answers: Answers = {}) {
  const ask = readApi({ apps: { apps: [OTHER, APP] }, ...answers });
  const answer = await answerPage(pageRequest(path, { query }), pageServices({ ask }));
  const { values } = readMarkup(answer.body);
  const text = values.map((value) => value.trim()).join('\n');
  return {
    ...answer,
    values,
    text,
    asked: (resource: string) => ask.asked.filter((one) => one.resource === resource),
  };
}

describe.each(['tasks', 'files'] as const)('the page of %s', (list) => {
  const path = `/page/${list}`;

  test('shows those of the app that called last, the latest of all days', async () => {
    const { asked } = await shown(path);
    expect(asked(list)).toEqual([
      {
        resource: list,
        query: {
          vendor: 'rongcloud',
          appId: 'app',
          from: '1970-01-02',
          to: '2026-03-02T13:00:00.000Z',
          timeZone: 'UTC',
          limit: '50',
        },
      },
    ]);
  });

  test('asks for the chosen app, days of a time zone, status, kind and room', async () => {
    const { asked, text } = await shown(path, {
      app: 'zego/12345',
      from: '2026-02-27',
      through: '2026-02-28',
      timeZone: 'Asia/Shanghai',
      status: '',
      kind: 'recording',
      roomId: 'class',
    });
    expect(asked(list)[0]?.query).toEqual({
      ...{ vendor: 'zego', appId: '12345', from: '2026-02-27', to: '2026-03-01' },
      ...{ timeZone: 'Asia/Shanghai', kind: 'recording', roomId: 'class', limit: '50' },
    });
    expect(text).toContain('2026-02-27 to 2026-02-28, kind recording, roomId class, Asia/Shanghai');
  });

  test('goes on where it is asked to, and keeps what was chosen', async () => {
    const task = endedTask();
    const { body } = await shown(
      path,
      { kind: 'recording', from: '2026-02-28' },
      {
        tasks: { tasks: [task], next: 'c' },
        files: { files: [uploadedFile()], next: 'c' },
        task: { task, files: [] },
      },
    );
    const next = /rel="next" href="([^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const parameters = new URL(next, 'http://a').searchParams;
    expect(Object.fromEntries(parameters)).toEqual({
      app: 'rongcloud/app',
      timeZone: 'UTC',
      from: '2026-02-28',
      kind: 'recording',
      cursor: 'c',
    });
  });

  test.each([
    [{ timeZone: 'Mars/Base' }, 'timeZone must be'],
    [{ from: 'yesterday' }, 'from must be a date'],
    [{ through: '2026-13-01' }, 'through must be a date'],
    [{ from: '2026-03-02', through: '2026-03-01' }, 'from must not be later than through'],
  ])('refuses %j', async (query, reason) => {
    const { status, text } = await shown(path, query as Record<string, string>);
    expect(status).toBe(400);
    expect(text).toContain(reason);
  });

  test('says that no app has called', async () => {
    const { status, text } = await shown(path, {}, { apps: { apps: [] } });
    expect(status).toBe(200);
    expect(text).toContain('No app has sent callbacks yet.');
  });

  test('does not change while somebody reads it', async () => {
    expect((await shown(path)).body).not.toContain('data-refresh-seconds');
  });
});

describe('counts', () => {
  const files = [uploadedFile(), uploadedFile({ name: 'b.mp4' })];
  test.each([
    [{ files }, {}, '2 files'],
    [{ files, next: 'c' }, {}, '2 latest'],
    [{ files }, { cursor: 'c' }, '2 last'],
  ])('say what is shown: %j %j', async (answer, query, text) => {
    expect((await shown('/page/files', query as Record<string, string>, { files: answer })).text).toContain(
      text,
    );
  });
});

test('times are dates of the time zone, with the distance to now', async () => {
  const files = { files: [uploadedFile({ lastEventAt: '2026-03-01T10:00:00.000Z' })] };
  const { text } = await shown('/page/files', { timeZone: 'Asia/Shanghai' }, { files });
  expect(text).toContain('2026-03-01 18:00');
  expect(text).toContain('2026-03-01 18:00:00 UTC+8');
  expect(text).toContain('2 h ago');
});

test('the operator chooses the time zone that is shown unless a reader chooses another one', async () => {
  const files = { files: [uploadedFile({ lastEventAt: '2026-03-01T18:00:00.000Z' })] };
  const shownIn = async (timeZone: string, query: Record<string, string>) => {
    const services = pageServices({ ask: readApi({ apps: { apps: [APP] }, files }) });
    services.settings.timeZone = timeZone;
    return (await answerPage(pageRequest('/page/files', { query }), services)).body;
  };
  expect(await shownIn('Asia/Shanghai', {})).toContain('>2026-03-02 02:00<');
  expect(await shownIn('Asia/Shanghai', {})).toContain('>20:00:00 UTC+8<');
  expect(await shownIn('Asia/Shanghai', { timeZone: 'UTC' })).toContain('>2026-03-01 18:00<');
});

test('the way from a task or a room leads to the lists of its app', async () => {
  const asked = { vendor: 'zego', appId: '12345', id: 'class', timeZone: 'Asia/Shanghai' };
  const kept = '?app=zego%2F12345&timeZone=Asia%2FShanghai';
  for (const path of ['/page/task', '/page/room']) {
    const { values } = await shown(path, asked);
    for (const list of ['tasks', 'files', 'usage']) expect(values).toContain(`/page/${list}${kept}`);
  }
});

describe('recordings without a file', () => {
  const withoutFile = (query: Record<string, string> = {}) =>
    shown(
      '/page/tasks',
      { files: 'none', ...query },
      {
        'without-upload': { tasks: [endedTask({ taskId: 'failed' })], lookedAt: 4 },
        task: { task: endedTask(), files: [failedFile({ taskId: 'failed' })] },
      },
    );

  test('are listed with their files, and how many were looked at', async () => {
    const { text } = await withoutFile();
    expect(text).toContain('1 task of 4 recordings looked at');
    expect(text).toContain('1 upload failed');
  });

  test('are of yesterday and today unless other days are named', async () => {
    const days = async (query = {}) =>
      (await withoutFile(query)).asked('without-upload').map(({ query: { from, to } }) => [from, to]);
    expect(await days()).toEqual([['2026-02-28', '2026-03-02']]);
    expect(await days({ from: '2026-01-01', through: '2026-01-31' })).toEqual([['2026-01-01', '2026-02-01']]);
  });
});

describe('the page of usage', () => {
  const DAY = { ...NO_USAGE, day: '2026-03-01', files: 2, durationMs: 90 * 60_000, sizeBytes: 1_000_000 };

  test('sums up this month, of the time zone', async () => {
    const { asked, text } = await shown('/page/usage', {}, { usage: { days: [DAY], total: DAY } });
    expect(asked('usage')[0]?.query).toMatchObject({ from: '2026-03-01', to: '2026-03-02', timeZone: 'UTC' });
    expect(text).toContain('90 min (1 h 30 min)');
  });

  test('puts together what the read API answers in pages, and a day that is on two of them', async () => {
    const before = { ...DAY, day: '2026-02-28' };
    const pages: Record<string, object> = {
      '': { days: [DAY], total: DAY, next: '1' },
      1: { days: [DAY, before], total: DAY, next: '2' },
      2: { days: [], total: NO_USAGE },
    };
    const api = readApi({ apps: { apps: [APP] } });
    const ask = async (request: Parameters<typeof api>[0]) =>
      request.resource === 'usage'
        ? { status: 200, body: pages[request.query.cursor ?? ''] ?? {} }
        : api(request);
    const { body } = await answerPage(pageRequest('/page/usage'), pageServices({ ask }));
    const { values } = readMarkup(body);
    const text = values.map((value) => value.trim()).join('\n');
    expect(text).toContain('270 min (4 h 30 min)');
    expect(text).toMatch(/2026-03-01\n[^-]*\n180\n/);
    expect(text).not.toContain('more than fits');
  });
});

describe('the overview', () => {
  test('lists the latest tasks and files of all apps, and says how many', async () => {
    const tasks = ['2026-03-01T09:00:00.000Z', '2026-03-01T08:00:00.000Z'].map((startedAt) =>
      endedTask({ taskId: `lesson of ${startedAt.slice(11, 13)}`, startedAt }),
    );
    const task = { task: endedTask(), files: [uploadedFile()] };
    const { text, asked } = await shown(
      '/',
      {},
      { tasks: { tasks, next: 'c' }, files: { files: [uploadedFile()] }, task },
    );
    expect(asked('tasks').map(({ query }) => `${query.vendor} ${query.limit}`)).toEqual([
      'rongcloud 15',
      'zego 15',
    ]);
    expect(text).toContain('4 latest');
    expect(text).toContain('2 files');
    expect(text.indexOf('lesson of 09')).toBeLessThan(text.indexOf('lesson of 08'));
  });

  test('lists a room of pictures where its latest picture is among the tasks of other apps', async () => {
    const started = endedTask({ taskId: 'started', startedAt: '2026-03-01T09:00:00.000Z' });
    const { startedAt: _, endedAt: __, ...pictures } = endedTask({ taskId: 'pictures' });
    const api = readApi({ apps: { apps: [APP, OTHER] }, task: { task: started, files: [] } });
    const ask = async (request: Parameters<typeof api>[0]) => {
      const isOther = 'query' in request && request.query.vendor === OTHER.vendor;
      const picture = uploadedFile({ taskId: 'pictures', uploadedAt: '2026-03-01T08:00:00.000Z' });
      if (request.resource === 'tasks')
        return { status: 200, body: { tasks: [isOther ? pictures : started] } };
      if (request.resource === 'files') return { status: 200, body: { files: isOther ? [picture] : [] } };
      return api(request);
    };
    const { body } = await answerPage(pageRequest('/'), pageServices({ ask }));
    const section = body.slice(body.indexOf('id="tasks"'), body.indexOf('id="files"'));
    expect(section.indexOf('started')).toBeLessThan(section.indexOf('pictures'));
    expect(section).toContain('pictures');
  });

  test('shows what needs attention while the lists cannot be read', async () => {
    const api = readApi({ apps: { apps: [APP] }, attention: { files: [failedFile()] } });
    const ask = async (request: Parameters<typeof api>[0]) =>
      request.resource === 'tasks'
        ? { status: 503, body: { code: 503, reason: 'index_building' } }
        : api(request);
    const { status, body } = await answerPage(pageRequest('/'), pageServices({ ask }));
    expect(status).toBe(200);
    expect(body).toContain('lesson.mp4');
    expect(body).toContain('cannot be listed: index_building');
  });
});

describe('finding', () => {
  const find = (found: Answers, id = 'lesson') => shown('/page/find', { id }, found);
  const task = { task: endedTask(), files: [] };

  test('leads to the one task or room that has an id, whichever app it is of', async () => {
    const ask = readApi({ apps: { apps: [APP] }, task });
    const { status, headers } = await answerPage(
      pageRequest('/page/find', { query: { id: ' lesson ' } }),
      pageServices({ ask }),
    );
    expect([status, headers.location]).toEqual([303, '/page/task?vendor=rongcloud&appId=app&id=lesson']);
  });

  test('lets one choose among several', async () => {
    const { status, text } = await find({ task });
    expect(status).toBe(200);
    expect(text).toContain('task of rongcloud');
    expect(text).toContain('task of zego');
  });

  test('says that nothing has it, and what to write', async () => {
    const { status, text } = await find({});
    expect([status, text.includes('No task or room of the 2 apps has this id.')]).toEqual([404, true]);
    expect((await find({}, ' ')).status).toBe(400);
  });

  test.each(['/', '/page/tasks', '/page/task', '/page/none'])(
    'is possible on every page: %s',
    async (path) => {
      expect((await shown(path)).body).toMatch(/<header>.*action="\/page\/find".*<\/header>/s);
    },
  );
});
