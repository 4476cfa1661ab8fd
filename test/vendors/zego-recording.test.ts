import { describe, expect, test } from 'vitest';
import { contentHash } from '../../lib/ledger/order.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { document } from '../support/document.ts';

/** Soon after the times in the samples, Unix time in ms. */
const RECEIVED_AT = Date.UTC(2023, 6, 23);

/** The vendor's sample, and one of each other form built from its tables. */
const DOCUMENTS = {
  uploaded: document('zego-recording/uploaded'),
  partly: document('zego-recording/partly'),
  nothing: document('zego-recording/nothing'),
  quit: document('zego-recording/quit'),
  image: document('zego-recording/image'),
  noStream: document('zego-recording/noStream'),
  ended: document('zego-recording/ended'),
  missing: document('zego-recording/missing'),
  stopped: document('zego-recording/stopped'),
  playlist: document('zego-recording/playlist'),
  paused: document('zego-recording/paused'),
  resumed: document('zego-recording/resumed'),
};

type Name = keyof typeof DOCUMENTS;

function parse(document: string) {
  return parseZego(Buffer.from(document), { appId: '1234567890', receivedAt: RECEIVED_AT });
}

function parseChanged(name: Name, changes: object) {
  return parse(JSON.stringify({ ...JSON.parse(DOCUMENTS[name]), ...changes }));
}

function observationsOf(parsed: ReturnType<typeof parse>) {
  return parsed.ok ? parsed.observations : parsed.reason;
}

const TASK = { kind: 'recording', roomId: 'r1' };

function event(type: string, task: number) {
  return { type, taskId: `TASK00000000000${task}`, roomId: 'r1', kind: 'recording' };
}

function end(task: number, at: number, outcome: object, rank = 0) {
  const value = { task: TASK, ...outcome };
  return {
    entity: 'task',
    taskId: `TASK00000000000${task}`,
    facet: 'end',
    rank,
    at,
    isSendingTime: true,
    value,
  };
}

test.each<[Name, object, object[]]>([
  [
    'uploaded',
    {
      type: 'recording 1',
      taskId: 'YZ4joOE4IwmFAAAT',
      roomId: '6677',
      kind: 'recording',
    },
    [
      {
        entity: 'file',
        taskId: 'YZ4joOE4IwmFAAAT',
        name: 'YZ4joOE4IwmFAAAT_6677_800221_800221_VA_20211124113602084.mp4',
        facet: 'upload',
        isSendingTime: true,
        rank: 1,
        at: 1_637_753_949_000,
        value: {
          status: 'uploaded',
          task: { kind: 'recording', roomId: '6677' },
          url: 'file_url',
          sizeBytes: 25_349_026,
          durationMs: 170_039,
          resolution: '1280x720',
          userId: '800221',
          trackType: 'audio_video',
          beginsAt: '2021-11-24T11:36:02.084Z',
        },
      },
    ],
  ],
  [
    'partly',
    event('recording 1', 1),
    [
      {
        entity: 'file',
        taskId: 'TASK000000000001',
        name: 'TASK000000000001_r1_u1_s1_VA_20230722042641000.mp4',
        facet: 'upload',
        isSendingTime: true,
        rank: 1,
        at: 1_690_000_100_000,
        value: {
          status: 'uploaded',
          task: TASK,
          url: 'https://example.com/1.mp4',
          sizeBytes: 1_000_000,
          durationMs: 60_000,
          resolution: '1280x720',
          userId: 'u1',
          trackType: 'audio_video',
          beginsAt: '2023-07-22T04:26:41.000Z',
        },
      },
      {
        entity: 'file',
        taskId: 'TASK000000000001',
        name: 'TASK000000000001_r1_u2_s2_VA_20230722042641000.mp4',
        facet: 'upload',
        isSendingTime: true,
        rank: 0,
        at: 1_690_000_100_000,
        value: {
          status: 'upload_failed',
          task: TASK,
          code: 4,
          message: 'only in the backup storage of ZEGOCLOUD, for 3 days',
          url: 'https://backup.example.com/2.mp4',
          sizeBytes: 1_000_000,
          durationMs: 60_000,
          resolution: '1280x720',
          userId: 'u2',
          trackType: 'audio_video',
          beginsAt: '2023-07-22T04:26:41.000Z',
        },
        retentionMs: 259_200_000,
      },
    ],
  ],
  [
    'nothing',
    event('recording 1', 2),
    [
      {
        entity: 'task',
        taskId: 'TASK000000000002',
        facet: 'upload',
        isSendingTime: true,
        rank: 1,
        at: 1_690_000_100_000,
        value: { status: 'uploaded', suffixes: [], task: TASK },
      },
    ],
  ],
  [
    'quit',
    event('recording 2', 2),
    [
      end(
        2,
        1_690_000_090_000,
        { status: 'ended', code: 3, message: 'idle for longer than MaxIdleTime', filesFollow: true },
        1,
      ),
    ],
  ],
  ['image', event('recording 3', 1), []],
  ['noStream', event('recording 4', 1), []],
  ['ended', event('recording 5', 1), [end(1, 1_690_000_080_000, { status: 'ended', filesFollow: true })]],
  ['missing', event('recording 6', 3), []],
  ['stopped', event('recording 7', 1), [end(1, 1_690_000_085_000, { status: 'ended', filesFollow: true })]],
  [
    'playlist',
    event('recording 102', 4),
    [
      {
        entity: 'file',
        taskId: 'TASK000000000004',
        name: 'TASK000000000004_r1_u1_s1_VA_20230722042641000.m3u8',
        facet: 'start',
        isSendingTime: true,
        rank: 0,
        at: 1_690_000_010_000,
        value: {
          status: 'recording',
          task: TASK,
          url: 'https://example.com/1.m3u8',
          trackType: 'audio_video',
        },
      },
    ],
  ],
  ['paused', event('recording 201', 4), []],
  ['resumed', event('recording 202', 4), []],
])('%s', (name, expectedEvent, observations) => {
  const parsed = parse(DOCUMENTS[name]);
  expect(parsed).toEqual({
    ok: true,
    event: { ...expectedEvent, identity: expect.any(Object) },
    observations,
  });
});

