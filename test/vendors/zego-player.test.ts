import { describe, expect, test } from 'vitest';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { document } from '../support/document.ts';

/** Later than every time in the samples, Unix time in ms. */
const RECEIVED_AT = Date.UTC(2026, 0, 15, 12);

/** The vendor's samples. */
const CREATED = document('zego-player/type-1');
const UPLOADED = document('zego-player/type-10001');

function parse(document: string) {
  return parseZego(Buffer.from(document), { appId: '123456789', receivedAt: RECEIVED_AT });
}

function parseChanged(document: string, changes: object) {
  return parse(JSON.stringify({ ...JSON.parse(document), ...changes }));
}

function observationsOf(parsed: ReturnType<typeof parse>) {
  return parsed.ok ? parsed.observations : parsed.reason;
}

const UPLOAD_TASK = '678f663727b2d80007000001';

test('a player that was created', () => {
  expect(parse(CREATED)).toEqual({
    ok: true,
    event: {
      type: 'player 1',
      taskId: 'XXXXXX',
      roomId: 'room_12',
      kind: 'player',
      at: 1_681_221_510_034,
      identity: expect.any(Object),
    },
    observations: [
      {
        entity: 'task',
        taskId: 'XXXXXX',
        facet: 'start',
        rank: 0,
        at: 1_681_221_510_034,
        value: { status: 'started', task: { kind: 'player', roomId: 'room_12' } },
      },
    ],
  });
});

test('a file that was uploaded', () => {
  expect(parse(UPLOADED)).toEqual({
    ok: true,
    event: {
      type: 'player 10001',
      taskId: UPLOAD_TASK,
      kind: 'player',
      at: 1_737_451_074_593,
      identity: expect.any(Object),
    },
    observations: [
      {
        entity: 'file',
        taskId: UPLOAD_TASK,
        name: '720.mp4',
        facet: 'upload',
        rank: 1,
        at: 1_737_451_074_593,
        value: { status: 'uploaded', task: { kind: 'player' }, url: 'https://your_streamurl' },
      },
    ],
  });
});

describe('players', () => {
  test.each<[unknown, object]>([
    [{ Reason: 1 }, { status: 'ended', code: 1, message: 'destroyed on request' }],
    [{ Reason: 2 }, { status: 'ended', code: 2, message: 'idle for longer than MaxIdleTime' }],
    [{ Reason: '3' }, { status: 'ended', code: '3', message: 'playback ended' }],
    ['{"Reason":4}', { status: 'failed', code: 4, message: 'streaming failed' }],
    [{ Reason: 5 }, { status: 'failed', code: 5 }],
    [{ Reason: 9 }, { status: 'ended', code: 9, message: undefined }],
    [{}, { status: 'ended', code: undefined }],
    [null, { status: 'ended' }],
    ['', { status: 'ended' }],
  ])('an end with %j', (Detail, value) => {
    const parsed = parseChanged(CREATED, { EventType: 2, Detail });
    expect(observationsOf(parsed)).toMatchObject([{ facet: 'end', rank: 0, value }]);
  });

  test.each([3, 4, '3', 99, 10003, 10004, 10006])('type %j is an event only', (EventType) => {
    const parsed = parseChanged(CREATED, { EventType, Detail: { Status: 6, Code: -1 } });
    const event = { type: `player ${EventType}`, taskId: 'XXXXXX', roomId: 'room_12', kind: 'player' };
    expect(parsed).toMatchObject({ ok: true, event, observations: [] });
  });

  test.each<[object, number]>([
    [{ EventTime: '1681221510034' }, 1_681_221_510_034],
    [{ EventTime: 1_681_221_510 }, 1_681_221_510_000],
    [{ EventTime: '' }, 1_681_221_510_000],
    [{ EventTime: -5, Timestamp: 1_681_221_511 }, 1_681_221_511_000],
  ])('the time with %j', (changes, at) => {
    expect(parseChanged(CREATED, changes)).toMatchObject({ observations: [{ at }] });
  });

  test('a player that uploads is the task', () => {
    const parsed = parseChanged(UPLOADED, { PlayerId: 'player' });
    expect(parsed).toMatchObject({ event: { taskId: 'player' }, observations: [{ taskId: 'player' }] });
  });

  test.each([1, 2, 10001, 10002, 10005])('type %i has to name its task', (EventType) => {
    const parsed = parseChanged(CREATED, { EventType, PlayerId: '' });
    expect(observationsOf(parsed)).toBe('missing_task_id');
  });
});

describe('uploads', () => {
  test.each<[object, object]>([
    [
      { EventType: 10002, Detail: { Reason: 1 } },
      { code: 1, message: 'download of the source failed' },
    ],
    [
      { EventType: 10002, Detail: { Reason: '3' } },
      { code: '3', message: 'file too large' },
    ],
    [
      { EventType: 10002, Detail: '' },
      { code: undefined, message: undefined },
    ],
    [
      { EventType: 10005, Detail: { Code: 2 } },
      { code: 2, message: 'upload failed, it is tried again' },
    ],
    [
      { EventType: '10005', Detail: { Code: 7 } },
      { code: 7, message: undefined },
    ],
  ])('that failed: %j', (changes, outcome) => {
    const [observation] = observationsOf(parseChanged(UPLOADED, changes));
    const value = { status: 'upload_failed', url: 'https://your_streamurl', ...outcome };
    expect(observation).toMatchObject({ name: '720.mp4', facet: 'upload', rank: 0, value });
    expect(observation).toHaveProperty('retentionMs', undefined);
  });

  test.each([
    ['', UPLOAD_TASK],
    [null, UPLOAD_TASK],
    [720, '720'],
  ])('the title %j', (Title, name) => {
    expect(observationsOf(parseChanged(UPLOADED, { Title }))).toMatchObject([{ name }]);
  });

  test('a file has to have a name', () => {
    const parsed = parseChanged(UPLOADED, { Title: '', UploadTaskId: '', PlayerId: 'player' });
    expect(observationsOf(parsed)).toBe('missing_file_name');
  });
});

test('another service that has types of events stays events of its task', () => {
  const body = { AppId: 123456789, EventType: 3, TaskId: 'human', EventTime: 1_681_221_510_034, Detail: {} };
  expect(parse(JSON.stringify(body))).toMatchObject({
    ok: true,
    event: { taskId: 'human', kind: undefined, at: 1_681_221_510_034 },
    observations: [],
  });
});
