import { describe, expect, test } from 'vitest';
import type { ParsedCallback, QuarantineReason } from '../../lib/callback/callback.ts';
import type { Observation } from '../../lib/callback/observation.ts';
import type { Json, JsonObject } from '../../lib/platform/json.ts';
import { parseTencent } from '../../lib/vendors/tencent/parse.ts';

const RECEIVED_AT = 1_790_000_000_000;
const AT = 1_622_186_275_757;
const INFO = { RoomId: 'room', EventMsTs: AT, UserId: 'robot', TaskId: 'task' };

function parseText(document: string): ParsedCallback {
  return parseTencent(Buffer.from(document), { appId: '1400000000', receivedAt: RECEIVED_AT });
}

/** The callback of a type, whose group is what comes before the last two digits. */
function parse(type: number, info: JsonObject): ParsedCallback {
  const EventGroupId = Math.floor(type / 100);
  return parseText(JSON.stringify({ EventGroupId, EventType: type, CallbackTs: AT, EventInfo: info }));
}

function observe(type: number, Payload: Json, changes: JsonObject = {}): Observation[] | QuarantineReason {
  const parsed = parse(type, { ...INFO, Payload, ...changes });
  return parsed.ok ? parsed.observations : parsed.reason;
}

/** `facet rank status`, with the file's name in front. */
function brief(observed: Observation[] | QuarantineReason): string[] | QuarantineReason {
  if (typeof observed === 'string') return observed;
  return observed.map((observation) => {
    const { entity, facet, rank, value } = observation;
    const name = entity === 'file' ? `${observation.name} ` : '';
    return `${name}${facet} ${rank} ${'status' in value ? value.status : ''}`.trim();
  });
}

const FILE = { TencentVod: { CacheFile: 'a' } };
const NAMED = { FileList: ['a'] };

