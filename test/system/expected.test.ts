import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { field, type Json, type JsonObject } from '../../lib/platform/json.ts';
import type { AttentionTask } from '../../types/index.d.ts';
import { post, readWhen, request, sample, sourceNamed } from '../support/stack-client.ts';
import { stackWatch } from '../support/stack-watch.ts';
import { runTool, runToolForJson } from '../support/tool.ts';

const run = promisify(execFile);

const recording = sourceNamed('rongcloud-recording');
const taskPath = (taskId: string) => `/tasks/rongcloud/${recording.appId}/${encodeURIComponent(taskId)}`;

const watch = await stackWatch();
afterAll(() => watch.stop());

test('an expected task is overdue until its first callback comes', async () => {
  const taskId = `with/slash ${randomUUID()}`;
  const put = (body: object) => request(taskPath(taskId), { method: 'PUT', body: JSON.stringify(body) });
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  expect(await put({ label: 'lesson-7', roomId: 'r', expectedBy: inAnHour })).toMatchObject({
    status: 200,
    body: { task: { taskId, status: 'expected', label: 'lesson-7', roomId: 'r', expectedBy: inAnHour } },
  });
  const mine = (tasks: unknown) =>
    ((tasks ?? []) as AttentionTask[]).filter((task) => task.taskId === taskId);
  await watch.invoke({});
  expect(mine((await request('/attention?limit=500')).body.tasks)).toEqual([]);
  await put({ label: 'lesson-8', expectedBy: new Date(Date.now() - 1).toISOString() });
  await watch.invoke({});
  await readWhen('/attention?limit=500', ({ body }) =>
    expect(mine(body.tasks)).toMatchObject([{ reason: 'callback_missing', label: 'lesson-8' }]),
  );
  const set = new Map<string, Json>([['recordId', taskId]]);
  await post(recording, sample(recording, 'start', { set }));
  await readWhen(taskPath(taskId), ({ body }) =>
    expect(body.task).toMatchObject({ status: 'started', label: 'lesson-8' }),
  );
  expect(mine((await request('/attention?limit=500')).body.tasks)).toEqual([]);
  await post(recording, sample(recording, 'upload', { set }));
  await readWhen('/local/lines?since=0', ({ body }) => {
    const data = (body.lines as JsonObject[]).map(
      ({ event }) => field(event, 'data') as JsonObject | undefined,
    );
    const changes = data.filter(
      (change) => field(change?.task, 'taskId') === taskId && change?.file !== undefined,
    );
    expect(
      changes.map(({ file, task } = {}) => [field(file, 'status'), field(task, 'label')]),
    ).toContainEqual([...['uploaded', 'lesson-8']]);
  });
  expect(await put({ startedAt: 'yesterday' })).toMatchObject({
    status: 400,
    body: { reason: expect.stringMatching(/^startedAt must be/) },
  });
  const withdrawn = await request(`${taskPath(taskId)}/expected`, { method: 'DELETE' });
  expect([withdrawn.status, withdrawn.body.task]).toEqual([
    200,
    expect.not.objectContaining({ label: 'lesson-8' }),
  ]);
});

test('the command line and the example say what is expected', async () => {
  const onStack = ['--url', inject('stackUrl')];
  const ids = ['rongcloud', recording.appId, randomUUID()];
  const expected = await runTool([
    'tasks',
    'expect',
    ...ids,
    '--label',
    'lesson-9',
    '--kind',
    'live',
    ...onStack,
  ]);
  expect([expected.code, expected.stdout]).toEqual([0, expect.stringMatching(/status +expected/)]);
  const show = await runToolForJson<{ task: object }>(['tasks', 'show', ...ids, ...onStack]);
  expect(show.task).toMatchObject({ status: 'expected', label: 'lesson-9', kind: 'live' });
  const gone = await runTool(['tasks', 'expect', ...ids, '--withdraw', ...onStack]);
  expect([gone.code, gone.stdout]).toEqual([0, 'It is expected no more, and no callback of it has come.\n']);
  expect((await runTool(['tasks', 'expect', ...ids, '--withdraw', ...onStack])).code).toBe(3);
  expect((await runTool(['tasks', 'expect', ...ids, '--started-at', 'x', ...onStack])).code).toBe(2);

  const example = fileURLToPath(new URL('../../examples/expect-task.ts', import.meta.url));
  const environment = { ...process.env, READ_API: inject('stackUrl') };
  const { stdout } = await run(process.execPath, [example, ...ids, 'lesson-10'], { env: environment });
  expect(stdout).toBe('expected lesson-10\n');
});