describe('files', () => {
  const FILE = JSON.parse(DOCUMENTS.uploaded).detail.file_info[0];
  const parseFile = (changes: object) =>
    parseChanged('uploaded', { detail: { file_info: [{ ...FILE, ...changes }] } });

  test.each<[unknown, object]>([
    [3, { rank: 1, value: { status: 'uploaded' } }],
    ['3', { rank: 1, value: { status: 'uploaded' } }],
    [4, { rank: 0, retentionMs: 259_200_000, value: { status: 'upload_failed', code: 4 } }],
    ['4', { rank: 0, retentionMs: 259_200_000, value: { status: 'upload_failed', code: '4' } }],
    [5, { rank: 0, retentionMs: undefined, value: { status: 'upload_failed', code: 5 } }],
  ])('the status %j', (status, expected) => {
    expect(observationsOf(parseFile({ status }))).toMatchObject([expected]);
  });

  test('that is still recorded has begun, whatever came of it later', () => {
    expect(observationsOf(parseFile({ status: 1 }))).toMatchObject([
      { entity: 'file', name: FILE.file_id, facet: 'start', value: { status: 'recording' } },
    ]);
  });

  test.each([2, 6, null, '', 'text', {}])(
    'with the unknown status %j exists, and its upload is not over',
    (status) => {
      expect(observationsOf(parseFile({ status }))).toMatchObject([
        { entity: 'file', name: FILE.file_id, facet: 'segment', value: { status: 'closed' } },
      ]);
    },
  );

  test('without a name is named by its URL; a failure without either is one of the task', () => {
    const url = 'https://example.com/1.mp4';
    expect(observationsOf(parseFile({ file_id: '', file_url: url }))).toMatchObject([
      { entity: 'file', name: url },
    ]);
    const nameless = { file_id: '', file_url: '', video_id: '' };
    expect(observationsOf(parseFile({ ...nameless, status: 4 }))).toMatchObject([
      {
        entity: 'task',
        facet: 'upload',
        rank: 0,
        retentionMs: 259_200_000,
        value: { status: 'upload_failed', code: 4 },
      },
    ]);
    expect(parseFile({ ...nameless, status: 3 })).toEqual({ ok: false, reason: 'missing_file_name' });
  });

  test.each<[object, object]>([
    [{ media_track_type: 1, resolution_width: 0, resolution_height: 0 }, { trackType: 'audio' }],
    [{ media_track_type: '2' }, { trackType: 'video', resolution: '1280x720' }],
    [{ media_track_type: 9 }, { trackType: undefined }],
    [{ video_id: '5285890813218549789' }, { vodFileId: '5285890813218549789' }],
    [
      { file_size: '25349026', duration: '170039' },
      { sizeBytes: 25_349_026, durationMs: 170_039 },
    ],
    [
      { file_size: null, duration: '' },
      { sizeBytes: undefined, durationMs: undefined },
    ],
    [{ resolution_width: null }, { resolution: undefined }],
    [{ begin_timestamp: '1637753762084' }, { beginsAt: '2021-11-24T11:36:02.084Z' }],
    [{ begin_timestamp: 0 }, { beginsAt: undefined }],
    [{ begin_timestamp: 1e300 }, { beginsAt: undefined }],
    [{ file_url: '' }, { url: undefined }],
    [{ user_id: 800_221 }, { userId: '800221' }],
  ])('details: %j', (changes, value) => {
    expect(observationsOf(parseFile(changes))).toMatchObject([{ value }]);
  });

  test('the track of sound alone has no resolution', () => {
    const parsed = parseFile({ resolution_width: 0, resolution_height: 0 });
    expect(observationsOf(parsed)).toMatchObject([{ value: { resolution: undefined } }]);
  });

  test('a picture does not say what its task is, because it may be of a running recording', () => {
    expect(parseFile({ output_file_format: 'jpg' })).toMatchObject({
      event: { kind: undefined },
      observations: [{ value: { kind: 'screenshot', task: { kind: undefined, roomId: '6677' } } }],
    });
  });

  test.each([[null], [''], [undefined], [[]], ['[]']])(
    'the list %j says that nothing was recorded',
    (file_info) => {
      const parsed = parseChanged('uploaded', { detail: { file_info, upload_status: 1 } });
      const nothingLeft = { entity: 'task', facet: 'upload', rank: 1, value: { status: 'uploaded' } };
      expect(parsed).toMatchObject({ ok: true, observations: [nothingLeft] });
    },
  );

  test.each([{}, 'text', 7, true, '{}'])('the list %j is unreadable', (file_info) => {
    const parsed = parseChanged('uploaded', { detail: { file_info } });
    expect(parsed).toEqual({ ok: false, reason: 'unreadable_file_list' });
  });

  test.each([['text'], [7], [[]]])('the detail %j is unreadable', (detail) => {
    const parsed = parseChanged('uploaded', { detail });
    expect(parsed).toEqual({ ok: false, reason: 'unreadable_file_list' });
  });

  test.each([[null], [7], [[]], [{}], [{ file_id: '' }], [{ file_id: {} }]])(
    'the entry %j has no name',
    (entry) => {
      const parsed = parseChanged('uploaded', { detail: { file_info: [FILE, entry] } });
      expect(parsed).toEqual({ ok: false, reason: 'missing_file_name' });
    },
  );

  test('a playlist has to name its file', () => {
    expect(observationsOf(parseChanged('playlist', { detail: {} }))).toBe('missing_file_name');
  });

  test('detail and list may be JSON inside a string', () => {
    const { detail } = JSON.parse(DOCUMENTS.uploaded);
    const packed = JSON.stringify({ ...detail, file_info: JSON.stringify(detail.file_info) });
    const parsed = parseChanged('uploaded', { detail: packed });
    expect(observationsOf(parsed)).toEqual(observationsOf(parse(DOCUMENTS.uploaded)));
  });
});

