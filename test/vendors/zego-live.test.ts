import { describe, expect, test } from 'vitest';
import { parseJson, text } from '../../lib/platform/json.ts';
import { parseZegoBody } from '../../lib/vendors/zego/body.ts';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { zegoAppId } from '../../lib/vendors/zego/verify.ts';
import { document } from '../support/document.ts';

/** Later than every time in the samples, Unix time in ms. */
const RECEIVED_AT = Date.UTC(2026, 0, 15, 12);

/** The vendor's samples, and some built from its tables. */
const DOCUMENTS = {
  stream_create: document('zego-live/stream_create'),
  stream_close: document('zego-live/stream_close'),
  room_create: document('zego-live/room_create'),
  room_close: document('zego-live/room_close'),
  room_login: document('zego-live/room_login'),
  room_logout: document('zego-live/room_logout'),
  mix_start: document('zego-live/mix_start'),
  mix_stop: document('zego-live/mix_stop'),
  transcode_start: document('zego-live/transcode_start'),
  transcode_stop: document('zego-live/transcode_stop'),
  censor_audio_v2_result: document('zego-live/censor_audio_v2_result'),
  censor_audio_v2_status: document('zego-live/censor_audio_v2_status'),
  censor_video_v2_audio_result: document('zego-live/censor_video_v2_audio_result'),
  censor_video_v2_audio_status: document('zego-live/censor_video_v2_audio_status'),
  censor_video_v2_img_status: document('zego-live/censor_video_v2_img_status'),
  censor_video_v2_img_result: document('zego-live/censor_video_v2_img_result'),
};

type Name = keyof typeof DOCUMENTS;
type Body = Record<string, unknown>;

function parse(document: string) {
  const body = Buffer.from(document);
  return parseZego(body, { appId: zegoAppId(parseZegoBody(body) ?? {}) ?? '', receivedAt: RECEIVED_AT });
}

/** What a document says with other members, at any depth. */
function parseChanged(name: Name, changes: Body) {
  return parse(JSON.stringify(merged(parseJson(DOCUMENTS[name]) as Body, changes)));
}

function merged(body: Body, changes: Body): Body {
  const result = { ...body };
  for (const [name, value] of Object.entries(changes)) {
    const [old, isPlain] = [result[name], value?.constructor === Object];
    result[name] = isPlain && old?.constructor === Object ? merged(old as Body, value as Body) : value;
  }
  return result;
}

function observationsOf(parsed: ReturnType<typeof parse>) {
  return parsed.ok ? parsed.observations : parsed.reason;
}

const AUDIO_TASK = '384a8a77aeb352d3ec8144ab4640cc52';
const MODERATION = { kind: 'moderation', roomId: 'room_1' };
const MIXING = { kind: 'live', roomId: '2222', userId: 'abc' };
const TRANSCODING = { kind: 'live', userId: '2222' };

function room(roomId: string, facet: string, at: number, sessionId: string) {
  return [{ entity: 'room', roomId, facet, rank: 0, at, value: { sessionId } }];
}

function task(taskId: string, facet: string, at: number, value: object, rank = 0) {
  return [{ entity: 'task', taskId, facet, rank, at, value }];
}

/** The end of a moderation task; only its time of sending is known. */
function moderated(taskId: string, at: number) {
  const value = { status: 'ended', code: 0, message: 'success', task: MODERATION };
  return [{ entity: 'task', taskId, facet: 'end', rank: 0, at, isSendingTime: true, value }];
}

