import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { OBSERVATIONS_PER_MESSAGE } from '../../lib/consume/consume.ts';
import type { Json } from '../../lib/platform/json.ts';
import type { SignedCallback } from '../../lib/vendors/common/sample.ts';
import { tencentSignature } from '../../lib/vendors/tencent/verify.ts';
import { post, readWhen, request, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import { stackWatch } from '../support/stack-watch.ts';
import { isWholeSuite } from '../support/suite.ts';

/*
 * Callbacks that have made ledgers forget files, over HTTP and out of the read API, and what /attention says of them once the
 * watch has run. It waits as long as in a stage as it is: what should be overdue happened long enough ago.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const watch = await stackWatch();
afterAll(() => watch.stop());

type Values = Record<string, Json>;

/** A sample of an event that happened `ago` ms ago. ZEGOCLOUD signs the only time that most of its callbacks have. */
function callbackOf(source: string, event: string, set: Values, ago = 0): SignedCallback {
  const of = sourceNamed(source);
  const at = Date.now() - ago;
  const times = of.vendor === 'zego' ? { now: at } : { happenedAt: at };
  return sample(of, event, { set: new Map(Object.entries(set)), ...times });
}

function pathOf(source: string, taskId: string): string {
  const { vendor, appId } = sourceNamed(source);
  return `/tasks/${vendor}/${appId}/${taskId}`;
}

/** Posts a sample with these values, and gives the path of its task. */
async function send(source: string, event: string, taskId: string, set: Values, ago = 0): Promise<string> {
  const answer = await post(sourceNamed(source), callbackOf(source, event, set, ago));
  expect(answer).toMatchObject({ status: 200, text: '{"code":0}' });
  return pathOf(source, taskId);
}

/** Waits until the answer at `path` has these parts. */
const known = (path: string, answer: object) =>
  readWhen(path, ({ body }) => expect(body).toMatchObject(answer));

interface Listed {
  taskId: string;
  name?: string;
  reason: string;
}

/** What needs attention of each task once the watch has run, such as `upload_missing a.mp4`. */
async function attention(): Promise<Map<string, string[]>> {
  expect(await watch.invoke({})).toMatchObject({ left: 0 });
  const found = new Map<string, string[]>();
  let cursor = '';
  do {
    const { body } = await request(`/attention?limit=500${cursor}`);
    const items = [body.files, body.tasks ?? []].flat() as unknown as Listed[];
    for (const { taskId, reason, name } of items) {
      const reasons = found.get(taskId) ?? [];
      found.set(taskId, [...reasons, name === undefined ? reason : `${reason} ${name}`].sort());
    }
    cursor = typeof body.next === 'string' ? `&cursor=${body.next}` : '';
  } while (cursor !== '');
  return found;
}

/** For what becomes known later; the last test looks at the others, all at once. */
async function attentionOf(taskId: string): Promise<string[]> {
  return (await attention()).get(taskId) ?? [];
}

/** What the last test expects, by task. */
const expected = new Map<string, { test: string | undefined; reasons: string[] }>();

/** Leaves it to the last test whether this needs attention of a task. */
function attentionWillBe(taskId: string, reasons: string[]): void {
  expected.set(taskId, { test: expect.getState().currentTestName, reasons });
}

describe('files under one register', () => {
  test('of two users with one recordId', async () => {
    const recordId = randomUUID();
    const record = (event: string, ago: number, userId: string, fileName: string) =>
      send('rongcloud-recording', event, recordId, { recordId, userId, 'output.fileName': fileName }, ago);
    await record('start', 3 * HOUR, 'teacher', 'teacher.tmp');
    await record('end', 2 * HOUR, 'pupil', 'pupil.mp4');
    await known(await record('upload', 2 * HOUR - MINUTE, 'pupil', 'pupil.mp4'), {
      task: { status: 'started' },
      files: [
        { name: 'pupil.mp4', status: 'uploaded' },
        { name: 'teacher.tmp', status: 'recording' },
      ],
    });
    expect(await attentionOf(recordId)).toEqual([]);
    await known(await record('end', 2 * HOUR - 2 * MINUTE, 'teacher', 'teacher.mp4'), {
      task: { status: 'ended' },
      files: [
        { name: 'pupil.mp4', status: 'uploaded' },
        { name: 'teacher.mp4', status: 'closed', userId: 'teacher' },
      ],
    });
    attentionWillBe(recordId, ['upload_missing teacher.mp4']);
  });

  test('and targets of a RongCloud relay, without their stream keys', async () => {
    const sessionId = randomUUID();
    const relay = (event: string, name: string, ago: number) => {
      const pushUrl = `rtmp://${name}.example.com/live/key-${name}?auth=1`;
      return send('rongcloud-cdn', event, sessionId, { sessionId, pushUrl }, ago);
    };
    await relay('start', 'one', DAY + 3 * HOUR);
    await relay('start', 'two', DAY + 2 * HOUR);
    const { text } = await known(await relay('failed', 'two', DAY + HOUR), {
      task: {
        status: 'started',
        targets: expect.arrayContaining([
          expect.objectContaining({ host: 'one.example.com', status: 'started' }),
          expect.objectContaining({ host: 'two.example.com', status: 'failed' }),
        ]),
      },
    });
    expect(text).not.toContain('key-');
    expect(await attentionOf(sessionId)).toEqual(['task_silent']);
    await known(await relay('end', 'one', 0), { task: { status: 'ended' } });
    attentionWillBe(sessionId, []);
  });

  test('and targets of a TRTC relay', async () => {
    const taskId = randomUUID();
    const relay = (event: string, name: string, ago: number) => {
      const set = {
        'EventInfo.TaskId': taskId,
        'EventInfo.Payload.Url': `rtmp://${name}.example.com/live/key`,
      };
      return send('tencent', event, taskId, set, ago);
    };
    await relay('relay-running', 'one', DAY + 3 * HOUR);
    await relay('relay-running', 'two', DAY + 2 * HOUR);
    await known(await relay('relay-idle', 'two', DAY + HOUR), {
      task: {
        status: 'started',
        targets: [
          { host: 'one.example.com', status: 'started' },
          { host: 'two.example.com', status: 'ended' },
        ],
      },
    });
    attentionWillBe(taskId, ['task_silent']);
  });
});

describe('files of another kind', () => {
  const upload = (task_id: string, name: string, format: string, ago: number) => {
    const file = { 'detail.file_info.0.file_id': name, 'detail.file_info.0.output_file_format': format };
    return send('zego-recording', 'upload', task_id, { task_id, ...file }, ago);
  };

  test('do not hide that the video of a ZEGOCLOUD recording is missing', async () => {
    const task_id = randomUUID();
    await upload(task_id, 'a.jpg', 'jpg', 3 * HOUR);
    await known(await send('zego-recording', 'end', task_id, { task_id }, 2 * HOUR), {
      task: { kind: 'recording', status: 'ended' },
      files: [{ name: 'a.jpg', kind: 'screenshot', status: 'uploaded' }],
    });
    expect(await attentionOf(task_id)).toEqual(['upload_missing']);
    await known(await upload(task_id, 'b.mp4', 'mp4', 0), { files: [{}, { name: 'b.mp4' }] });
    attentionWillBe(task_id, []);
  });

  test('do not hide that a ZEGOCLOUD task with a playlist is a recording', async () => {
    const task_id = randomUUID();
    await upload(task_id, 'a.jpg', 'jpg', 3 * HOUR);
    const playlist = { task_id, 'detail.file_id': 'z.m3u8' };
    const path = await send('zego-recording', 'playlist', task_id, playlist, 3 * HOUR);
    await known(path, { task: { kind: 'recording', status: 'unknown' }, files: [{}, { name: 'z.m3u8' }] });
    await known(await send('zego-recording', 'end', task_id, { task_id }, 2 * HOUR), {
      task: { kind: 'recording', status: 'ended' },
    });
    attentionWillBe(task_id, ['upload_missing z.m3u8']);
  });

  test('are not settled by the end of the HLS upload of TRTC', async () => {
    const taskId = randomUUID();
    const record = (event: string, ago: number, set: Values = {}) =>
      send('tencent', event, taskId, { 'EventInfo.TaskId': taskId, ...set }, ago);
    await record('recording-index', 3 * HOUR, { 'EventInfo.Payload.FileList': 'a.m3u8' });
    const mp4 = { 'EventInfo.Payload': { Status: 9, FileList: ['a_1.mp4'], FileMessage: [] } };
    await record('recording-mp4', 3 * HOUR, mp4);
    await record('recording-end', 2 * HOUR);
    await known(await record('recording-uploaded', 2 * HOUR - MINUTE), {
      files: [
        { name: 'a.m3u8', status: 'uploaded' },
        { name: 'a_1.mp4', status: 'closed' },
      ],
    });
    attentionWillBe(taskId, ['upload_missing a_1.mp4']);
  });
});

describe('a failure without a file name is a failed upload of its task', () => {
  test.each<[event: string, payload: Json]>([
    ['recording-mp4-failed', { Status: 2, FileList: [], FileMessage: [] }],
    ['recording-vod-failed', { Status: 2, Errmsg: 'abnormal', TencentVod: { UserId: 'u' } }],
  ])('%s', async (event, payload) => {
    const taskId = randomUUID();
    const index = { 'EventInfo.TaskId': taskId, 'EventInfo.Payload.FileList': 'a.m3u8' };
    await send('tencent', 'recording-index', taskId, index);
    const failed = { 'EventInfo.TaskId': taskId, 'EventInfo.Payload': payload };
    await known(await send('tencent', event, taskId, failed), {
      files: [{ name: 'a.m3u8', status: 'upload_failed', code: 2 }],
    });
    attentionWillBe(taskId, ['upload_failed a.m3u8']);
  });
});

describe('an unknown value leaves an unfinished file', () => {
  test.each<[name: string, status: Json]>([
    ['1', 1],
    ['2', 2],
    ['6', 6],
    ['none', null],
  ])('ZEGOCLOUD status %s', async (_name, status) => {
    const task_id = randomUUID();
    const file = { 'detail.file_info.0.file_id': 'a.mp4', 'detail.file_info.0.status': status };
    await send('zego-recording', 'upload', task_id, { task_id, ...file }, 3 * HOUR);
    await known(await send('zego-recording', 'end', task_id, { task_id }, 2 * HOUR), {
      task: { status: 'ended' },
      files: [{ name: 'a.mp4', status: 'closed' }],
    });
    attentionWillBe(task_id, ['upload_missing a.mp4']);
  });

  test('TRTC status', async () => {
    const taskId = randomUUID();
    const Payload = { Status: 9, FileList: ['a.mp4'], FileMessage: [] };
    const set = { 'EventInfo.TaskId': taskId, 'EventInfo.Payload': Payload };
    await known(await send('tencent', 'recording-mp4', taskId, set, 2 * HOUR), {
      files: [{ name: 'a.mp4', status: 'closed' }],
    });
    attentionWillBe(taskId, ['upload_missing a.mp4']);
  });

  test.each<[string, Values, string, string]>([
    ['code', { code: 39_999 }, 'upload_failed', 'upload_failed'],
    ['success without code and URL', { code: null, 'output.fileUrl': '' }, 'closed', 'upload_missing'],
  ])('RongCloud %s', async (_name, values, status, reason) => {
    const recordId = randomUUID();
    const set = { recordId, 'output.fileName': 'a.mp4', ...values };
    await known(await send('rongcloud-recording', 'upload', recordId, set, 2 * HOUR), {
      files: [{ name: 'a.mp4', status }],
    });
    attentionWillBe(recordId, [`${reason} a.mp4`]);
  });
});

describe('times that nobody can mean', () => {
  test('a failed upload dated in seconds keeps its deadline ahead', async () => {
    const recordId = randomUUID();
    const timestamp = Math.floor(Date.now() / 1000);
    const set = { recordId, timestamp, 'output.fileName': 'a.mp4' };
    await known(await send('rongcloud-recording', 'upload-failed', recordId, set), {
      files: [{ status: 'upload_failed', purgeAt: new Date(timestamp * 1000 + DAY).toISOString() }],
    });
    attentionWillBe(recordId, ['upload_failed a.mp4']);
  });

  test('a failure older than its retention counts from its reception', async () => {
    const [recordId, sentAt] = [randomUUID(), Date.now()];
    const set = { recordId, 'output.fileName': 'a.mp4' };
    const { body } = await known(
      await send('rongcloud-recording', 'upload-failed', recordId, set, 30 * DAY),
      {
        files: [{ status: 'upload_failed' }],
      },
    );
    const [file] = body.files as unknown as { purgeAt: string }[];
    expect(Date.parse(file?.purgeAt ?? '')).toBeGreaterThanOrEqual(sentAt + DAY);
    attentionWillBe(recordId, ['upload_failed a.mp4']);
  });

  test.each<[Json]>([[Date.UTC(9998, 0)], [0], [''], ['soon']])(
    'a start dated %j does not hide the end',
    async (timestamp) => {
      const recordId = randomUUID();
      const set = { recordId, mode: 3, userId: '', 'output.fileName': 'a.mp4' };
      await send('rongcloud-recording', 'end', recordId, set, 2 * HOUR);
      const path = await send('rongcloud-recording', 'start', recordId, { ...set, timestamp });
      await sharedStack().consumedWhen(recordId, 2);
      await known(path, { task: { status: 'ended' }, files: [{ name: 'a.mp4', status: 'closed' }] });
      attentionWillBe(recordId, ['upload_missing a.mp4']);
    },
  );
});

describe('the wrong door', () => {
  test('a failed RongCloud upload by the URL of the room status is a failed upload', async () => {
    const recordId = randomUUID();
    const set = { recordId, 'output.fileName': 'a.mp4' };
    await post(sourceNamed('rongcloud-room'), callbackOf('rongcloud-recording', 'upload-failed', set));
    await known(pathOf('rongcloud-recording', recordId), { files: [{ status: 'upload_failed' }] });
    const [line] = await sharedStack().consumedWhen(recordId, 1);
    expect(line).toMatchObject({ verdict: 'applied', reason: 'wrong_url', belongsTo: 'rongcloud-recording' });
    attentionWillBe(recordId, ['upload_failed a.mp4']);
  });

  test('a ZEGOCLOUD recording by the URL of the RTC callbacks is a recording', async () => {
    const task_id = randomUUID();
    const set = { task_id, 'detail.file_info.0.file_id': 'a.mp4', 'detail.file_info.0.status': 4 };
    await post(sourceNamed('zego'), callbackOf('zego-recording', 'upload', set));
    await known(pathOf('zego-recording', task_id), { files: [{ name: 'a.mp4', status: 'upload_failed' }] });
    attentionWillBe(task_id, ['upload_failed a.mp4']);
  });
});

describe('a body that is readable in spite of itself', () => {
  const BOM = Buffer.from('\ufeff');
  const failure = (task_id: string) => ({
    ...{ task_id, 'detail.file_info.0.file_id': 'a.mp4', 'detail.file_info.0.status': 4 },
  });

  test('of TRTC with a byte order mark', async () => {
    const taskId = randomUUID();
    const source = sourceNamed('tencent');
    const set = {
      'EventInfo.TaskId': taskId,
      'EventInfo.Payload': { Status: 1, FileList: ['a.mp4'], FileMessage: [] },
    };
    const { headers, body } = callbackOf('tencent', 'recording-mp4-failed', set);
    const marked = Buffer.concat([BOM, body]);
    const [key = ''] = inject('stackSecrets').tencent?.[source.appId] ?? [];
    const Sign = tencentSignature(key, marked);
    const answer = await post(source, { headers: { ...headers, Sign }, body: marked });
    expect(answer).toMatchObject({ status: 200 });
    await known(pathOf('tencent', taskId), { files: [{ name: 'a.mp4', status: 'upload_failed' }] });
    attentionWillBe(taskId, ['upload_failed a.mp4']);
  });

  test('of RongCloud with a byte order mark', async () => {
    const recordId = randomUUID();
    const set = { recordId, 'output.fileName': 'a.mp4' };
    const { headers, body } = callbackOf('rongcloud-recording', 'upload-failed', set);
    await post(sourceNamed('rongcloud-recording'), { headers, body: Buffer.concat([BOM, body]) });
    await known(pathOf('rongcloud-recording', recordId), { files: [{ status: 'upload_failed' }] });
    attentionWillBe(recordId, ['upload_failed a.mp4']);
  });

  test.each<[string, (body: Buffer) => string]>([
    ['a byte order mark', (body) => `\ufeff${body}`],
    ['percent-encoding, twice', (body) => encodeURIComponent(encodeURIComponent(String(body)))],
    ['trailing commas', (body) => String(body).replaceAll('}', ',}')],
    [
      'a multipart form',
      (body) => {
        const fields = Object.entries(JSON.parse(String(body)) as Record<string, Json>).map(
          ([name, value]) =>
            `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${typeof value === 'object' ? JSON.stringify(value) : value}\r\n`,
        );
        return `${fields.join('')}--b--\r\n`;
      },
    ],
  ])('of ZEGOCLOUD with %s', async (_name, form) => {
    const task_id = randomUUID();
    const { headers, body } = callbackOf('zego-recording', 'upload', failure(task_id));
    const answer = await post(sourceNamed('zego-recording'), { headers, body: Buffer.from(form(body)) });
    expect(answer).toMatchObject({ status: 200 });
    await known(pathOf('zego-recording', task_id), { files: [{ name: 'a.mp4', status: 'upload_failed' }] });
    attentionWillBe(task_id, ['upload_failed a.mp4']);
  });

  test('is refused for what it is where a URL in it contains "="', async () => {
    const body = '{"task_id":"1","detail":{"file_url":"https://x.example/a.mp4?sign=1"';
    expect(await request('/callbacks/zego', { method: 'POST', body })).toMatchObject({
      status: 400,
      body: { reason: 'unreadable_credentials' },
    });
  });
});

describe('kinds', () => {
  test('TRTC cloud slicing: pictures and audio, and its failure', async () => {
    const taskId = randomUUID();
    const slice = (event: string, set: Values = {}) =>
      send('tencent', event, taskId, { 'EventInfo.TaskId': taskId, ...set }, 2 * HOUR);
    const url = (name: string) => ({ 'EventInfo.Payload': { Url: `https://x.example/${name}` } });
    await slice('slicing-start');
    await slice('slicing-image', url('a.png'));
    await slice('slicing-audio', url('b.ogg'));
    await slice('slicing-end');
    await known(await slice('slicing-upload-failed'), {
      task: { kind: 'screenshot', status: 'ended' },
      files: [
        { name: '', status: 'upload_failed', code: 403 },
        { name: 'a.png', kind: 'screenshot', status: 'uploaded' },
        { name: 'b.ogg', kind: 'recording', status: 'uploaded', userId: 'user0' },
      ],
    });
    attentionWillBe(taskId, ['upload_failed ']);
  });

  test.each<[event: string, kind: string, more: object, reason: string[]]>([
    ['moderation-start', 'moderation', { status: 'started' }, ['task_silent']],
    ['moderation-blocked', 'moderation', { riskLevel: 'block' }, []],
    ['stream-ingest-start', 'live', { status: 'started' }, ['task_silent']],
    ['stream-ingest-end', 'live', { status: 'ended' }, []],
  ])('TRTC %s', async (event, kind, more, reasons) => {
    const taskId = randomUUID();
    const set = { 'EventInfo.TaskId': taskId };
    await known(await send('tencent', event, taskId, set, DAY + 2 * HOUR), { task: { kind, ...more } });
    attentionWillBe(taskId, reasons);
  });

  test.each<[event: string, idField: string]>([
    ['agent-without-room', 'AgentInstanceId'],
    ['digital-human-failed', 'TaskId'],
    ['digital-human-spoke', 'TaskId'],
  ])('ZEGOCLOUD %s is no player', async (event, idField) => {
    const id = randomUUID();
    const { body } = await known(`${await send('zego', event, id, { [idField]: id })}?events=true`, {
      task: { status: 'unknown' },
      files: [],
      events: [{ taskId: id }],
    });
    expect(body.task).not.toHaveProperty('kind');
    attentionWillBe(id, []);
  });

  test('RongCloud recordType', async () => {
    const recordId = randomUUID();
    const path = await send('rongcloud-recording', 'start-mixed', recordId, { recordId }, DAY + HOUR);
    await known(path, {
      task: { kind: 'recording', status: 'started', mode: 3, config: { recordType: 2 } },
      files: [{ name: expect.stringMatching(/\.mkv$/), status: 'recording' }],
    });
    attentionWillBe(recordId, ['task_silent']);
  });
});

describe('a fat callback', () => {
  test('does not block its task with a configuration of 400 kB', async () => {
    const recordId = randomUUID();
    const set = { recordId, mode: 3, userId: '', 'output.fileName': 'a.mp4' };
    const config = { note: 'x'.repeat(405_000) };
    await send('rongcloud-recording', 'start', recordId, { ...set, config }, 3 * HOUR);
    await known(await send('rongcloud-recording', 'end', recordId, set, 2 * HOUR), {
      task: { status: 'ended', config: expect.anything() },
      files: [{ name: 'a.mp4', status: 'closed' }],
    });
    attentionWillBe(recordId, ['upload_missing a.mp4']);
  });

  test.runIf(isWholeSuite)('of more pictures than a message applies is applied whole', async () => {
    const task_id = randomUUID();
    const pictures = Array.from({ length: OBSERVATIONS_PER_MESSAGE + 1 }, (_, index) => ({
      url: `https://x.example/${1000 + index}.jpg`,
    }));
    const path = await send('zego', 'snapshot', task_id, { task_id, snapshot_pic_list: pictures }, HOUR);
    await sharedStack().consumedWhen(task_id, 2);
    const { body } = await readWhen(`${path}?limit=500`, (answer) =>
      expect(answer.body.files).toHaveLength(500),
    );
    await readWhen(`${path}?limit=500&cursor=${body.next}`, (answer) =>
      expect(answer.body).toMatchObject({ files: [{ name: pictures.at(-1)?.url, status: 'uploaded' }] }),
    );
    attentionWillBe(task_id, []);
  });
});

test('the watch finds what needs attention of all of these, and nothing else', async () => {
  const found = await attention();
  for (const [taskId, { test: title, reasons }] of expected)
    expect([title, found.get(taskId) ?? []]).toEqual([title, reasons]);
});
