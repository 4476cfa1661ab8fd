import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import type { FunctionRuntime } from '../../stack/function-runtime.ts';
import type { AttentionFile, File } from '../../types/index.d.ts';
import { type GuardedBucket, startGuardedBucket } from '../support/bucket.ts';
import { bundledFunction } from '../support/bundled-function.ts';
import { type OwnStack, startOwnStack } from '../support/own-stack.ts';
import { taskPath } from '../support/page-paths.ts';
import { sample, sourceNamed } from '../support/stack-client.ts';
import { runTool, runToolForJson } from '../support/tool.ts';

const [rongcloud, tencent, zego] = ['rongcloud-recording', 'tencent', 'zego-recording'].map(sourceNamed) as [
  ReturnType<typeof sourceNamed>,
  ReturnType<typeof sourceNamed>,
  ReturnType<typeof sourceNamed>,
];

interface Check {
  check: string;
  state: string;
  detail: string;
  fix?: string;
}

let s3: GuardedBucket;
let stack: OwnStack;
/** The scheduled run, without waiting for a quarter of an hour. */
let lookAround: FunctionRuntime;

beforeAll(async () => {
  s3 = await startGuardedBucket();
  const storage = (accessKeyId: string) => ({
    ...{ bucket: s3.bucket, prefix: 'rtc', endpoint: s3.endpoint },
    ...{ accessKeyId, secretAccessKey: 'secret' },
  });
  const STORAGE = JSON.stringify({
    [`tencent/${tencent.appId}`]: storage('reader'),
    [`rongcloud/${rongcloud.appId}`]: storage('unknown'),
    [`zego/${zego.appId}`]: storage('writer'),
    'rongcloud/elsewhere': storage('far'),
  });
  s3.faults.set('unknown', 'InvalidAccessKeyId').set('writer', 'AccessDenied').set('far', 'out');
  stack = await startOwnStack(inject('stackSecrets'), { STORAGE, CONFIRM_UPLOADS: 'on' });
  lookAround = await bundledFunction('storage-check', {
    TABLE_NAME: 'rtc-callbacks-local-ledger',
    AWS_ENDPOINT_URL_DYNAMODB: `${stack.url}/aws/dynamodb`,
    RETENTION_DAYS: '0',
    STORAGE,
  });
});

afterAll(async () => {
  await lookAround?.stop();
  await stack?.dispose();
  await s3?.stop();
});

async function send(source: typeof tencent, event: string, set: Record<string, Json>): Promise<void> {
  const values = new Map(Object.entries(set));
  expect((await stack.client.post(source, sample(source, event, { set: values }))).status).toBe(200);
}

const filesOf = async (source: typeof tencent, taskId: string) =>
  (await stack.client.request(`/tasks/${source.vendor}/${source.appId}/${taskId}`)).body.files as
    | File[]
    | undefined;

const attention = async () =>
  ((await stack.client.request('/attention?limit=500')).body.files as unknown as AttentionFile[]).map(
    ({ reason, name }) => `${reason} ${name}`,
  );

const doctor = (code: number) =>
  runToolForJson<{ checks: Check[] }>(['doctor', '--url', stack.url], {}, code).then(({ checks }) => ({
    storage: checks.filter(({ check }) => check.startsWith('storage')),
    others: checks.filter(({ check, state }) => !check.startsWith('storage') && state === 'failure'),
  }));

const PATIENCE = { interval: 100 };

/** It is looked for again after a quarter of an hour. */
const GONE = 'not_in_storage gone.m3u8';

