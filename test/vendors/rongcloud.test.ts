import { describe, expect, test } from 'vitest';
import type { CallbackEvent, Parse, ParsedCallback, QuarantineReason } from '../../lib/callback/callback.ts';
import type { Observation } from '../../lib/callback/observation.ts';
import { parseJson } from '../../lib/platform/json.ts';
import { rongcloudParser } from '../../lib/vendors/rongcloud/parse.ts';
import { document } from '../support/document.ts';

const parseCdn = rongcloudParser('cdn');
const parseModeration = rongcloudParser('moderation');
const parsePlayer = rongcloudParser('player');
const parseRecording = rongcloudParser('recording');
const parseRoom = rongcloudParser('room');
const parseScreenshot = rongcloudParser('screenshot');

const RECEIVED_AT = Date.UTC(2026, 0, 15, 12);
/** The time of an observation whose callback says nothing of it. */
const REPLACED = { at: RECEIVED_AT, isReplacedTime: true };
const RETENTION_MS = 24 * 60 * 60_000;

/** A document of the vendor's pages, and the event and the observations that it is. */
type Row = [
  name: string,
  appId: string,
  document: string,
  event: Omit<CallbackEvent, 'identity'>,
  observations: Observation[],
];

function parseAs(parse: Parse, appId: string, document: string): ParsedCallback {
  return parse(Buffer.from(document), { appId, receivedAt: RECEIVED_AT });
}

function testDocuments(parse: Parse, rows: Row[]): void {
  test.each(rows)('%s', (_name, appId, document, event, observations) => {
    const identity = JSON.parse(document);
    expect(parseAs(parse, appId, document)).toEqual({
      ok: true,
      event: { ...event, identity },
      observations,
    });
  });
}

function expectReason(parse: Parse, document: string, reason: QuarantineReason): void {
  expect(parseAs(parse, 'your_appkey', document)).toEqual({ ok: false, reason });
}

describe('cloud recording', () => {
  const taskId = '8329208b99410743dcfeb80548e2c0ec';
  const name = 'lSA2G6CUf9A-6nnoNwXCx8_111_222_1530027865231.mp4';
  const at = 1530027865231;
  const task = {
    kind: 'recording',
    roomId: '111',
    sessionId: 'lSA2G6CUf9A-6nnoNwXCx8',
    userId: '222',
    mode: 1,
    extra: 'extra_string',
  } as const;
  /** What a start and an end say of their file: the rest is with the task. */
  const ofFile = { userId: '222' };
  const event = { at, taskId, roomId: '111', kind: 'recording' } as const;
  const success = { code: 200, message: 'Success' };

  testDocuments(parseRecording, [
    [
      'type 1, start',
      'your_appkey',
      document('rongcloud/recording-1'),
      { ...event, type: 'recording 1' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'start',
          rank: 1,
          at,
          value: {
            status: 'started',
            task,
            ...success,
            config: { trigger: 0, mixLayout: 2, slicesMin: 30, audioFormat: 'aac', videoFormat: 'mp4' },
            parts: 'files',
          },
        },
        {
          entity: 'file',
          taskId,
          name,
          facet: 'start',
          rank: 0,
          at,
          value: { status: 'recording', task: ofFile, isProvisional: true, resolution: '640x480' },
        },
      ],
    ],
    [
      'type 2, file segment',
      'your_appkey',
      document('rongcloud/recording-2'),
      { ...event, type: 'recording 2' },
      [
        {
          entity: 'file',
          taskId,
          name,
          facet: 'segment',
          rank: 0,
          at,
          value: { status: 'closed', task, ...success, sizeBytes: 333 },
        },
      ],
    ],
    [
      'type 3, end',
      'your_appkey',
      document('rongcloud/recording-3'),
      { ...event, type: 'recording 3' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'end',
          rank: 0,
          at,
          value: { status: 'ended', task, ...success, parts: 'files' },
        },
        {
          entity: 'file',
          taskId,
          name,
          facet: 'end',
          rank: 0,
          at,
          value: { status: 'closed', kind: 'recording', task: ofFile, sizeBytes: 333 },
        },
      ],
    ],
    [
      'type 4, file upload',
      'your_appkey',
      document('rongcloud/recording-4'),
      { ...event, type: 'recording 4' },
      [
        {
          entity: 'file',
          taskId,
          name,
          facet: 'upload',
          rank: 1,
          at,
          value: {
            status: 'uploaded',
            task,
            ...success,
            url: 'http://oss/record/XXXXXXXX.mp4?abc',
          },
        },
      ],
    ],
  ]);

  test('a type that is unknown and names no task is quarantined, whatever its room', () => {
    expectReason(parseRecording, '{"type":9,"roomId":"111"}', 'missing_task_id');
    expectReason(parseRecording, '{"type":4,"recordId":"1"}', 'missing_file_name');
  });
});

