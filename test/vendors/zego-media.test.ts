import { describe, expect, test } from 'vitest';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { document } from '../support/document.ts';

/** Later than every time in the samples, Unix time in ms. */
const RECEIVED_AT = Date.UTC(2026, 0, 15, 12);

/** The vendor's samples, and some built from its tables. */
const PUBLISHED = {
  snapshot: document('zego-media/snapshot'),
  procedure: document('zego-media/procedure'),
  procedureWithResults: document('zego-media/procedureWithResults'),
  procedureFailed: document('zego-media/procedureFailed'),
  compose: document('zego-media/compose'),
  composeFailed: document('zego-media/composeFailed'),
  record: document('zego-media/record'),
  recordOfTencent: document('zego-media/recordOfTencent'),
};

type Body = Record<string, unknown>;

function parse(body: Body | string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return parseZego(Buffer.from(text), { appId: JSON.parse(text).appid ?? '1', receivedAt: RECEIVED_AT });
}

/** What a published sample says with other members. */
function parseChanged(sample: keyof typeof PUBLISHED, changes: Body) {
  return parse({ ...JSON.parse(PUBLISHED[sample]), ...changes });
}

function observationsOf(parsed: ReturnType<typeof parse>) {
  return parsed.ok ? parsed.observations : parsed.reason;
}

function event(type: string, kind: string, taskId: string) {
  return { type, kind, taskId, identity: expect.any(Object) };
}

function end(kind: string, taskId: string, at: number, outcome: object = { status: 'ended' }) {
  return {
    entity: 'task',
    taskId,
    facet: 'end',
    rank: 0,
    at,
    isSendingTime: true,
    value: { task: { kind }, ...outcome },
  };
}

/** The same of a sample whose time, of 1974, nobody can mean: the reception replaces it. */
function received<Observation extends object>({
  isSendingTime: _,
  ...observation
}: Observation & { isSendingTime: boolean }) {
  return { ...observation, at: RECEIVED_AT, isReplacedTime: true };
}

function uploaded(kind: string, taskId: string, name: string, at: number, details: object) {
  const value = { status: 'uploaded', task: { kind }, ...details };
  return { entity: 'file', taskId, name, facet: 'upload', rank: 1, at, isSendingTime: true, value };
}

/** The file of `procedureWithResults`. */
const PLAYLIST = uploaded('recording', 'task_1', 'http://example.com/playlist.m3u8', 1_690_000_000_000, {
  url: 'http://example.com/playlist.m3u8',
  sizeBytes: 6_833_612,
  durationMs: 170_612,
  resolution: '960x540',
});

test.each<[keyof typeof PUBLISHED, object, object[]]>([
  [
    'snapshot',
    event('snapshot', 'screenshot', '1253642700910365374'),
    [
      received(
        uploaded('screenshot', '1253642700910365374', 'http://abc.com/1.jpg', 0, {
          url: 'http://abc.com/1.jpg',
          endsTask: true,
        }),
      ),
    ],
  ],
  ['procedure', event('procedure', 'recording', 'xxxxx'), [received(end('recording', 'xxxxx', 0))]],
  [
    'procedureWithResults',
    event('procedure', 'recording', 'task_1'),
    [end('recording', 'task_1', 1_690_000_000_000), PLAYLIST],
  ],
  [
    'procedureFailed',
    event('procedure', 'recording', 'task_1'),
    [end('recording', 'task_1', 1_690_000_000_000, { status: 'failed', code: 'FAILED' })],
  ],
  [
    'compose',
    event('compose', 'recording', 'task_id'),
    [
      end('recording', 'task_id', 1_481_597_358_000, { status: 'ended', code: '0', message: 'message' }),
      uploaded('recording', 'task_id', 'replay_url', 1_481_597_358_000, {
        url: 'replay_url',
        vodFileId: '5285890813218549789',
      }),
    ],
  ],
  [
    'composeFailed',
    event('compose', 'recording', 'task_id'),
    [
      end('recording', 'task_id', 1_481_597_358_000, {
        status: 'failed',
        code: '60000',
        message: 'source file error',
      }),
    ],
  ],
  [
    'record',
    event('record', 'recording', 'aaaa/1481597358'),
    [
      uploaded('recording', 'aaaa/1481597358', 'replay_url', 1_481_597_358_000, {
        url: 'replay_url',
        beginsAt: '2016-12-13T02:49:18.000Z',
        endsAt: '2016-12-13T02:49:18.000Z',
      }),
    ],
  ],
  [
    'recordOfTencent',
    event('record', 'recording', 't1'),
    [
      uploaded('recording', 't1', 'https://example.com/rec/aaaa.mp4', 1_690_000_610_000, {
        url: 'https://example.com/rec/aaaa.mp4',
        vodFileId: '5285890813218549789',
        durationMs: 600_120,
        beginsAt: '2023-07-22T04:26:40.000Z',
        endsAt: '2023-07-22T04:36:40.000Z',
      }),
    ],
  ],
])('the sample %s', (sample, expectedEvent, observations) => {
  expect(parse(PUBLISHED[sample])).toEqual({ ok: true, event: expectedEvent, observations });
});

