import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/platform/json.ts';
import { parseTencent } from '../../lib/vendors/tencent/parse.ts';

const AT = 1_726_125_338_219;

function parse(group: number, type: number, info: JsonObject) {
  const body = {
    EventGroupId: group,
    EventType: type,
    CallbackTs: AT,
    EventInfo: { EventMsTs: AT, ...info },
  };
  return parseTencent(Buffer.from(JSON.stringify(body)), { appId: '1', receivedAt: AT });
}

function observe(group: number, type: number, info: JsonObject) {
  const parsed = parse(group, type, info);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.observations;
}

const TASK = { RoomId: '960025', TaskId: 'task_10' };

/** https://trtc.io/document/73393 */
describe('group 10, cloud slicing', () => {
  const slicing = (type: number, info: JsonObject) =>
    observe(10, type, { ...TASK, UserId: 'slice', ...info });

  test.each<[number, JsonObject, object]>([
    [1001, { Status: 0 }, { facet: 'start', value: { status: 'started', code: 0 } }],
    [1001, { Status: 1 }, { facet: 'start', value: { status: 'failed', code: 1 } }],
    [1002, { LeaveCode: 99 }, { facet: 'end', value: { status: 'ended', code: 99 } }],
    [1003, { Status: 1 }, { facet: 'upload', rank: 0, value: { status: 'upload_failed', code: 1 } }],
    [
      1006,
      { Code: 403, Message: 'AccessDenied' },
      { facet: 'upload', value: { code: 403, message: 'AccessDenied' } },
    ],
  ])('%i %j is of the task', (type, Payload, expected) => {
    const task = { kind: 'screenshot', roomId: '960025' };
    expect(slicing(type, { Payload })).toMatchObject([{ entity: 'task', taskId: 'task_10', ...expected }]);
    expect(slicing(type, { Payload })[0]?.value).toMatchObject({ task });
  });

  const PATH = 'task_10/user0/images/1400000000_960025_user0_20250106143143.png';

  test.each<[string, JsonObject]>([
    ['a URL', { Payload: { Image: `https://x.example/${PATH}` } }],
    ['a URL with a signature', { Payload: { Url: `https://x.example/${PATH}?sign=a` } }],
    ['an object key', { Payload: { FileName: PATH } }],
    ['a second Payload', { Payload: { Payload: { Images: [{ File: PATH }] } } }],
    ['a URL without encryption, in capitals', { Payload: { Image: `HTTP://x.example/${PATH}` } }],
    ['a URL with escapes', { Payload: { Image: `https://x.example/${PATH.replaceAll('_', '%5F')}` } }],
    ['one picture twice', { Payload: { Image: `https://x.example/${PATH}`, File: PATH } }],
  ])('1004 is one uploaded picture: %s', (_form, info) => {
    expect(slicing(1004, { StreamUserId: 'user0', ...info })).toMatchObject([
      {
        entity: 'file',
        name: PATH,
        facet: 'upload',
        rank: 1,
        value: { status: 'uploaded', userId: 'user0' },
      },
    ]);
  });

  test('1004 of an audio slice is a recording of a task of pictures', () => {
    const name = 'task_10/user0/audios/a.ogg';
    expect(slicing(1004, { Payload: { Audio: `https://x.example/${name}` } })).toMatchObject([
      { name, value: { kind: 'recording', task: { kind: 'screenshot' } } },
    ]);
    expect(slicing(1004, { Payload: { Image: PATH } })[0]?.value).toMatchObject({ kind: undefined });
  });

  test.each<JsonObject>([{}, { Payload: null }, { Payload: { Code: 0, Text: 'no file' } }])(
    '1004 without a slice is an event of its task: %j',
    (info) => {
      expect(parse(10, 1004, { ...TASK, ...info })).toMatchObject({
        ok: true,
        event: { type: '10/1004', taskId: 'task_10', roomId: '960025' },
        observations: [],
      });
    },
  );
});

/** https://trtc.io/document/73394 */
describe('group 11, cloud content understanding', () => {
  test.each([
    [0, 'pass'],
    [1, 'review'],
    [2, 'block'],
  ])('1104 with Suggest %i is the risk %s', (Suggest, riskLevel) => {
    const observed = observe(11, 1104, {
      ...TASK,
      StreamerUserId: 'user0',
      Payload: { Suggest, Label: 'Ad' },
    });
    expect(observed).toMatchObject([
      {
        entity: 'task',
        taskId: 'task_10',
        facet: 'risk',
        rank: Suggest,
        at: AT,
        value: { riskLevel, task: { kind: 'moderation', roomId: '960025', userId: 'user0' } },
      },
    ]);
  });

  test.each<[number, JsonObject]>([
    [1104, { Suggest: 7 }],
    [1104, {}],
    [1106, { Code: 1, Message: 'x' }],
  ])('%i %j is an event of its task', (type, Payload) => {
    expect(parse(11, type, { ...TASK, Payload })).toMatchObject({ ok: true, observations: [] });
  });

  test('1101 and 1102 begin and end the task', () => {
    expect(observe(11, 1101, { ...TASK, Payload: { Status: 0 } })).toMatchObject([
      { value: { status: 'started' } },
    ]);
    expect(observe(11, 1102, { ...TASK, Payload: { LeaveCode: 0 } })).toMatchObject([
      { value: { status: 'ended', message: 'stopped by API' } },
    ]);
  });
});

/** https://trtc.io/document/62717 */
describe('group 7, stream ingest', () => {
  test.each<[number, number, object[]]>([
    [701, 0, [{ facet: 'start', value: { status: 'started', task: { kind: 'live' } } }]],
    [701, 1, [{ facet: 'start', value: { status: 'failed' } }]],
    [701, 2, []],
    [702, 0, [{ facet: 'end', value: { status: 'ended' } }]],
  ])('%i with Status %i', (type, Status, expected) => {
    expect(observe(7, type, { TaskId: 'xx', EventMsTs: String(AT), Status })).toMatchObject(expected);
  });
});