describe('the upload of a recording', () => {
  const upload = (more: object) => {
    const parsed = parseAs(parseRecording, 'app', JSON.stringify({ type: 4, recordId: '1', ...more }));
    return parsed.ok ? parsed.observations : parsed.reason;
  };
  const output = { fileName: 'a.mp4', fileSize: 5 };
  const url = 'https://x.example/a.mp4';

  test.each<[name: string, body: object, observation: object]>([
    ['with a code', { code: 200, output }, { facet: 'upload', value: { status: 'uploaded', code: 200 } }],
    ['with a URL', { output: { ...output, fileUrl: url } }, { facet: 'upload', value: { url } }],
    ['with neither has not arrived yet', { output }, { facet: 'segment', value: { sizeBytes: 5 } }],
    [
      'that failed without a name is of the task',
      { code: 500, errorMessage: 'denied' },
      {
        ...{ entity: 'task', facet: 'upload', rank: 0, retentionMs: RETENTION_MS },
        value: { status: 'upload_failed', code: 500, message: 'denied' },
      },
    ],
    [
      'whose code and file state differ has the outcome of the code',
      { code: 200, output: { ...output, fileState: 500 } },
      { facet: 'upload', value: { status: 'uploaded', code: 200 } },
    ],
  ])('%s', (_name, body, observation) => expect(upload(body)).toMatchObject([observation]));

  test('that succeeded without a name is of no file', () => {
    expect(upload({ code: 200 })).toBe('missing_file_name');
  });
});

describe('cloud screenshot', () => {
  const taskId = 'SJGOSOIOAIJFOJAOJOE';
  const at = 1530027865231;
  const task = { kind: 'screenshot', roomId: '111', sessionId: 'lSA2G6CUf9A-6nnoNwXCx8' } as const;
  const event = { at, taskId, roomId: '111', kind: 'screenshot' } as const;
  const success = { code: 200, message: 'Success' };
  const config = { trigger: 0, slicesSec: 30, renderMode: 1, picResolution: '640x480' };

  testDocuments(parseScreenshot, [
    [
      'type 1, start',
      'e0x9wycfx7flq',
      document('rongcloud/screenshot-1'),
      { ...event, type: 'screenshot 1' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'start',
          rank: 0,
          at,
          value: { status: 'started', task, ...success, config, pictureIntervalMs: 30_000 },
        },
      ],
    ],
    [
      'type 3, end',
      'e0x9wycfx7flq',
      document('rongcloud/screenshot-3'),
      { ...event, type: 'screenshot 3' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'end',
          rank: 0,
          at,
          value: { status: 'ended', task, ...success, config },
        },
      ],
    ],
    [
      'type 4, file upload',
      'e0x9wycfx7flq',
      document('rongcloud/screenshot-4'),
      { ...event, type: 'screenshot 4' },
      [
        {
          entity: 'file',
          taskId,
          name: '1.jpg',
          facet: 'upload',
          rank: 1,
          at,
          value: { status: 'uploaded', task, ...success, url: 'http://oss/record/1.jpg' },
        },
      ],
    ],
    [
      'type 4, failed upload',
      'e0x9wycfx7flq',
      document('rongcloud/screenshot-4-2'),
      { ...event, at: 1530027895231, type: 'screenshot 4' },
      [
        {
          entity: 'file',
          taskId,
          name: '1.jpg',
          facet: 'upload',
          rank: 0,
          at: 1530027895231,
          value: { status: 'upload_failed', task, code: 20001, message: 'upload failed' },
          failedSince: RECEIVED_AT,
          retentionMs: RETENTION_MS,
        },
      ],
    ],
  ]);
});