test('each uploaded file is confirmed, also one that is first named after TRTC 305', async () => {
  const TaskId = randomUUID();
  await s3.put(`rtc/${TaskId}/there.m3u8`, 'playlist');
  await send(tencent, 'recording-uploaded', { 'EventInfo.TaskId': TaskId });
  await stack.client.consumedWhen(TaskId, 1);
  for (const FileList of ['there.m3u8', 'gone.m3u8'])
    await send(tencent, 'recording-index', {
      'EventInfo.TaskId': TaskId,
      'EventInfo.Payload.FileList': FileList,
    });
  await expect
    .poll(async () => (await filesOf(tencent, TaskId))?.map(({ sources }) => sources), PATIENCE)
    .toEqual([
      [
        { from: 'callback', says: 'recording', at: expect.any(String) },
        { from: 'storage', says: 'not_in_storage', at: expect.any(String) },
      ],
      [
        { from: 'callback', says: 'recording', at: expect.any(String) },
        { from: 'storage', says: 'uploaded', at: expect.any(String) },
      ],
    ]);
  const [gone, there] = (await filesOf(tencent, TaskId)) ?? [];
  expect(gone).toMatchObject({ name: 'gone.m3u8', status: 'uploaded' });
  expect(there).toMatchObject({
    name: 'there.m3u8',
    storage: { key: `rtc/${TaskId}/there.m3u8`, sizeBytes: 8 },
  });
  expect(await attention()).toEqual([GONE]);

  // Who said what, and when, also for people.
  const ids = ['tencent', tencent.appId, TaskId];
  await stack.client.request(`/tasks/${ids.join('/')}`, { method: 'PUT', body: '{"label":"lesson-7"}' });
  const { stdout } = await runTool(['tasks', 'show', ...ids, '--url', stack.url]);
  expect(stdout).toMatch(/known from +your backend: expected \d{4}-\S+Z/);
  expect(stdout).toMatch(/the bucket: not in storage \d{4}-\S+Z/);
  expect(stdout).toMatch(/the bucket: uploaded \d{4}-\S+Z/);
  const page = await (await fetch(stack.url + taskPath(TaskId, 'tencent', tencent.appId))).text();
  for (const text of ['your backend: expected', 'the bucket: not in storage', 'the bucket: uploaded'])
    expect(page).toMatch(new RegExp(`${text}, <time datetime="\\d{4}-[^"]+Z"`));
});

test('the doctor names wrong credentials, a missing permission and a bucket that is out; nothing else is affected', async () => {
  const [record, task, trtc] = [randomUUID(), randomUUID(), randomUUID()];
  await send(rongcloud, 'upload-failed', { recordId: record, 'output.fileName': `${record}.mp4` });
  await send(zego, 'upload', { task_id: task });
  await send(tencent, 'recording-mp4-failed', {
    'EventInfo.TaskId': trtc,
    'EventInfo.Payload.FileList': ['b.mp4'],
    'EventInfo.Payload.FileMessage': [],
  });
  for (const id of [record, task, trtc]) await stack.client.consumedWhen(id, 1);
  await s3.put(`rtc/${trtc}/b.mp4`);
  await s3.put(`rtc/${record}.mp4`);

  await lookAround.invoke({});
  expect((await filesOf(tencent, trtc))?.map(({ status }) => status)).toEqual(['uploaded']);
  expect((await filesOf(rongcloud, record))?.map(({ status }) => status)).toEqual(['upload_failed']);
  const ofZego = (await filesOf(zego, task)) ?? [];
  expect(ofZego.map(({ status, sources }) => [status, sources])).toEqual([['uploaded', undefined]]);
  // What the bucket does not report needs no attention of its own.
  expect(await attention()).toEqual(expect.arrayContaining([GONE, `upload_failed ${record}.mp4`]));
  expect(await attention()).toHaveLength(2);

  const { storage, others } = await doctor(1);
  expect(others).toEqual([]);
  expect(storage.map(({ check, state, detail }) => [check, state, detail.split(',')[0]])).toEqual([
    [`storage of rongcloud/${rongcloud.appId}`, 'failure', 'wrong_credentials: 403 InvalidAccessKeyId'],
    ['storage of rongcloud/elsewhere', 'failure', 'unreachable: ECONNRESET'],
    [`storage of tencent/${tencent.appId}`, 'ok', expect.stringMatching(/^asked /)],
    [`storage of zego/${zego.appId}`, 'failure', 'denied: 403 AccessDenied'],
  ]);

  // They are put right: nobody has to do more.
  s3.faults.clear();
  for (const { name } of ofZego) await s3.put(`rtc/${name}`);
  await lookAround.invoke({});
  expect(await attention()).toEqual([GONE]);
  expect((await filesOf(zego, task))?.map(({ storage: found }) => found?.bucket)).toEqual([s3.bucket]);
  const mended = await doctor(0);
  expect([mended.others, mended.storage.map(({ state }) => state)]).toEqual([[], ['ok', 'ok', 'ok', 'ok']]);
});