describe('ends', () => {
  const quit = (detail: unknown, message = '') => {
    const [observation] = observationsOf(parseChanged('quit', { detail, message }));
    return observation;
  };

  test.each([3, 4, '3', '4'])('the quit reason %j is an ordinary end', (quit_reason) => {
    expect(quit({ quit_reason })).toMatchObject({ rank: 1, value: { status: 'ended', code: quit_reason } });
  });

  test.each([1, 2, 5, 6, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011])(
    'the quit reason %j is a failure with a text',
    (quit_reason) => {
      const value = { status: 'failed', code: quit_reason, message: expect.stringMatching(/\w/) };
      expect(quit({ quit_reason })).toMatchObject({ rank: 2, value });
    },
  );

  test('a new quit reason is a failure with the text that came', () => {
    const value = { status: 'failed', code: 2001, message: 'new' };
    expect(quit({ quit_reason: 2001 }, 'new')).toMatchObject({ rank: 2, value });
  });

  test.each([null, '', {}, undefined])('the detail %j is a failure without a reason', (detail) => {
    expect(quit(detail)).toMatchObject({ rank: 2, value: { status: 'failed', code: undefined } });
  });

  test.each(['ended', 'stopped'] as const)('the reason of an end is not hidden by "%s"', (name) => {
    const [later] = observationsOf(parseChanged(name, { timestamp: '1699999999' }));
    const reasons = [quit({ quit_reason: 3 }), quit({ quit_reason: 1004 })];
    const ranks = [later, ...reasons].map((found) => (typeof found === 'object' ? found.rank : undefined));
    expect(ranks).toEqual([0, 1, 2]);
  });

  test.each(['ended', 'stopped', 'noStream', 'paused', 'nothing'] as const)(
    'an empty detail of "%s" may have any form',
    (name) => {
      const expected = observationsOf(parse(DOCUMENTS[name]));
      for (const detail of [undefined, null, '', {}, '{}']) {
        expect(observationsOf(parseChanged(name, { detail })), JSON.stringify(detail)).toEqual(expected);
      }
    },
  );
});