describe('room status', () => {
  const room = { entity: 'room', roomId: 'room_1', rank: 0 } as const;
  const at = 1586244141831;

  testDocuments(parseRoom, [
    [
      '1.1, a member left',
      'your_appkey',
      '{"roomId":"room_1","userId":"user_1","event":12,"timestamp":1663740627986,"exitType":3}',
      { type: 'room 12', at: 1663740627986, roomId: 'room_1' },
      [{ ...room, facet: 'activity', at: 1663740627986, value: {} }],
    ],
    [
      '1.0, a resource changed',
      'your_appkey',
      document('rongcloud/room-status-20'),
      { type: 'room 20', at, roomId: 'room_1' },
      [{ ...room, facet: 'activity', at, value: {} }],
    ],
    [
      '1.0, periodic sync',
      'your_appkey',
      document('rongcloud/room-status-1'),
      { type: 'room 1', at, roomId: 'room_1' },
      [{ ...room, facet: 'activity', at, value: {} }],
    ],
    [
      '1.1, created',
      'your_appkey',
      '{"roomId":"room_1","sessionId":"session_1","event":2,"timestamp":1586244141831}',
      { type: 'room 2', at, roomId: 'room_1' },
      [{ ...room, facet: 'open', at, value: { sessionId: 'session_1' } }],
    ],
    [
      '1.0, destroyed',
      'your_appkey',
      '{"appKey":"your_appkey","channelId":"room_1","event":"3","timestamp":"1586244141831"}',
      { type: 'room 3', at, roomId: 'room_1' },
      [{ ...room, facet: 'close', at, value: {} }],
    ],
    [
      'an unknown event without a time',
      'your_appkey',
      '{"roomId":"room_1","event":99}',
      { type: 'room 99', roomId: 'room_1' },
      [{ ...room, facet: 'activity', ...REPLACED, value: {} }],
    ],
    [
      'no event at all',
      'your_appkey',
      '{"roomId":null,"channelId":17,"timestamp":1586244141831}',
      { type: 'room unknown', at, roomId: '17' },
      [{ ...room, roomId: '17', facet: 'activity', at, value: {} }],
    ],
  ]);

  test.each(['[', '{"a":', '"[]"', '', 'null', '[{"__proto__":1}]'])('uris may hold %j', (uris) => {
    const members = { '123': { userId: '123', data: { uris } } };
    const document = JSON.stringify({ roomId: 'room_1', event: 20, timestamp: at, members });
    expect(parseAs(parseRoom, 'your_appkey', document)).toMatchObject({
      ok: true,
      event: { roomId: 'room_1', identity: { members } },
      observations: [{ facet: 'activity' }],
    });
  });

  test.each(['{"event":2}', '{"roomId":"","channelId":{},"event":2}'])('%s names no room', (document) => {
    expectReason(parseRoom, document, 'missing_room_id');
  });
});

describe('CDN live streaming', () => {
  const taskId = 'AtqSLHUE_29wd2o6QKM4u7';
  const roomId = 'iOS-MUJERjYwNTk5MTkyMERCMTFDQkRGODUwODIwNEM0RUI-1593483530019';
  const at = 1593483553055;
  const appId = 'qf3d5gbjq962h';
  const task = {
    kind: 'live',
    roomId,
    sessionId: taskId,
    userId: 'A2BDE07D-5273-487A-8997-99BF25D06DFE',
  } as const;
  const event = { at, taskId, roomId, kind: 'live' } as const;
  const published = document('rongcloud/cdn-live-streaming-2');
  /** The other types use the same fields. */
  const ofType = (type: number | string) => published.replace('"type":2', `"type":${JSON.stringify(type)}`);
  const target = { targetId: 'a7f6716e8d80b3098d252ff173cb15a0', host: 'rongcloud.net', urlEnd: 'M4u7' };
  const { targetId, ...shown } = target;
  /** What a callback says of the task, and of the one target that it names. */
  const phase = (
    facet: 'start' | 'end',
    status: 'started' | 'ended' | 'failed',
    code: number | string,
  ): Observation[] => [
    { entity: 'task', taskId, facet, rank: 0, at, value: { status, task, code, parts: 'targets' } },
    { entity: 'target', taskId, targetId, facet, rank: 0, at, value: { status, task, code, ...shown } },
  ];

  testDocuments(parseCdn, [
    ['type 2, ended', appId, published, { ...event, type: 'live 2' }, phase('end', 'ended', 10000)],
    ['type 1, started', appId, ofType(1), { ...event, type: 'live 1' }, phase('start', 'started', 10000)],
    ['type 3, configuration updated', appId, ofType(3), { ...event, type: 'live 3' }, []],
    ['type 4, failed', appId, ofType(4), { ...event, type: 'live 4' }, phase('end', 'failed', 10000)],
    ['an unknown type', appId, ofType(9), { ...event, type: 'live 9' }, []],
    [
      'a type and a code that are text',
      appId,
      ofType('1').replace('10000', '"10000"'),
      { ...event, type: 'live 1' },
      phase('start', 'started', '10000'),
    ],
  ]);

  test.each([1, 2, 3, 4, 9])('pushUrl of type %i is in the raw event only', (type) => {
    const parsed = parseAs(parseCdn, appId, ofType(type));
    if (!parsed.ok) throw new Error(parsed.reason);
    const { identity, ...named } = parsed.event;
    expect(JSON.stringify(identity)).toContain('auth_key');
    expect(JSON.stringify([named, parsed.observations])).not.toMatch(/rtmp|auth_key|seal|AtqSLo/);
  });

  test('state without a session is quarantined', () => {
    for (const type of [1, 2, 4])
      expectReason(parseCdn, `{"type":${type},"roomId":"room_1"}`, 'missing_task_id');
    expectReason(parseCdn, '{"type":3}', 'missing_task_id');
  });
});