describe('what a status says', () => {
  test.each<[type: number, payload: JsonObject, expected: string[]]>([
    [301, { Status: 0 }, ['start 0 started']],
    [301, { Status: '0' }, ['start 0 started']],
    [301, { Status: 1 }, ['start 0 failed']],
    [301, { Status: '1' }, ['start 0 failed']],
    [301, { Status: 2 }, []],
    [301, {}, []],
    [302, { LeaveCode: 0 }, ['end 0 ended']],
    [302, { LeaveCode: 77 }, ['end 0 ended']],
    [302, {}, ['end 0 ended']],
    [303, { Status: 0 }, []],
    [303, { Status: 1 }, ['upload 0 upload_failed']],
    [303, { Status: '1' }, ['upload 0 upload_failed']],
    [305, { Status: 0 }, ['upload 1 uploaded']],
    [305, { Status: '0' }, ['upload 1 uploaded']],
    [305, { LeaveCode: 0 }, ['upload 1 uploaded']],
    [305, { LeaveCode: '0' }, ['upload 1 uploaded']],
    [305, { Status: 1 }, ['upload 0 upload_failed']],
    [305, { LeaveCode: 1 }, ['upload 0 upload_failed']],
    [305, { Status: null, LeaveCode: 1 }, ['upload 0 upload_failed']],
    [305, { Status: 2 }, ['upload 2 uploaded']],
    [305, { Status: '2' }, ['upload 2 uploaded']],
    [305, { LeaveCode: 2 }, ['upload 2 uploaded']],
    [305, { Status: 3 }, []],
    [305, {}, []],
    [306, { Status: 0 }, []],
    [308, {}, ['upload 0 upload_failed']],
    [309, { Url: 'http://xx' }, []],
    [310, { Status: 0, ...NAMED }, ['a upload 1 uploaded']],
    [310, { Status: '0', ...NAMED }, ['a upload 1 uploaded']],
    [310, { Status: 1, ...NAMED }, ['a upload 0 upload_failed']],
    [310, { Status: 2, ...NAMED }, ['a upload 0 upload_failed']],
    [310, { Status: 3, ...NAMED }, ['a segment 0 closed']],
    [310, NAMED, ['a segment 0 closed']],
    [311, { Status: 0, ...FILE }, ['a upload 1 uploaded']],
    [311, { Status: 1, ...FILE }, ['a upload 0 upload_failed']],
    [311, { Status: 2, ...FILE }, ['a upload 0 upload_failed']],
    [311, { Status: -1, ...FILE }, ['a segment 0 closed']],
    [311, FILE, ['a segment 0 closed']],
    [312, { Status: 0 }, ['upload 1 uploaded']],
    [312, { Status: 1 }, ['upload 0 upload_failed']],
    [312, { Status: 2 }, []],
    [313, { Status: 0 }, []],
    [401, { Status: 0 }, ['end 0 ended']],
    [401, { Status: 1 }, []],
    [401, { Status: 2 }, ['start 0 started']],
    [401, { Status: '2' }, ['start 0 started']],
    [401, { Status: 3 }, []],
    [401, { Status: 4 }, ['end 1 failed']],
    [401, { Status: 5 }, []],
    [401, { Status: 6 }, []],
    [401, {}, []],
    [402, { Status: 2 }, []],
    [801, { Status: 0 }, []],
    [801, { Status: 1 }, ['start 0 started']],
    [801, { Status: '1' }, ['start 0 started']],
    [801, { Status: 2 }, ['start 0 failed']],
    [801, { Status: 3 }, []],
    [801, { Status: 4 }, []],
    [801, { Status: 5 }, ['end 2 failed']],
    [802, { Status: 1 }, ['end 0 ended']],
    [802, {}, ['end 0 ended']],
    [803, { Status: 1 }, []],
    [804, { Status: 1 }, ['end 1 ended']],
    [804, { Status: 2 }, ['end 1 ended']],
    [805, { Status: 1 }, []],
    [901, { Status: 0 }, []],
    [1402, { LeaveCode: 0 }, []],
  ])('%i %j', (type, payload, expected) => {
    expect(brief(observe(type, payload))).toEqual(expected);
  });

  test.each([
    [0, undefined],
    [1, undefined],
    [2, true],
  ])('305 with %i: files that failed one by one are recovered: %s', (Status, recovered) => {
    const [observation] = observe(305, { Status }) as Observation[];
    expect(observation?.value).toEqual({ ...observation?.value, recovered });
  });

  test.each([
    [0, 'stopped by API'],
    [1, 'robot removed by the customer'],
    [2, 'room dismissed by the customer'],
    [3, 'robot removed by the server'],
    [4, 'room dismissed by the server'],
    [99, 'nobody else published for the idle time'],
    [100, 'room timeout'],
    [101, 'the same user entered again'],
    [5, undefined],
  ])('302 LeaveCode %i: %s', (code, message) => {
    for (const LeaveCode of [code, String(code)]) {
      expect(observe(302, { LeaveCode })).toMatchObject([{ value: { code } }]);
      expect(observe(302, { LeaveCode })).toHaveProperty('0.value.message', message);
    }
  });

  test.each<[type: number, payload: JsonObject, code: string | number | undefined, message?: string]>([
    [308, { Code: 'NoSuchBucket', Message: 'gone' }, 'NoSuchBucket', 'gone'],
    [308, { Code: 403 }, 403],
    [308, {}, undefined],
    [311, { Status: 2, Errmsg: 'no space', ...FILE }, 2, 'no space'],
    [401, { Status: 4, ErrorCode: -7, ErrorMsg: 'refused' }, -7, 'refused'],
    [401, { Status: 4, ErrorCode: '7', ErrorMsg: '' }, '7'],
    [401, { Status: 4 }, undefined],
    [801, { Status: 5, EventMessage: 'Page load timeout' }, 5, 'Page load timeout'],
    [804, { Status: 2, EventMessage: 'too large' }, 2, 'too large'],
  ])('code and message of %i %j', (type, payload, code, message) => {
    const [observation] = observe(type, payload) as Observation[];
    expect(observation?.value).toMatchObject(code === undefined ? {} : { code });
    expect(observation?.value).toEqual({ ...observation?.value, code, message });
  });
});

