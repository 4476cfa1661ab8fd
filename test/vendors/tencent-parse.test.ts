import { describe, expect, test } from 'vitest';
import type { CallbackEvent } from '../../lib/callback/callback.ts';
import type { FileFacet, Observation, TaskFacet, TaskUpload } from '../../lib/callback/observation.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { parseTencent } from '../../lib/vendors/tencent/parse.ts';
import { document } from '../support/document.ts';

const RECEIVED_AT = 1_790_000_000_000;

/** What 305 and a successful 312 speak of: an MP4 has callbacks of its own. */
const HLS = { suffixes: ['.m3u8', '.ts'] };
const TASK = '-m9-bVVU7id***K-m928oZWQndiborbEWH3zY-lIXlprc-gQvQE';

type Place = Pick<CallbackEvent, 'at' | 'taskId' | 'roomId' | 'kind'>;
type Row = [document: string, type: string, place: Place, observations: Observation[]];

const ofRoom = (at: number): Place => ({ at, roomId: '12345' });
const ofRecording = (at: number, roomId = 'xx', taskId = 'xx'): Place => ({
  at,
  taskId,
  roomId,
  kind: 'recording',
});
const ofWebRecording: Place = { at: 1622186275757, taskId: TASK, kind: 'recording' };

function room(facet: 'open' | 'close' | 'activity', at: number): Observation[] {
  return [{ entity: 'room', roomId: '12345', facet, rank: 0, at, value: {} }];
}

/** An observation of the recording that the event is of. */
const recording = ({ at = 0, taskId = '', roomId }: Place) => ({
  phase: (facet: 'start' | 'end', rank: number, value: Omit<TaskFacet, 'task'>): Observation => ({
    entity: 'task',
    taskId,
    facet,
    rank,
    at,
    value: { ...value, task: { kind: 'recording', roomId } },
  }),
  uploads: (rank: number, value: Omit<TaskUpload, 'task'>): Observation => ({
    entity: 'task',
    taskId,
    facet: 'upload',
    rank,
    at,
    value: { ...value, task: { kind: 'recording', roomId } },
  }),
  file: (
    name: string,
    facet: 'start' | 'upload',
    rank: number,
    value: Omit<FileFacet, 'task'>,
  ): Observation => ({
    entity: 'file',
    taskId,
    name,
    facet,
    rank,
    at,
    value: { ...value, task: { kind: 'recording', roomId } },
  }),
});

/** An event that says what `observe` says of its recording. */
function recordingRow(
  document: string,
  type: string,
  place: Place,
  ...observe: ((about: ReturnType<typeof recording>) => Observation)[]
): Row {
  return [document, type, place, observe.map((each) => each(recording(place)))];
}

/** https://trtc.io/document/39558; 103 and 104 are not published. */
const ROOM_AND_MEDIA: Row[] = [
  [document('tencent-parse/1-101'), '1/101', ofRoom(1687770730160), room('open', 1687770730160)],
  [
    '{"EventGroupId":1,"EventType":102,"CallbackTs":1687771618531,"EventInfo":{"RoomId":"12345","EventTs":1687771618,"EventMsTs":1687771618457}}',
    '1/102',
    ofRoom(1687771618457),
    room('close', 1687771618457),
  ],
  [document('tencent-parse/1-103'), '1/103', ofRoom(1690000001050), room('activity', 1690000001050)],
  [document('tencent-parse/1-104'), '1/104', ofRoom(1690000301370), room('activity', 1690000301370)],
  [document('tencent-parse/1-105'), '1/105', ofRoom(1687772245537), room('activity', 1687772245537)],
  [document('tencent-parse/2-201'), '2/201', ofRoom(1687771803192), room('activity', 1687771803192)],
  [document('tencent-parse/2-202'), '2/202', ofRoom(1687771919447), room('activity', 1687771919447)],
  [document('tencent-parse/2-203'), '2/203', ofRoom(1687771869365), room('activity', 1687771869365)],
  [document('tencent-parse/2-204'), '2/204', ofRoom(1687770732383), room('activity', 1687770732383)],
  [document('tencent-parse/2-205'), '2/205', ofRoom(1687772013753), room('activity', 1687772013753)],
  [document('tencent-parse/2-206'), '2/206', ofRoom(1687772015032), room('activity', 1687772015032)],
];