describe('cloud player', () => {
  const taskId = 'room_1/player_1';
  const task = { kind: 'player', roomId: 'room_1', userId: 'player_1' } as const;
  const event = { taskId, roomId: 'room_1', kind: 'player' } as const;

  testDocuments(parsePlayer, [
    [
      'type 1, pull succeeded',
      'your_appkey',
      document('rongcloud/player-1'),
      { ...event, at: 1593483553055, type: 'player 1' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'start',
          rank: 0,
          at: 1593483553055,
          value: { status: 'started', task, code: 10000, message: 'Normal' },
        },
      ],
    ],
    [
      'type 2, pull ended',
      'your_appkey',
      document('rongcloud/player-2'),
      { ...event, at: 1593483653055, type: 'player 2' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'end',
          rank: 0,
          at: 1593483653055,
          value: { status: 'ended', task, code: 10000, message: 'Normal' },
        },
      ],
    ],
    [
      'type 3, first pull failed',
      'your_appkey',
      document('rongcloud/player-3'),
      { ...event, at: 1593483553055, type: 'player 3' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'start',
          rank: 0,
          at: 1593483553055,
          value: { status: 'failed', task, code: 61101, message: 'Cannot pull the stream' },
        },
      ],
    ],
    [
      'type 4, interrupted',
      'your_appkey',
      document('rongcloud/player-4'),
      { ...event, at: 1593483603055, type: 'player 4' },
      [],
    ],
    [
      'type 5, publishing',
      'your_appkey',
      document('rongcloud/player-5'),
      { ...event, at: 1593483554055, type: 'player 5' },
      [],
    ],
    [
      'an unknown type with what the demo adds',
      'your_appkey',
      '{"timestamp":1593483554055,"type":6,"app_key":"your_appkey","room_id":"room_1","user_id":"player_1","kind":"kind"}',
      { ...event, at: 1593483554055, type: 'player 6' },
      [],
    ],
    [
      'numbers as text and ids as numbers',
      'your_appkey',
      '{"timestamp":"1593483653055","type":"2","app_key":"your_appkey","room_id":111,"user_id":7,"code":"10000"}',
      { ...event, taskId: '111/7', roomId: '111', at: 1593483653055, type: 'player 2' },
      [
        {
          entity: 'task',
          taskId: '111/7',
          facet: 'end',
          rank: 0,
          at: 1593483653055,
          value: {
            status: 'ended',
            task: { kind: 'player', roomId: '111', userId: '7' },
            code: '10000',
            message: 'Normal',
          },
        },
      ],
    ],
  ]);

  test.each([
    [10000, 'ended', 'Normal'],
    [61015, 'failed', 'Abnormal room exit'],
    ['61103', 'failed', 'Reconnecting failed three times'],
    [61017, 'ended', 'RTC publishing succeeded'],
    [12345, 'ended', undefined],
    [undefined, 'ended', undefined],
  ])('an end with the code %j is %s', (code, status, message) => {
    const document = JSON.stringify({ type: 2, room_id: 'room_1', user_id: 'player_1', code });
    const value = { status, task, code, message };
    expect(parseAs(parsePlayer, 'your_appkey', document)).toMatchObject({
      event: { at: undefined },
      observations: [{ at: RECEIVED_AT, value }],
    });
  });

  test('two pairs of ids never make one task', () => {
    const taskIdOf = (room_id: string, user_id: string) => {
      const parsed = parseAs(parsePlayer, 'your_appkey', JSON.stringify({ type: 1, room_id, user_id }));
      return parsed.ok ? parsed.event.taskId : parsed.reason;
    };
    const pairs: [string, string][] = [
      ['a', 'b/c'],
      ['a/b', 'c'],
      ['a%2Fb', 'c'],
      ['a', 'b%2Fc'],
    ];
    expect(new Set(pairs.map((pair) => taskIdOf(...pair))).size).toBe(pairs.length);
  });

  test('camelCase names belong to other services', () => {
    expectReason(parsePlayer, '{"type":1,"roomId":"room_1","userId":"player_1"}', 'missing_task_id');
    expectReason(parsePlayer, '{"type":1,"room_id":"room_1"}', 'missing_task_id');
  });
});