describe('snapshot', () => {
  test.each([
    [
      'an array',
      [{ url: 'http://abc.com/1.jpg' }, { url: 'http://abc.com/2.jpg', offset: 0.5 }],
      ['file', 'file'],
    ],
    ['no picture', [], ['task']],
    ['no picture, as text', '[]', ['task']],
  ])('a list that is %s', (_name, snapshot_pic_list, entities) => {
    const observations = observationsOf(parseChanged('snapshot', { snapshot_pic_list }));
    expect(observations).toMatchObject(entities.map((entity) => ({ entity })));
  });

  test.each([[''], ['{}'], [{}], [null], [undefined], [5], ['[{"url":""}]'], [[{}]], [[null]]])(
    'the list %j is unreadable',
    (snapshot_pic_list) => {
      const parsed = parseChanged('snapshot', { snapshot_pic_list });
      expect(parsed).toEqual({ ok: false, reason: 'unreadable_file_list' });
    },
  );
});

describe('procedure', () => {
  const result = {
    code: '0',
    replay_url: 'http://example.com/playlist.m3u8',
    size: '6833612',
    duration: '170.612',
    video: { width: '960', height: 540 },
  };
  const changed = (transcode: unknown, more: Body = {}) =>
    parseChanged('procedureWithResults', { extra_params: { media: { transcode } }, ...more });

  test.each([0, '0', '00', undefined, null, ''])('a result whose code is %j is a file', (code) => {
    const parsed = changed([{ ...result, code }]);
    expect(observationsOf(parsed)).toEqual([end('recording', 'task_1', 1_690_000_000_000), PLAYLIST]);
  });

  test('a result that failed is no file and fails the task; the others are files', () => {
    const failed = { code: '70000', message: 'internal error', replay_url: '' };
    const outcome = { status: 'failed', code: '70000', message: 'internal error' };
    expect(observationsOf(changed([result, failed, { code: 5 }]))).toEqual([
      end('recording', 'task_1', 1_690_000_000_000, outcome),
      PLAYLIST,
    ]);
  });

  test.each([
    '',
    null,
    undefined,
    '""',
    '{}',
    {},
    { media: null },
    { media: {} },
    { media: { transcode: '' } },
  ])('no results are known in %j', (extra_params) => {
    const parsed = parseChanged('procedureWithResults', { extra_params });
    expect(observationsOf(parsed)).toEqual([end('recording', 'task_1', 1_690_000_000_000)]);
  });

  test.each([['{'], ['text'], [[]], [7], [{ media: 'text' }], [{ media: { transcode: {} } }]])(
    'results in %j are unreadable',
    (extra_params) => {
      expect(observationsOf(parseChanged('procedure', { extra_params }))).toBe('unreadable_file_list');
    },
  );

  test('a good result without a URL is no file', () => {
    expect(observationsOf(changed([{ ...result, replay_url: '' }]))).toBe('missing_file_name');
  });

  test('sound has no resolution', () => {
    const [, file] = observationsOf(changed([{ ...result, video: { width: 0, height: 0 } }]));
    expect(file).toMatchObject({ value: { resolution: undefined, durationMs: 170_612 } });
  });
});

