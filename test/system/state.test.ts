import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import { post, readWhen, request, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import { quickOrWhole } from '../support/suite.ts';

const recording = sourceNamed('rongcloud-recording');
const screenshot = sourceNamed('rongcloud-screenshot');
const tencent = sourceNamed('tencent');
const zego = sourceNamed('zego');

/** Values for a callback's body, by path. */
function values(entries: Record<string, Json>): { set: Map<string, Json> } {
  return { set: new Map(Object.entries(entries)) };
}

test('a RongCloud recording goes through start, segment, failed upload, end and success', async () => {
  const recordId = randomUUID();
  const roomId = randomUUID();
  const path = `/tasks/rongcloud/${recording.appId}/${recordId}`;
  const first = { recordId, roomId, 'output.fileName': 'part1.mp4' };
  const send = (event: string, set: Record<string, Json>) =>
    post(recording, sample(recording, event, values(set)));

  await send('start', first);
  await readWhen(path, ({ body }) =>
    expect(body).toMatchObject({
      task: {
        taskId: recordId,
        kind: 'recording',
        status: 'started',
        roomId,
        mode: 1,
        extra: 'extra_string',
      },
      files: [{ name: 'part1.mp4', status: 'recording', resolution: '640x480' }],
    }),
  );
  await send('segment', { ...first, 'output.fileSize': 1234 });
  const failedAt = Date.now() - 60 * 60_000;
  const purgeAt = new Date(failedAt + 24 * 60 * 60_000).toISOString();
  await send('upload-failed', { ...first, timestamp: failedAt });
  await readWhen(path, ({ body }) =>
    expect(body.files).toMatchObject([{ sizeBytes: 1234, code: 20001, purgeAt }]),
  );
  await send('end', { ...first, 'output.fileName': 'part2.mp4' });
  await send('upload', { ...first, 'output.fileUrl': 'https://storage.example.com/part1.mp4?key=1' });
  const { body } = await readWhen(`${path}?events=true`, (answer) => {
    expect(answer.body).toMatchObject({
      task: { status: 'ended' },
      files: [
        { name: 'part1.mp4', status: 'uploaded', url: 'https://storage.example.com/part1.mp4?key=1' },
        { name: 'part2.mp4', status: 'closed', sizeBytes: 333 },
      ],
    });
    // An event is written after the state that it changed.
    expect(answer.body.events).toHaveLength(5);
  });
  expect((body.files as object[])[0]).not.toHaveProperty('purgeAt');
  await readWhen(`/rooms/rongcloud/${recording.appId}/${roomId}`, (answer) =>
    expect(answer.body).toMatchObject({
      room: { roomId, status: 'unknown' },
      tasks: [{ taskId: recordId }],
    }),
  );
});

test('a failed upload needs attention, soonest first, until it succeeds; a late failure changes nothing', async () => {
  const imageId = randomUUID();
  const send = (event: string, name: string, timestamp: number) =>
    post(screenshot, sample(screenshot, event, values({ imageId, 'output.fileName': name, timestamp })));
  const now = Date.now();
  await send('upload-failed', 'later.jpg', now);
  await send('upload-failed', 'sooner.jpg', now - 3_600_000);
  const mine = (files: unknown) =>
    (files as { taskId: string; name: string }[]).filter((file) => file.taskId === imageId);
  await readWhen('/attention?limit=500', ({ body }) =>
    expect(mine(body.files)).toMatchObject([
      { name: 'sooner.jpg', purgeAt: new Date(now + 23 * 3_600_000).toISOString() },
      { name: 'later.jpg', status: 'upload_failed', code: 20001, message: 'upload failed' },
    ]),
  );
  await send('upload', 'sooner.jpg', now - 1000);
  await send('upload-failed', 'sooner.jpg', now);
  await readWhen('/attention?limit=500', ({ body }) =>
    expect(mine(body.files)).toMatchObject([{ name: 'later.jpg' }]),
  );
});

test('TRTC screenshots are files of their room; other groups are events', async () => {
  const roomID = `room/${randomUUID()} #1`;
  await post(
    tencent,
    sample(tencent, 'screenshot', values({ 'EventInfo.roomID': roomID, 'EventInfo.eventID': 'a.jpg' })),
  );
  await post(tencent, sample(tencent, 'enter-room', values({ 'EventInfo.RoomId': roomID })));
  const id = encodeURIComponent(roomID);
  await readWhen(`/tasks/tencent/${tencent.appId}/${id}`, ({ body }) =>
    expect(body).toMatchObject({
      task: { taskId: roomID, kind: 'screenshot', roomId: roomID },
      files: [{ name: 'a.jpg', status: 'uploaded', userId: 'dd' }],
    }),
  );
  await readWhen(`/rooms/tencent/${tencent.appId}/${id}?events=true`, ({ body }) =>
    expect(body).toMatchObject({
      tasks: [{ taskId: roomID }],
      events: [{ type: '1/103', source: 'tencent' }],
    }),
  );
});

test.each([
  ['plain', quickOrWhole(120, 1_000)],
  ['percent-encoded', 120],
  ['form', 120],
])(
  'a %s ZEGOCLOUD callback with %i pictures gives as many files, page by page',
  async (variant, pictures) => {
    const taskId = randomUUID();
    const list = Array.from({ length: pictures }, (_, index) => ({
      url: `https://cdn.example.com/${index}.jpg`,
    }));
    const callback = sample(
      zego,
      'snapshot',
      values({ task_id: taskId, snapshot_pic_list: JSON.stringify(list) }),
    );
    expect((await post(zego, zego.variants?.[variant]?.(callback) ?? callback)).status).toBe(200);
    // Read once: each of its pages is a request.
    const consumed = async () => (await sharedStack().linesWith(taskId)).filter(isConsumed);
    const messages = Math.ceil(pictures / 500);
    await expect.poll(consumed, { interval: 200 }).toHaveLength(messages);
    expect((await allFiles(`/tasks/zego/${zego.appId}/${taskId}?limit=100`)).size).toBe(pictures);
  },
);

function isConsumed({ message }: { message: string }): boolean {
  return message === 'consumed';
}

/** The names of a task's files, from all its pages; fails when a file is on two of them. */
async function allFiles(path: string): Promise<Set<string>> {
  const names: string[] = [];
  let cursor = '';
  do {
    const { body } = await request(path + cursor);
    names.push(...(body.files as { name: string }[]).map(({ name }) => name));
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  const distinct = new Set(names);
  if (distinct.size !== names.length) throw new Error('a file is on two pages');
  return distinct;
}

test('a task that is known by events alone is listed in its room', async () => {
  const [taskId, roomId] = [randomUUID(), randomUUID()];
  const set = { 'EventInfo.TaskId': taskId, 'EventInfo.RoomId': roomId };
  await post(tencent, sample(tencent, 'ai-start', values(set)));
  await readWhen(`/rooms/tencent/${tencent.appId}/${roomId}`, ({ body }) =>
    expect(body.tasks).toMatchObject([{ taskId, roomId, status: 'unknown' }]),
  );
});

test('a failed upload of files that nobody names is a file without a name, until it is recovered', async () => {
  const taskId = randomUUID();
  const path = `/tasks/tencent/${tencent.appId}/${taskId}`;
  const unnamed = expect.objectContaining({ taskId, name: '', status: 'upload_failed' });
  const send = (event: string) =>
    post(tencent, sample(tencent, event, values({ 'EventInfo.TaskId': taskId })));
  await send('recording-upload-failed');
  await readWhen(path, ({ body }) => expect(body.files).toEqual([unnamed]));
  await readWhen('/attention?limit=500', ({ body }) =>
    expect(body.files).toEqual(expect.arrayContaining([unnamed])),
  );
  await send('recording-recovered');
  await readWhen(path, ({ body }) => expect(body.files).toEqual([]));
  const { text } = await request('/attention?limit=500');
  expect(text).not.toContain(taskId);
});

test('the read API names what is wrong with a request', async () => {
  expect(await request('/tasks/nobody/a/b')).toMatchObject({
    status: 404,
    body: { reason: expect.stringContaining('vendor') },
  });
  expect(await request('/attention?limit=0')).toMatchObject({
    status: 400,
    body: { reason: expect.stringContaining('limit') },
  });
  expect(await request('/attention?cursor=x')).toMatchObject({
    status: 400,
    body: { reason: expect.stringContaining('cursor') },
  });
  expect(await request(`/tasks/zego/1/${randomUUID()}`)).toMatchObject({ status: 404, body: { code: 404 } });
  expect(await request('/nowhere')).toMatchObject({ status: 404 });
});

test('ids that a path cannot carry are read from the query', async () => {
  const [recordId, roomId] = [`a?b/c#${randomUUID()}`, `r?${randomUUID()}`];
  await post(recording, sample(recording, 'start', values({ recordId, roomId })));
  const owner = { vendor: 'rongcloud', appId: recording.appId };
  const { body } = await readWhen(`/task?${new URLSearchParams({ ...owner, taskId: recordId })}`, (answer) =>
    expect(answer.body).toMatchObject({ task: { taskId: recordId, roomId, status: 'started' } }),
  );
  await readWhen(`/room?${new URLSearchParams({ ...owner, roomId, events: 'true' })}`, (answer) =>
    expect(answer.body).toMatchObject({ room: { roomId }, tasks: [body.task] }),
  );
  const incomplete = await request(`/task?${new URLSearchParams(owner)}`);
  expect([incomplete.status, incomplete.body.reason]).toEqual([400, 'taskId is missing']);
});
