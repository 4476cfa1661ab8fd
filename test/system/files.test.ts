import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import { post, readWhen, sample, sourceNamed } from '../support/stack-client.ts';

/* Callbacks that have made ledgers forget files, over HTTP and out of the read API. */

/** Posts a sample with these values, and gives the path of its task. */
async function send(
  source: string,
  event: string,
  taskId: string,
  set: Record<string, Json>,
): Promise<string> {
  const of = sourceNamed(source);
  await post(of, sample(of, event, { set: new Map(Object.entries(set)) }));
  return `/tasks/${of.vendor}/${of.appId}/${taskId}`;
}

/** Waits until the answer at `path` has these parts. */
const known = (path: string, answer: object) =>
  readWhen(path, ({ body }) => expect(body).toMatchObject(answer));

test('the files of two users under one recordId', async () => {
  const recordId = randomUUID();
  const record = (event: string, userId: string, fileName: string) =>
    send('rongcloud-recording', event, recordId, { recordId, userId, 'output.fileName': fileName });
  await record('start', 'teacher', 'teacher.tmp');
  await record('end', 'pupil', 'pupil.mp4');
  await known(await record('upload', 'pupil', 'pupil.mp4'), {
    task: { status: 'started' },
    files: [
      { name: 'pupil.mp4', status: 'uploaded' },
      { name: 'teacher.tmp', status: 'recording' },
    ],
  });
  await known(await record('end', 'teacher', 'teacher.mp4'), {
    task: { status: 'ended' },
    files: [
      { name: 'pupil.mp4', status: 'uploaded' },
      { name: 'teacher.mp4', status: 'closed', userId: 'teacher' },
    ],
  });
});

test('a picture of a recording leaves its kind and its missing video alone', async () => {
  const task = randomUUID();
  const file = { task_id: task, 'detail.file_info.0.file_id': `${task}.jpg` };
  await send('zego-recording', 'upload', task, { ...file, 'detail.file_info.0.output_file_format': 'jpg' });
  await known(await send('zego-recording', 'end', task, { task_id: task }), {
    task: { kind: 'recording', status: 'ended' },
    files: [{ name: `${task}.jpg`, kind: 'screenshot', status: 'uploaded' }],
  });
});

test.each<[event: string, set: Record<string, Json>]>([
  ['recording-mp4-failed', { 'EventInfo.Payload': { Status: 2, FileList: [], FileMessage: [] } }],
  [
    'recording-vod-failed',
    { 'EventInfo.Payload': { Status: 2, Errmsg: 'abnormal', TencentVod: { UserId: 'u' } } },
  ],
])('%s without a file name is a failed upload of its task', async (event, set) => {
  const taskId = randomUUID();
  const index = { 'EventInfo.TaskId': taskId, 'EventInfo.Payload.FileList': 'a.m3u8' };
  await send('tencent', 'recording-index', taskId, index);
  await known(await send('tencent', event, taskId, { ...set, 'EventInfo.TaskId': taskId }), {
    files: [{ name: 'a.m3u8', status: 'upload_failed', code: 2 }],
  });
});

test('a file of unknown status', async () => {
  const task_id = randomUUID();
  const set = { task_id, 'detail.file_info.0.file_id': 'a.mp4', 'detail.file_info.0.status': 6 };
  await known(await send('zego-recording', 'upload', task_id, set), {
    files: [{ name: 'a.mp4', status: 'closed' }],
  });
});

test('the targets of a relay, without their stream keys', async () => {
  const sessionId = randomUUID();
  const relay = (event: string, name: string) =>
    send('rongcloud-cdn', event, sessionId, {
      sessionId,
      pushUrl: `rtmp://${name}.example.com/live/key-${name}?auth=1`,
    });
  await relay('start', 'one');
  await relay('start', 'two');
  const { text } = await known(await relay('failed', 'two'), {
    task: {
      status: 'started',
      targets: expect.arrayContaining([
        expect.objectContaining({ host: 'one.example.com', status: 'started' }),
        expect.objectContaining({ host: 'two.example.com', status: 'failed' }),
      ]),
    },
  });
  expect(text).not.toContain('key-');
});

test('a failed upload dated in seconds keeps its deadline ahead', async () => {
  const recordId = randomUUID();
  const timestamp = Math.floor(Date.now() / 1000);
  await known(await send('rongcloud-recording', 'upload-failed', recordId, { recordId, timestamp }), {
    files: [{ status: 'upload_failed', purgeAt: new Date((timestamp + 24 * 60 * 60) * 1000).toISOString() }],
  });
});

test('an end after a start with a configuration of 400 kB', async () => {
  const recordId = randomUUID();
  await send('rongcloud-recording', 'start', recordId, { recordId, config: { note: 'x'.repeat(405_000) } });
  await known(await send('rongcloud-recording', 'end', recordId, { recordId }), {
    task: { status: 'ended' },
  });
});