test.each<[Name, object, object[]]>([
  [
    'stream_create',
    { roomId: 'room1', at: 1_687_981_272_742 },
    room('room1', 'activity', 1_687_981_272_742, '1234567'),
  ],
  [
    'stream_close',
    { roomId: 'room1', at: 1_666_986_067_248 },
    room('room1', 'activity', 1_666_986_067_248, '123456789'),
  ],
  [
    'room_create',
    { roomId: 'room_7001', at: 1_690_000_000_123 },
    room('room_7001', 'open', 1_690_000_000_123, '7291847562039485713'),
  ],
  [
    'room_close',
    { roomId: 'room_7001', at: 1_690_000_950_456 },
    room('room_7001', 'close', 1_690_000_950_456, '7291847562039485713'),
  ],
  [
    'room_login',
    { roomId: 'rid_1242649', at: 1_499_676_978_027 },
    room('rid_1242649', 'activity', 1_499_676_978_027, '6085791336856668982'),
  ],
  [
    'room_logout',
    { roomId: 'rid_1242649', at: 1_663_740_627_986 },
    room('rid_1242649', 'activity', 1_663_740_627_986, '6085791336856668982'),
  ],
  [
    'mix_start',
    { taskId: '111111:1111', roomId: '2222', kind: 'live' },
    task('111111:1111', 'start', 1_689_834_748_000, { status: 'started', task: MIXING }),
  ],
  [
    'mix_stop',
    { taskId: '111111:1111', roomId: '2222', kind: 'live' },
    task('111111:1111', 'end', 1_689_835_223_000, { status: 'ended', task: MIXING }),
  ],
  [
    'transcode_start',
    { taskId: '2222', kind: 'live' },
    task('2222', 'start', 1_690_000_000_000, { status: 'started', task: TRANSCODING }, 1),
  ],
  [
    'transcode_stop',
    { taskId: '2222', kind: 'live' },
    task('2222', 'end', 1_690_000_500_000, { status: 'ended', code: 0, task: TRANSCODING }),
  ],
  [
    'censor_audio_v2_result',
    { taskId: AUDIO_TASK, ...MODERATION, at: 1_717_677_317_554 },
    task(
      AUDIO_TASK,
      'risk',
      1_717_677_317_554,
      { riskLevel: 'REJECT', task: { ...MODERATION, userId: 'user_1' } },
      2,
    ),
  ],
  ['censor_audio_v2_status', { taskId: AUDIO_TASK, ...MODERATION }, moderated(AUDIO_TASK, 1_724_743_250_000)],
  [
    'censor_video_v2_audio_result',
    { taskId: 'video_task_1', ...MODERATION, at: 1_689_999_999_400 },
    task('video_task_1', 'risk', 1_689_999_999_400, { riskLevel: 'PASS', task: MODERATION }),
  ],
  [
    'censor_video_v2_audio_status',
    { taskId: 'video_task_1', ...MODERATION },
    moderated('video_task_1', 1_690_000_100_000),
  ],
  [
    'censor_video_v2_img_status',
    { taskId: 'video_task_1', ...MODERATION },
    moderated('video_task_1', 1_690_000_100_000),
  ],
  [
    'censor_video_v2_img_result',
    { taskId: 'video_task_1', ...MODERATION, at: 1_690_000_059_500 },
    task('video_task_1', 'risk', 1_690_000_059_500, { riskLevel: 'REVIEW', task: MODERATION }, 1),
  ],
])('%s', (name, event, observations) => {
  const expectedEvent = { type: name, ...event, identity: expect.any(Object) };
  expect(parse(DOCUMENTS[name])).toEqual({ ok: true, event: expectedEvent, observations });
});