/** https://trtc.io/document/54914, 308: https://trtc.io/document/45169; the last two are not published. */
const RECORDING: Row[] = [
  recordingRow(document('tencent-parse/3-301'), '3/301', ofRecording(1622186275757), (about) =>
    about.phase('start', 0, { status: 'started', code: 0 }),
  ),
  recordingRow(document('tencent-parse/3-302'), '3/302', ofRecording(1622186275757), (about) =>
    about.phase('end', 0, { status: 'ended', code: 0, message: 'stopped by API', filesFollow: true }),
  ),
  recordingRow(document('tencent-parse/3-303'), '3/303', ofRecording(1622191965000, '20015')),
  recordingRow(document('tencent-parse/3-304'), '3/304', ofRecording(1622191965000, '20015'), (about) =>
    about.file('xx.m3u8', 'start', 0, { status: 'recording' }),
  ),
  recordingRow(
    `{"EventGroupId":3,"EventType":305,"CallbackTs":1752580150082,"EventInfo":{"RoomId":"635055","EventTs":1752580150,"EventMsTs":1752580150081,"UserId":"user1","TaskId":"${TASK}","Payload":{"Status":0}}}`,
    '3/305',
    ofRecording(1752580150081, '635055', TASK),
    (about) => about.uploads(1, { status: 'uploaded', code: 0, ...HLS }),
  ),
  recordingRow(document('tencent-parse/3-306'), '3/306', ofRecording(1622186275757, '20015')),
  recordingRow(document('tencent-parse/3-307'), '3/307', ofRecording(1622186289000), (about) =>
    about.file('xx.m3u8', 'start', 1, {
      status: 'recording',
      userId: 'xx',
      trackType: 'audio',
      beginsAt: '2021-05-28T07:17:59.144Z',
    }),
  ),
  recordingRow(document('tencent-parse/3-308'), '3/308', ofRecording(1622191989000, '20015'), (about) =>
    about.uploads(0, { status: 'upload_failed', code: 'InvalidParameter', message: 'AccessKey invalid' }),
  ),
  recordingRow(document('tencent-parse/3-309'), '3/309', ofRecording(1622186275757, '20015')),
  recordingRow(
    document('tencent-parse/3-310'),
    '3/310',
    ofRecording(1622186275757, '20015'),
    (about) =>
      about.file('xxxx1.mp4', 'upload', 1, {
        status: 'uploaded',
        code: 0,
        userId: 'xxxx',
        trackType: 'audio_video',
        mediaId: 'main',
        beginsAt: '2021-05-28T07:17:59.145Z',
        endsAt: '2021-05-28T07:18:02.145Z',
        durationMs: 3000,
      }),
    (about) =>
      about.file('xxxx2.mp4', 'upload', 1, {
        status: 'uploaded',
        code: 0,
        userId: 'xxxx',
        trackType: 'audio_video',
        mediaId: 'main',
        beginsAt: '2021-05-28T07:17:59.153Z',
        endsAt: '2021-05-28T07:18:02.153Z',
        durationMs: 3000,
      }),
  ),
  recordingRow(document('tencent-parse/3-311'), '3/311', ofRecording(1622186275757, '20015'), (about) =>
    about.file('xxxx.mp4', 'upload', 1, {
      status: 'uploaded',
      code: 0,
      url: 'http://xxxx',
      vodFileId: 'xxxx',
      userId: 'xx',
      trackType: 'audio_video',
      mediaId: 'main',
      beginsAt: '2021-05-28T07:17:59.153Z',
      endsAt: '2021-05-28T07:18:02.153Z',
      durationMs: 3000,
    }),
  ),
  recordingRow(document('tencent-parse/3-311-2'), '3/311', ofRecording(1622186275757, '20015'), (about) =>
    about.file('xxx.mp4', 'upload', 0, {
      status: 'upload_failed',
      code: 1,
      message: 'xxx',
      userId: '123',
      trackType: 'audio_video',
    }),
  ),
  recordingRow(document('tencent-parse/3-312'), '3/312', ofRecording(1622186275757, '20015'), (about) =>
    about.uploads(1, { status: 'uploaded', code: 0, ...HLS }),
  ),
  recordingRow(
    document('tencent-parse/3-305'),
    '3/305',
    ofRecording(1752580150081, '635055', 'task_1'),
    (about) => about.uploads(0, { status: 'upload_failed', code: 1, ...HLS }),
  ),
  recordingRow(
    document('tencent-parse/3-305-2'),
    '3/305',
    ofRecording(1752583750101, '635055', 'task_1'),
    (about) => about.uploads(2, { status: 'uploaded', code: 2, recovered: true, ...HLS }),
  ),
];

