import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import type { AttentionFile } from '../../types/index.d.ts';
import { post, readWhen, request, sample, sourceNamed } from '../support/stack-client.ts';
import { runTool, runToolForJson } from '../support/tool.ts';

const recording = sourceNamed('rongcloud-recording');

const onStack = (...args: string[]): string[] => [...args, '--url', inject('stackUrl')];

/** A failed upload of the stack, with the attention item that it is. */
async function failedUpload(): Promise<AttentionFile> {
  const recordId = randomUUID();
  await post(
    recording,
    sample(recording, 'upload-failed', { set: new Map<string, Json>([['recordId', recordId]]) }),
  );
  const mine = (files: unknown) => (files as AttentionFile[]).filter(({ taskId }) => taskId === recordId);
  const { body } = await readWhen('/attention?limit=500', (answer) =>
    expect(mine(answer.body.files)).toHaveLength(1),
  );
  return mine(body.files)[0] as AttentionFile;
}

const idsIn = (files: readonly AttentionFile[]) => files.map(({ id }) => id);

async function listed(query = ''): Promise<readonly AttentionFile[]> {
  return (await request(`/attention?limit=500${query}`)).body.files as unknown as AttentionFile[];
}

test('an attention item is dismissed over HTTP, with who and why', async () => {
  const { id } = await failedUpload();
  const decision = { by: 'ada', why: 'a test recording' };
  const answer = await request('/attention/dismiss', {
    method: 'POST',
    body: JSON.stringify({ id, ...decision }),
  });
  expect(answer).toMatchObject({
    status: 200,
    body: { id, hidden: { ...decision, reason: 'upload_failed' } },
  });
  expect(idsIn(await listed())).not.toContain(id);
  const hidden = (await listed('&hidden=true')).find((file) => file.id === id);
  expect(hidden).toMatchObject({ hidden: decision });
  const refused = await request('/attention/dismiss', {
    method: 'POST',
    body: JSON.stringify({ id, by: 'ada' }),
  });
  expect(refused).toMatchObject({ status: 400, body: { reason: expect.stringContaining('why') } });
});

test('the command line snoozes and dismisses', async () => {
  const { id } = await failedUpload();
  const listOf = async (...options: string[]) =>
    idsIn((await runToolForJson<{ files: AttentionFile[] }>(onStack('attention', 'list', ...options))).files);
  const snoozed = await runTool(
    onStack('attention', 'snooze', id, '--for', '2h', '--why', 'bucket in repair'),
  );
  expect([snoozed.code, snoozed.stderr]).toEqual([0, '']);
  expect(snoozed.stdout).toMatch(/Hidden while its reason is upload_failed, until 2\d{3}-/);
  expect(await listOf()).not.toContain(id);
  expect(await listOf('--hidden')).toContain(id);
  const shown = await runTool(onStack('attention', 'list', '--hidden'));
  expect(shown.stdout).toMatch(/upload_failed until .* by .*: bucket in repair/);
  const dismissed = await runTool(onStack('attention', 'dismiss', id, '--why', 'fetched by hand'));
  expect(dismissed).toMatchObject({ code: 0, stdout: 'Hidden while its reason is upload_failed.\n' });
  expect((await runTool(onStack('attention', 'dismiss', 'x', '--why', 'y'))).code).toBe(2);
  expect((await runTool(onStack('attention', 'dismiss', id))).code).not.toBe(0);
  expect((await runTool(onStack('attention', 'snooze', id, '--for', 'soon', '--why', 'y'))).code).toBe(2);
});