describe('rooms and streams', () => {
  const NAMES = ['room_create', 'room_close', 'room_login', 'room_logout', 'stream_create', 'stream_close'];

  test.each(NAMES as Name[])('%s has to name its room', (name) => {
    const parsed = parseChanged(name, { room_id: '', channel_id: null });
    expect(parsed).toEqual({ ok: false, reason: 'missing_room_id' });
  });

  test('a stream may name its room as the channel', () => {
    const [observation] = observationsOf(parseChanged('stream_create', { room_id: '' }));
    expect(observation).toMatchObject({ roomId: '0xb-0x1' });
  });

  test.each([
    ['"0007291847562039485713"', '0007291847562039485713'],
    ['7291847562039485713', '7291847562039485713'],
    ['18446744073709551615', '18446744073709551615'],
    ['"7291847562039485713"', '7291847562039485713'],
    ['42', '42'],
    ['null', undefined],
  ])('the session id %s stays digit for digit', (id, sessionId) => {
    const document = DOCUMENTS.room_create.replace(':7291847562039485713', `:${id}`);
    expect(observationsOf(parse(document))).toMatchObject([{ value: { sessionId } }]);
  });

  test('creation, closing and login of one room have one session id', () => {
    const login = DOCUMENTS.room_login.replace('6085791336856668982', '7291847562039485713');
    const values = [DOCUMENTS.room_create, DOCUMENTS.room_close, login].map((document) => {
      const [observation] = observationsOf(parse(document));
      return observation;
    });
    expect(values).toMatchObject(Array(3).fill({ value: { sessionId: '7291847562039485713' } }));
  });

  test.each<[Name, Body, number]>([
    ['room_create', { room_create_time: 1_690_000_000_123 }, 1_690_000_000_123],
    ['room_create', { room_create_time: '00001690000000123' }, 1_690_000_000_123],
    ['room_create', { room_create_time: '' }, 1_690_000_000_000],
    ['room_create', { room_create_time: '0' }, 1_690_000_000_000],
    ['room_create', { room_create_time: 'now', timestamp: '1690000000' }, 1_690_000_000_000],
    ['stream_create', { create_time_ms: null }, 1_687_981_272_000],
    ['stream_create', { create_time_ms: null, create_time: '01687981271' }, 1_687_981_271_000],
    ['stream_close', { destroy_timemillis: null }, 1_666_786_067_000],
  ])('the time of %s with %j', (name, changes, at) => {
    expect(parseChanged(name, changes)).toMatchObject({ observations: [{ at }] });
  });

  test('without any time, the reception stands in', () => {
    const parsed = parseChanged('room_create', { room_create_time: null, timestamp: 'timestamp' });
    expect(parsed).toMatchObject({
      event: { at: undefined },
      observations: [{ at: RECEIVED_AT, isReplacedTime: true }],
    });
  });
});

describe('mixing and transcoding', () => {
  test('an update of a transcoding is outranked by its start', () => {
    const ranks = ['TranscodeStarted', 'TranscodeUpdated'].map((Status) => {
      const [observation] = observationsOf(parseChanged('transcode_start', { Status }));
      return typeof observation === 'object' ? observation.rank : observation;
    });
    expect(ranks).toEqual([1, 0]);
  });

  test('a stop is one whatever its status', () => {
    const parsed = parseChanged('transcode_stop', { Status: 'TranscodeStarted' });
    expect(observationsOf(parsed)).toMatchObject([{ facet: 'end', value: { status: 'ended' } }]);
  });

  test.each<[unknown, object]>([
    [0, { status: 'ended', code: 0, message: undefined }],
    ['0', { status: 'ended', code: '0' }],
    [1, { status: 'failed', code: 1, message: 'task exception' }],
    ['1', { status: 'failed', code: '1', message: 'task exception' }],
    [null, { status: 'ended', code: undefined }],
  ])('the stop reason %j', (StopReason, value) => {
    expect(observationsOf(parseChanged('transcode_stop', { StopReason }))).toMatchObject([{ value }]);
  });

  test('ids may be numbers', () => {
    const parsed = parseChanged('mix_start', { task_id: 1111, channel_id: 2222 });
    expect(parsed).toMatchObject({ event: { taskId: '1111', roomId: '2222' } });
  });

  test.each<[Name, Body]>([
    ['mix_start', { task_id: '' }],
    ['mix_stop', { task_id: null }],
    ['transcode_start', { TaskId: '' }],
    ['transcode_stop', { TaskId: [] }],
    ['censor_audio_v2_result', { TaskId: '' }],
    ['censor_audio_v2_status', { TaskId: {} }],
  ])('%s with %j names no task', (name, changes) => {
    expect(observationsOf(parseChanged(name, changes))).toBe('missing_task_id');
  });
});