describe('ids', () => {
  const DIGITS = '7291847562039485713';

  test.each([
    ['"12345"', '12345'],
    ['12345', '12345'],
    ['0', '0'],
    [DIGITS, DIGITS],
    [`"${DIGITS}"`, DIGITS],
    ['"__proto__"', '__proto__'],
  ])('room %s and task %s', (json, id) => {
    const info = `{"RoomId":${json},"TaskId":${json},"EventMsTs":${AT},"Payload":{"Status":2}}`;
    expect(parseText(`{"EventGroupId":1,"EventType":101,"EventInfo":${info}}`)).toMatchObject({
      event: { roomId: id },
      observations: [{ entity: 'room', roomId: id }],
    });
    expect(parseText(`{"EventGroupId":4,"EventType":401,"EventInfo":${info}}`)).toMatchObject({
      event: { taskId: id, roomId: id },
      observations: [{ taskId: id, value: { task: { roomId: id } } }],
    });
  });

  test('group and type may be text', () => {
    const document = JSON.stringify({
      EventGroupId: '3',
      EventType: '301',
      EventInfo: { ...INFO, Payload: { Status: 0 } },
    });
    expect(parseText(document)).toMatchObject({ event: { type: '3/301' }, observations: [{ at: AT }] });
  });

  test("the vendor's robot is not the user of the task", () => {
    for (const [type, Status] of [
      [301, 0],
      [401, 2],
      [801, 1],
    ] as const) {
      expect(JSON.stringify(observe(type, { Status }))).not.toContain('robot');
    }
  });

  test('the stream key of a relay is in no id and no state', () => {
    for (const Status of [0, 1, 2, 3, 4, 5]) {
      const parsed = parse(401, { ...INFO, Payload: { Url: 'rtmp://host/live/secret-key', Status } });
      const { identity: _, ...event } = parsed.ok ? parsed.event : { identity: null };
      expect(JSON.stringify([event, parsed.ok && parsed.observations])).not.toContain('secret-key');
    }
  });

  test('what is sent again is the same event, whenever it is sent', () => {
    const sent = (time: JsonObject) =>
      parseText(JSON.stringify({ EventGroupId: 9, EventType: 901, EventInfo: INFO, ...time }));
    expect(sent({ CallbackTs: 1 })).toEqual(sent({ CallbackTs: 2 }));
    expect(sent({ CallbackMsTs: 1 })).toEqual(sent({ CallbackTs: 2 }));
    expect(sent({ CallbackTs: 1, Other: 1 })).not.toEqual(sent({ CallbackTs: 1 }));
  });
});

describe('when it happened', () => {
  test.each<[times: JsonObject, at: number | undefined]>([
    [{ EventMsTs: AT }, AT],
    [{ EventMsTs: String(AT) }, AT],
    [{ EventTsMs: AT }, AT],
    [{ EventTsMs: String(AT), EventTs: 1 }, AT],
    [{ EventTs: 1622186275 }, 1622186275000],
    [{ EventTs: '1622186275' }, 1622186275000],
    [{ EventMsTs: null, EventTs: 1622186275 }, 1622186275000],
    [{ EventMsTs: 'soon', EventTs: 1622186275 }, 1622186275000],
    [{ EventMsTs: -1, EventTs: 1622186275 }, 1622186275000],
    [{ EventMsTs: 1e300 }, undefined],
    [{ EventTs: {} }, undefined],
    [{}, undefined],
  ])('%j', (times, at) => {
    const { EventMsTs: _, ...info } = INFO;
    const parsed = parse(301, { ...info, ...times, Payload: { Status: 0 } });
    expect(parsed).toMatchObject({ ok: true, observations: [{ at: at ?? RECEIVED_AT }] });
    expect(parsed).toHaveProperty('event.at', at);
  });
});