describe('compose', () => {
  test.each([0, '0', '', null, undefined])('code %j is success', (code) => {
    expect(observationsOf(parseChanged('compose', { code }))).toHaveLength(2);
  });

  test('a file without a URL is named by its id', () => {
    const [, file] = observationsOf(parseChanged('compose', { replay_url: '' }));
    expect(file).toMatchObject({ name: '5285890813218549789', value: { url: undefined } });
  });

  test('a good merge may name no file', () => {
    const [task, ...files] = observationsOf(parseChanged('compose', { replay_url: '', file_id: '' }));
    expect([task, files]).toMatchObject([{ value: { status: 'ended' } }, []]);
  });

  test('a failed merge has no file, whatever its URL', () => {
    const parsed = parseChanged('compose', { code: 40_000 });
    expect(observationsOf(parsed)).toMatchObject([{ value: { status: 'failed', code: 40_000 } }]);
  });
});

describe('record', () => {
  const fileOf = (changes: Body) => {
    const parsed = parseChanged('record', changes);
    return parsed.ok ? parsed.observations[0] : parsed.reason;
  };

  test('the formats of one recording are files of one task', () => {
    const urls = ['https://example.com/a.mp4', 'https://example.com/a.flv'];
    const files = urls.map((replay_url) => fileOf({ replay_url }));
    expect(files).toMatchObject(urls.map((name) => ({ taskId: 'aaaa/1481597358', name })));
  });

  test.each<[Body, string | object]>([
    [{ extra_params: { TaskId: 't1' } }, { taskId: 't1' }],
    [{ extra_params: '{"TaskId":9007199254740993}' }, { taskId: '9007199254740993' }],
    [{ begin_time: 1_481_597_358 }, { taskId: 'aaaa/1481597358' }],
    [{ begin_time: '' }, { taskId: 'aaaa', value: { beginsAt: undefined, durationMs: undefined } }],
    [{ stream_alias: '' }, 'missing_task_id'],
    [{ replay_url: null }, 'missing_file_name'],
  ])('ids: %j', (changes, expected) => {
    if (typeof expected === 'string') expect(fileOf(changes)).toBe(expected);
    else expect(fileOf(changes)).toMatchObject(expected);
  });

  test.each<[Body, object]>([
    [
      { begin_time: '1690000000', end_time: '1690000600' },
      { beginsAt: '2023-07-22T04:26:40.000Z', endsAt: '2023-07-22T04:36:40.000Z', durationMs: 600_000 },
    ],
    [
      { begin_time: 1_690_000_000_250, end_time: '1690000600500' },
      { beginsAt: '2023-07-22T04:26:40.250Z', endsAt: '2023-07-22T04:36:40.500Z', durationMs: 600_250 },
    ],
    [
      { begin_time: '1690000600', end_time: '1690000000' },
      { beginsAt: '2023-07-22T04:36:40.000Z', endsAt: '2023-07-22T04:26:40.000Z', durationMs: undefined },
    ],
    [
      { begin_time: 'soon', end_time: '0' },
      { beginsAt: undefined, endsAt: undefined, durationMs: undefined },
    ],
    [
      { extra_params: '{"Duration":"12.5","ObsObject":"obs/a.flv","FileSize":4294967295}' },
      { durationMs: 12_500, sizeBytes: 4_294_967_295 },
    ],
    [{ extra_params: { Duration: 1e306 } }, { durationMs: undefined }],
  ])('details: %j', (changes, value) => {
    expect(fileOf(changes)).toMatchObject({ value });
  });
});

test.each(['snapshot', 'procedure', 'compose'] as const)('%s has to name its task', (sample) => {
  expect(observationsOf(parseChanged(sample, { task_id: '' }))).toBe('missing_task_id');
});