describe('events', () => {
  const hashOf = (changes: object) => {
    const parsed = parseChanged('noStream', changes);
    return parsed.ok ? contentHash(parsed.event.identity) : parsed.reason;
  };

  test('the event that repeats every 30 s is distinguished by its sequence', () => {
    expect(hashOf({ sequence: 2 })).not.toBe(hashOf({}));
  });

  test('an event that is sent again is the same event', () => {
    expect(hashOf({ timestamp: '1690000031', nonce: '1', signature: 's' })).toBe(hashOf({}));
  });

  test.each([1, 2, 5, 7, 102])('type %i has to name its task', (event_type) => {
    const parsed = parseChanged('uploaded', { event_type, task_id: '' });
    expect(parsed).toEqual({ ok: false, reason: 'missing_task_id' });
  });

  test('types that say nothing of state stay events of the room where they name no task', () => {
    const parsed = parseChanged('noStream', { task_id: '' });
    expect(parsed).toMatchObject({ ok: true, event: { taskId: undefined, roomId: 'r1' }, observations: [] });
  });

  test.each([
    [301, 'recording 301'],
    ['new', 'recording new'],
    ['constructor', 'recording constructor'],
  ])('the unknown type %j is an event of its task', (event_type, type) => {
    const parsed = parseChanged('uploaded', { event_type });
    expect(parsed).toMatchObject({
      event: { type, taskId: 'YZ4joOE4IwmFAAAT', kind: 'recording' },
      observations: [],
    });
  });

  test.each<[object, JsonObject]>([
    [
      { event_type: '5', task_id: 17, room_id: 42 },
      { taskId: '17', roomId: '42' },
    ],
    [
      { event_type: 5, app_id: '1234567890' },
      { taskId: 'TASK000000000001', roomId: 'r1' },
    ],
  ])('text or numbers: %j', (changes, ids) => {
    const parsed = parseChanged('ended', changes);
    expect(parsed).toMatchObject({
      event: { type: 'recording 5', ...ids },
      observations: [{ facet: 'end' }],
    });
  });

  test('the app of another secret is refused', () => {
    expect(observationsOf(parseChanged('ended', { app_id: 1 }))).toBe('app_mismatch');
  });

  test('a 64-bit task id stays digit for digit', () => {
    const document = DOCUMENTS.ended.replace('"TASK000000000001"', '9223372036854775807');
    expect(parse(document)).toMatchObject({ observations: [{ taskId: '9223372036854775807' }] });
  });
});