describe('files', () => {
  test.each<[payload: JsonObject, names: string[] | QuarantineReason]>([
    [{ FileList: ['a', 'b'] }, ['a', 'b']],
    [{ FileList: ['a', 'a'] }, ['a']],
    [{ FileList: 'a' }, ['a']],
    [{ FileList: [], FileMessage: [{ FileName: 'a' }] }, ['a']],
    [{ FileList: null, FileMessage: [{ FileName: 'a' }, { FileName: 'b' }] }, ['a', 'b']],
    [{ FileList: ['a'], FileMessage: [{ FileName: 'b' }] }, ['a', 'b']],
    [{ FileList: ['b', 'a'], FileMessage: [{ FileName: 'a' }] }, ['b', 'a']],
    [{ FileList: ['a'], FileMessage: null }, ['a']],
    [{ FileList: ['__proto__', 'constructor'] }, ['__proto__', 'constructor']],
    [{ FileMessage: { FileName: 'a' } }, ['a']],
    [{}, 'missing_file_name'],
    [{ FileList: [] }, 'missing_file_name'],
    [{ FileList: '', FileMessage: [] }, 'missing_file_name'],
    [{ FileList: [''] }, 'unreadable_file_list'],
    [{ FileList: [null] }, 'unreadable_file_list'],
    [{ FileList: [['a']] }, 'unreadable_file_list'],
    [{ FileList: { 0: 'a' } }, 'unreadable_file_list'],
    [{ FileList: true }, 'unreadable_file_list'],
    [{ FileList: ['a'], FileMessage: 'a' }, 'unreadable_file_list'],
    [{ FileList: ['a'], FileMessage: [{ UserId: 'u' }] }, 'unreadable_file_list'],
    [{ FileList: ['a'], FileMessage: [{ FileName: '' }] }, 'unreadable_file_list'],
  ])('of 310 %j', (payload, names) => {
    const expected = typeof names === 'string' ? names : names.map((name) => `${name} upload 1 uploaded`);
    expect(brief(observe(310, { Status: 0, ...payload }))).toEqual(expected);
  });

  test.each([null, 'a.mp4', ['a.mp4'], 7])('of 310 with the payload %j', (payload) => {
    expect(observe(310, payload)).toBe('missing_file_name');
  });

  test('what FileMessage says is of the file that it names', () => {
    const entries = [{ FileName: 'b', MediaId: 'aux', UserId: '', TrackType: 'video' }];
    expect(observe(310, { Status: 0, FileList: ['a', 'b'], FileMessage: entries })).toEqual([
      expect.objectContaining({ name: 'a', value: { status: 'uploaded', task: expect.anything(), code: 0 } }),
      expect.objectContaining({
        name: 'b',
        value: {
          status: 'uploaded',
          task: { kind: 'recording', roomId: 'room' },
          code: 0,
          mediaId: 'aux',
          trackType: 'video',
        },
      }),
    ]);
  });

  test.each<[entry: JsonObject, expected: (number | undefined)[]]>([
    [{ StartTimeStamp: 1000, EndTimeStamp: 2500 }, [1000, 2500, 1500]],
    [{ StartTimeStamp: '1000', EndTimeStamp: '2500' }, [1000, 2500, 1500]],
    [{ StartTimeStamp: 1000, EndTimeStamp: 1000 }, [1000, 1000, 0]],
    [{ StartTimeStamp: 2500, EndTimeStamp: 1000 }, [2500, 1000]],
    [{ StartTimeStamp: 1000 }, [1000]],
    [{ EndTimeStamp: 1000 }, [undefined, 1000]],
    [{ StartTimeStamp: {}, EndTimeStamp: 'late' }, []],
    [{ StartTimeStamp: -1, EndTimeStamp: 1e300 }, []],
    [{}, []],
  ])('times of %j', (entry, [begin, end, durationMs]) => {
    const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
    const times = { beginsAt: iso(begin), endsAt: iso(end), durationMs };
    const of310 = observe(310, { Status: 0, FileMessage: [{ FileName: 'a', ...entry }] });
    const of311 = observe(311, { Status: 0, TencentVod: { CacheFile: 'a', ...entry } });
    for (const observed of [of310, of311] as Observation[][]) {
      expect(observed[0]?.value).toEqual({ ...observed[0]?.value, ...times });
    }
  });

  test.each([1622186279144, '1622186279144'])('307 began at %j', (BeginTimeStamp) => {
    expect(observe(307, { FileName: 'a.m3u8', UserId: 'user', TrackType: 'video', BeginTimeStamp })).toEqual([
      {
        entity: 'file',
        taskId: 'task',
        name: 'a.m3u8',
        facet: 'start',
        rank: 1,
        at: AT,
        value: {
          status: 'recording',
          task: { kind: 'recording', roomId: 'room' },
          userId: 'user',
          trackType: 'video',
          beginsAt: '2021-05-28T07:17:59.144Z',
        },
      },
    ]);
  });

  test.each<[payload: JsonObject, name: string]>([
    [{ TencentVod: { CacheFile: 'a.mp4', FileId: '1', VideoUrl: 'http://a' } }, 'a.mp4'],
    [{ TencentVod: { FileId: '5285890784273533167', VideoUrl: 'http://a' } }, '5285890784273533167'],
    [{ TencentVod: { CacheFile: '', FileId: null, VideoUrl: 'http://a' } }, 'http://a'],
    [{ CacheFile: 'a.mp4', FileId: '1', VideoUrl: 'http://a' }, 'a.mp4'],
    [{ TencentVod: null, FileId: '1' }, '1'],
  ])('the name of 311 %j', (payload, name) => {
    expect(brief(observe(311, { Status: 0, ...payload }))).toEqual([`${name} upload 1 uploaded`]);
  });

  test.each<[names: JsonObject, expected: string[] | QuarantineReason]>([
    [{ eventID: 'a', eventId: 'b', pictureURL: 'http://c' }, ['a upload 1 uploaded']],
    [{ eventId: 'b', pictureURL: 'http://c' }, ['b upload 1 uploaded']],
    [{ eventID: '', pictureURL: 'http://c' }, ['http://c upload 1 uploaded']],
    [{ eventID: 7 }, ['7 upload 1 uploaded']],
    [{ eventID: {} }, 'missing_file_name'],
    [{}, 'missing_file_name'],
  ])('the name of the picture %j', (names, expected) => {
    expect(brief(observe(601, null, { code: 0, ...names }))).toEqual(expected);
  });

  test('304 may name its file in a list, too', () => {
    expect(brief(observe(304, { FileList: ['a.m3u8'] }))).toEqual(['a.m3u8 start 0 recording']);
  });
});