describe('moderation', () => {
  test.each([
    ['PASS', 0],
    ['REVIEW', 1],
    ['REJECT', 2],
    ['SUSPICIOUS', 0],
    ['__proto__', 0],
  ])('the risk %s has the rank %i', (RiskLevel, rank) => {
    const parsed = parseChanged('censor_audio_v2_result', { Detail: { RiskLevel } });
    expect(observationsOf(parsed)).toMatchObject([{ facet: 'risk', rank, value: { riskLevel: RiskLevel } }]);
  });

  test.each([{ Detail: null }, { Detail: { RiskLevel: '' } }, { Detail: 'text' }, { Detail: [] }])(
    'a result with %j is an event only',
    (changes) => {
      const parsed = parseChanged('censor_video_v2_img_result', { Code: 1002, ...changes });
      const event = { taskId: 'video_task_1', roomId: 'room_1', kind: 'moderation' };
      expect(parsed).toMatchObject({ ok: true, event, observations: [] });
    },
  );

  test('parts may be JSON inside a string', () => {
    const { Detail, AuxInfo } = JSON.parse(DOCUMENTS.censor_audio_v2_result);
    const changes = { Detail: JSON.stringify(Detail), AuxInfo: JSON.stringify(AuxInfo) };
    const parsed = parseChanged('censor_audio_v2_result', changes);
    expect(observationsOf(parsed)).toEqual(observationsOf(parse(DOCUMENTS.censor_audio_v2_result)));
  });

  test('no signed URL is in an id or in the state', () => {
    for (const name of ['censor_audio_v2_result', 'censor_video_v2_img_result'] as const) {
      const parsed = parse(DOCUMENTS[name]);
      const { identity: _, ...event } = parsed.ok ? parsed.event : { identity: null };
      expect(JSON.stringify([event, observationsOf(parsed)])).not.toContain('Signature=');
    }
  });

  test.each<[Body, number]>([
    [{ ImgTime: '2023-07-22 12:27:39' }, 1_690_000_059_000],
    [{ ImgTime: '2023-07-22T12:27:39.5' }, 1_690_000_059_500],
    [{ ImgTime: '2023-99-22 12:27:39' }, 1_690_000_060_000],
    [{ ImgTime: 'now' }, 1_690_000_060_000],
    [{ ImgTime: 1_690_000_059_500 }, 1_690_000_060_000],
    [{ ProcessFinishTime: '1690000059400' }, 1_690_000_059_400],
  ])('the time of a picture with %j', (AuxInfo, at) => {
    expect(parseChanged('censor_video_v2_img_result', { AuxInfo })).toMatchObject({ observations: [{ at }] });
  });

  test.each<[Body, object[]]>([
    [{ Status: '0' }, [{ rank: 0, value: { status: 'ended' } }]],
    [
      { Code: 1002, Message: 'stream not found' },
      [{ rank: 1, value: { status: 'failed', code: 1002, message: 'stream not found' } }],
    ],
    [{ Status: 1 }, []],
    [{ Status: null }, []],
  ])('a status with %j', (changes, observations) => {
    const parsed = parseChanged('censor_video_v2_audio_status', changes);
    expect(observationsOf(parsed)).toMatchObject(observations);
    expect(observationsOf(parsed)).toHaveLength(observations.length);
  });

  test('an event that is not known stays one of its task and room', () => {
    const parsed = parseChanged('censor_audio_v2_result', { Event: 'censor_text_v9_result' });
    const event = { type: 'censor_text_v9_result', taskId: AUDIO_TASK, roomId: 'room_1', kind: undefined };
    expect(parsed).toMatchObject({ ok: true, event, observations: [] });
  });
});

test('the samples are whole', () => {
  for (const [name, document] of Object.entries(DOCUMENTS)) {
    const body = parseZegoBody(Buffer.from(document)) ?? {};
    expect(text(body.event ?? body.Event)).toBe(name);
  }
});