describe('content moderation', () => {
  const taskId = 'session_1/user_1';
  const task = { kind: 'moderation', roomId: 'room_1', sessionId: 'session_1', userId: 'user_1' } as const;
  const event = { taskId, roomId: 'room_1', kind: 'moderation' } as const;

  testDocuments(parseModeration, [
    [
      'type 1, started',
      'your_appkey',
      '{"type":1,"code":200,"appKey":"your_appkey","roomId":"room_1","userId":"user_1","scene":"VIDEO_LIVE","sessionId":"session_1"}',
      { ...event, type: 'moderation 1' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'start',
          rank: 0,
          ...REPLACED,
          value: { status: 'started', task, code: 200 },
        },
      ],
    ],
    [
      'type 2, ended',
      'your_appkey',
      '{"type":2,"code":200,"appKey":"your_appkey","roomId":"room_1","userId":"user_1","scene":"VIDEO_LIVE","sessionId":"session_1"}',
      { ...event, type: 'moderation 2' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'end',
          rank: 0,
          ...REPLACED,
          value: { status: 'ended', task, code: 200 },
        },
      ],
    ],
    [
      'type 3, status exception',
      'your_appkey',
      '{"type":3,"code":500,"appKey":"your_appkey","roomId":"room_1","userId":"user_1","scene":"VIDEO_LIVE","sessionId":"session_1"}',
      { ...event, type: 'moderation 3' },
      [],
    ],
    [
      'type 4, result',
      'your_appkey',
      '{"type":4,"code":200,"appKey":"your_appkey","roomId":"room_1","userId":"user_1","scene":"LIVE_ROOM","sessionId":"session_1"}',
      { ...event, type: 'moderation 4' },
      [],
    ],
    [
      'a time, where one comes',
      'your_appkey',
      '{"type":2,"timestamp":1593483553055,"roomId":"room_1","userId":"user_1","sessionId":"session_1"}',
      { ...event, at: 1593483553055, type: 'moderation 2' },
      [
        {
          entity: 'task',
          taskId,
          facet: 'end',
          rank: 0,
          at: 1593483553055,
          value: { status: 'ended', task },
        },
      ],
    ],
    [
      'no user',
      'your_appkey',
      '{"type":2,"timestamp":1593483553055,"roomId":"room_1","sessionId":"session_1"}',
      { ...event, taskId: 'session_1/*', at: 1593483553055, type: 'moderation 2' },
      [
        {
          entity: 'task',
          taskId: 'session_1/*',
          facet: 'end',
          rank: 0,
          at: 1593483553055,
          value: { status: 'ended', task: { ...task, userId: undefined } },
        },
      ],
    ],
  ]);

  const providerResult = JSON.stringify({ code: 1100, riskLevel: 'REVIEW' });
  test.each([
    [{ riskLevel: 'PASS' }, 0, 'PASS'],
    [{ RiskLevel: 'REVIEW' }, 1, 'REVIEW'],
    [{ risk_level: 'reject' }, 2, 'reject'],
    [{ result: 'REJECT' }, 2, 'REJECT'],
    [{ result: { detail: { riskLevel: 'REVIEW' } } }, 1, 'REVIEW'],
    [
      { data: { frames: [{ riskLevel: 'PASS' }, { riskLevel: 'REJECT' }, { riskLevel: 'REVIEW' }] } },
      2,
      'REJECT',
    ],
    [{ result: providerResult }, 1, 'REVIEW'],
    [{ result: 10001, resultDetail: providerResult }, 1, 'REVIEW'],
    [{ riskLevel: 'PASS', result: providerResult }, 1, 'REVIEW'],
  ])('%j is of rank %i', (result, rank, riskLevel) => {
    const body = { type: 4, roomId: 'room_1', userId: 'user_1', sessionId: 'session_1', ...result };
    expect(parseAs(parseModeration, 'your_appkey', JSON.stringify(body))).toEqual({
      ok: true,
      event: { ...event, type: 'moderation 4', identity: body },
      observations: [
        { entity: 'task', taskId, facet: 'risk', rank, ...REPLACED, value: { task, riskLevel } },
      ],
    });
  });

  test.each([
    { riskLevel: 'HIGH' },
    { riskLevel: 2 },
    { riskLevel: null },
    { result: 10000 },
    { result: 'toString' },
    { content: providerResult },
    { extra: providerResult },
  ])('%j has no risk level that is known', (result) => {
    const body = { type: 4, sessionId: 'session_1', userId: 'user_1', ...result };
    expect(parseAs(parseModeration, 'your_appkey', JSON.stringify(body))).toMatchObject({
      ok: true,
      event: { taskId, identity: body },
      observations: [],
    });
  });

  test('only a result has a risk', () => {
    for (const type of [1, 2, 3, 9]) {
      const body = { type, sessionId: 'session_1', userId: 'user_1', riskLevel: 'REJECT' };
      const parsed = parseAs(parseModeration, 'your_appkey', JSON.stringify(body));
      expect(parsed.ok && parsed.observations.some(({ facet }) => facet === 'risk')).toBe(false);
    }
  });

  test('a result nested 100,000 deep is an event', () => {
    const deep = `${'{"result":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    const document = `{"type":4,"sessionId":"session_1","userId":"user_1","result":${deep}}`;
    expect(parseAs(parseModeration, 'your_appkey', document)).toMatchObject({ ok: true, observations: [] });
  });

  test('without a session there is no task', () => {
    for (const type of [1, 2, 4])
      expectReason(
        parseModeration,
        `{"type":${type},"roomId":"room_1","userId":"user_1"}`,
        'missing_task_id',
      );
  });
});

describe('events without a task are kept with their room', () => {
  test.each([
    ['CDN', parseCdn, '{"type":3,"roomId":"room_1"}', 'live 3'],
    ['CDN', parseCdn, '{"type":9,"roomId":"room_1","sessionId":""}', 'live 9'],
    ['player', parsePlayer, '{"type":4,"room_id":"room_1"}', 'player 4'],
    ['moderation', parseModeration, '{"type":"new","roomId":"room_1"}', 'moderation unknown'],
  ])('%s %j %s', (_name, parse, document, type) => {
    const parsed = parseAs(parse, 'your_appkey', document);
    expect(parsed).toMatchObject({ ok: true, event: { type, roomId: 'room_1', taskId: undefined } });
    expect(parsed).toMatchObject({ observations: [] });
  });
});

describe.each([
  ['recording', parseRecording, { recordId: '1' }],
  ['screenshot', parseScreenshot, { imageId: '1' }],
  ['room', parseRoom, { roomId: '1' }],
  ['cdn', parseCdn, { sessionId: '1' }],
  ['player', parsePlayer, { room_id: '1', user_id: '1' }],
  ['moderation', parseModeration, { sessionId: '1' }],
])('every service: %s', (_name, parse, ids) => {
  test('the app key must be that of the secret', () => {
    for (const appKey of [{ appKey: 'your_appkey' }, { app_key: 'your_appkey' }, { appKey: '' }, {}])
      expect(parseAs(parse, 'your_appkey', JSON.stringify({ ...ids, ...appKey })).ok).toBe(true);
    for (const appKey of [{ appKey: 'another' }, { app_key: 'another' }, { appKey: 17 }])
      expectReason(parse, JSON.stringify({ ...ids, ...appKey }), 'app_mismatch');
  });

  test.each(['', '{', '[]', 'null', '"text"', '17', '[{"roomId":"1"}]'])('%j is no body', (document) => {
    expectReason(parse, document, 'unreadable_body');
  });

  test('an id keeps its digits', () => {
    const name = Object.keys(ids)[0] as string;
    const document = `{${Object.keys(ids).map((key) => `"${key}":7291847562039485713`)}}`;
    const parsed = parseAs(parse, 'your_appkey', document);
    expect(parsed.ok && (parsed.event.taskId ?? parsed.event.roomId), name).toContain('7291847562039485713');
    expect(parsed.ok && parsed.event.identity).toEqual(parseJson(document));
  });
});