describe('what cannot be applied', () => {
  const anonymous: JsonObject = { TaskId: '', Payload: { Status: 0 } };
  test.each<[type: number, info: JsonObject, reason: QuarantineReason]>([
    [101, { RoomId: '' }, 'missing_room_id'],
    [103, { RoomId: null }, 'missing_room_id'],
    [199, { RoomId: {} }, 'missing_room_id'],
    [204, { RoomId: ['room'] }, 'missing_room_id'],
    [301, anonymous, 'missing_task_id'],
    [302, { TaskId: null }, 'missing_task_id'],
    [305, { TaskId: {} }, 'missing_task_id'],
    [310, anonymous, 'missing_task_id'],
    [401, anonymous, 'missing_task_id'],
    [801, anonymous, 'missing_task_id'],
    [304, { Payload: {} }, 'missing_file_name'],
    [304, { Payload: { FileList: {} } }, 'unreadable_file_list'],
    [307, { Payload: { FileName: '' } }, 'missing_file_name'],
    [307, { Payload: null }, 'missing_file_name'],
    [310, { Payload: { Status: 0 } }, 'missing_file_name'],
    [311, { Payload: { Status: 0, Errmsg: 'xxx' } }, 'missing_file_name'],
    [311, { Payload: { Status: 0, TencentVod: { CacheFile: {} } } }, 'missing_file_name'],
  ])('%i %j: %s', (type, changes, reason) => {
    expect(parse(type, { ...INFO, ...changes })).toEqual({ ok: false, reason });
  });

  test.each(['', '[]', '"text"', '7', 'null', '{"EventGroupId":3', '\ufeff{', '\ufeff\ufeff{}'])(
    'a body %j',
    (document) => {
      expect(parseText(document)).toEqual({ ok: false, reason: 'unreadable_body' });
    },
  );
});

describe('what says nothing of state is an event', () => {
  test.each<[type: number, place: JsonObject]>([
    [306, { taskId: 'task', kind: 'recording' }],
    [309, { taskId: 'task', kind: 'recording' }],
    [399, { taskId: 'task', kind: 'recording' }],
    [402, { taskId: 'task', kind: 'live' }],
    [602, { taskId: 'room', kind: 'screenshot' }],
    [803, { taskId: 'task', kind: 'recording' }],
    [903, { taskId: 'task' }],
    [1403, { taskId: 'task' }],
    [9901, { taskId: 'task' }],
  ])('%i', (type, place) => {
    const { identity: _, ...event } = Object(parse(type, INFO)).event;
    expect(event).toEqual({ type: `${Math.floor(type / 100)}/${type}`, at: AT, roomId: 'room', ...place });
    expect(observe(type, {})).toEqual([]);
  });

  test('of the room where it names no task', () => {
    const { TaskId: _, ...info } = INFO;
    expect(parse(306, info)).toMatchObject({ ok: true, event: { roomId: 'room' }, observations: [] });
    expect(parse(306, info)).toHaveProperty('event.taskId', undefined);
  });
});

describe('a failed upload that names no file is one of its task', () => {
  test.each<[number, JsonObject, object]>([
    [310, { Status: 2, FileList: [], FileMessage: [] }, { code: 2 }],
    [310, { Status: 1 }, { code: 1 }],
    [311, { Status: 2, Errmsg: 'xxx', TencentVod: { UserId: 'u' } }, { code: 2, message: 'xxx' }],
    [311, { Status: 1 }, { code: 1 }],
  ])('%i %j', (type, payload, outcome) => {
    expect(observe(type, payload)).toMatchObject([
      { entity: 'task', facet: 'upload', rank: 0, value: { status: 'upload_failed', ...outcome } },
    ]);
  });

  test('601 of a picture without a name', () => {
    expect(observe(601, null, { code: -1, msg: 'disk full', eventID: '', pictureURL: '' })).toMatchObject([
      {
        entity: 'task',
        facet: 'upload',
        rank: 0,
        value: { status: 'upload_failed', code: -1, message: 'disk full' },
      },
    ]);
  });
});

test('a byte order mark before the body is skipped', () => {
  expect(parseText('\ufeff{"EventGroupId":3,"EventType":399,"EventInfo":{"TaskId":"t"}}')).toMatchObject({
    ok: true,
  });
});