/** https://trtc.io/document/54914 */
const WEB_RECORDING: Row[] = [
  recordingRow(
    `{"EventGroupId":8,"EventType":801,"CallbackTs":1622186275913,"EventInfo":{"EventMsTs":1622186275757,"TaskId":"${TASK}","Payload":{"Status":1,"EventMessage":"Success"}}}`,
    '8/801',
    ofWebRecording,
    (about) => about.phase('start', 0, { status: 'started', code: 1, message: 'Success' }),
  ),
  recordingRow(
    `{"EventGroupId":8,"EventType":802,"CallbackTs":1622186275913,"EventInfo":{"EventMsTs":1622186275757,"TaskId":"${TASK}","Payload":{"Status":1,"EventMessage":"Success"}}}`,
    '8/802',
    ofWebRecording,
    (about) => about.phase('end', 0, { status: 'ended', code: 1, message: 'Success', filesFollow: true }),
  ),
  recordingRow(
    `{"EventGroupId":8,"EventType":803,"CallbackTs":1622186275913,"EventInfo":{"EventMsTs":1622186275757,"TaskId":"${TASK}","Payload":{"Status":1,"EventMessage":"PageRefresh"}}}`,
    '8/803',
    ofWebRecording,
  ),
  recordingRow(
    `{"EventGroupId":8,"EventType":804,"CallbackTs":1622186275913,"EventInfo":{"EventMsTs":1622186275757,"TaskId":"${TASK}","Payload":{"Status":1,"EventMessage":"Over time limit"}}}`,
    '8/804',
    ofWebRecording,
    (about) =>
      about.phase('end', 1, { status: 'ended', code: 1, message: 'Over time limit', filesFollow: true }),
  ),
];

const PICTURE = 'ap-guangzhou-1400000000-1698410059243691647-60022-jpg.jpg';

/** In this order https://trtc.io/document/54913, 64802, and of tencentcloud.com 647/66149 and 647/80094 */
const OTHER_GROUPS: Row[] = [
  [
    document('tencent-parse/4-401'),
    '4/401',
    { at: 1622186275913, taskId: 'xx', roomId: 'xx', kind: 'live' },
    [
      {
        entity: 'task',
        taskId: 'xx',
        facet: 'start',
        rank: 0,
        at: 1622186275913,
        value: { status: 'started', task: { kind: 'live', roomId: 'xx' }, parts: 'targets' },
      },
      {
        entity: 'target',
        taskId: 'xx',
        targetId: expect.stringMatching(/^[0-9a-f]{32}$/),
        facet: 'start',
        rank: 0,
        at: 1622186275913,
        value: {
          status: 'started',
          task: { kind: 'live', roomId: 'xx' },
          host: 'tencent-url',
          urlEnd: 'xxxx',
        },
      },
    ],
  ],
  [
    `{"EventGroupId":6,"EventType":601,"CallbackTs":1698410059705,"EventInfo":{"eventID":"${PICTURE}","callbackData":"test","pictureURL":"https://sotest-1200000000.cos.ap-guangzhou.myqcloud.com/1400000000/${PICTURE}","code":0,"msg":"","roomID":"464884","streamType":"BigStream","userID":"dd","timestamp":1698410059693}}`,
    '6/601',
    { at: 1698410059693, taskId: '464884', roomId: '464884', kind: 'screenshot' },
    [
      {
        entity: 'file',
        taskId: '464884',
        name: PICTURE,
        facet: 'upload',
        rank: 1,
        at: 1698410059693,
        value: {
          status: 'uploaded',
          task: { kind: 'screenshot', roomId: '464884', extra: 'test' },
          code: 0,
          url: `https://sotest-1200000000.cos.ap-guangzhou.myqcloud.com/1400000000/${PICTURE}`,
          userId: 'dd',
        },
      },
    ],
  ],
  [document('tencent-parse/9-901'), '9/901', { at: 1622186275757, taskId: 'xx', roomId: '1234' }, []],
  [document('tencent-parse/14-1401'), '14/1401', { at: 1622186275757, taskId: 'xxx', roomId: '1234' }, []],
];

describe.each<[string, Row[]]>([
  ['room and media', ROOM_AND_MEDIA],
  ['cloud recording', RECORDING],
  ['web page recording', WEB_RECORDING],
  ['other groups', OTHER_GROUPS],
])('the samples of the vendor: %s', (_name, rows) => {
  test.each(rows.map(([document, type, ...expected]) => [type, document, ...expected] as const))(
    '%s',
    (type, document, place, observations) => {
      const { CallbackTs: _, ...identity } = JSON.parse(document) as JsonObject;
      const context = { appId: '1400000000', receivedAt: RECEIVED_AT };
      expect(parseTencent(Buffer.from(document), context)).toEqual({
        ok: true,
        event: { type, ...place, identity },
        observations,
      });
    },
  );
});
