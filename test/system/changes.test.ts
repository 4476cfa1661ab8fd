import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import { changesPrinted } from '../support/changes-printed.ts';
import { post, readWhen, sample, sourceNamed } from '../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');

const SIGNED_URL = 'https://storage.example.com/a.mp4?signature=1';

function callback(event: string, values: Record<string, Json>) {
  return sample(recording, event, { set: new Map(Object.entries(values)) });
}

test('changes are printed as they happen, each once, without the queries of addresses', async () => {
  const recordId = randomUUID();
  const path = `/tasks/rongcloud/${recording.appId}/${recordId}?events=true`;
  const steps = ['start', 'segment', 'upload-failed', 'upload'];
  for (const [index, event] of steps.entries()) {
    const values = {
      recordId,
      'output.fileName': 'a.mp4',
      'output.fileUrl': SIGNED_URL,
      timestamp: 1_790_000_000_000 + index,
    };
    await post(recording, callback(event, values));
    await readWhen(path, ({ body }) => expect(body.events).toHaveLength(index + 1));
    await post(recording, callback(event, values));
  }
  const end = { recordId, 'output.fileName': 'last.mp4', timestamp: 1_790_000_000_009 };
  await post(recording, callback('end', end));
  // The changes of a subject come in their order; those that one callback makes of several subjects, in any.
  const task = `tasks/${recordId}`;
  const printed = async () =>
    Object.groupBy(await changesPrinted(inject('stackLog'), recordId), ({ subject }) => subject);
  const typesOf = async (subject: string) => (await printed())[subject]?.map(({ type }) => type);
  // What came before it, twice, has been consumed by then.
  await expect.poll(() => typesOf(`${task}/files/last.mp4`)).toEqual(['rtc.file.closed']);
  const file = ['recording', 'closed', 'upload_failed', 'uploaded'].map((status) => `rtc.file.${status}`);
  await expect.poll(() => typesOf(`${task}/files/a.mp4`)).toEqual(file);
  await expect
    .poll(() => typesOf(`${task}/files/a.mp4/attention`))
    .toEqual(['rtc.attention.raised', 'rtc.attention.cleared']);
  // A watch may have said by now that it has ended.
  const isOfCallbacks = (type: string) => type !== 'rtc.task.ended';
  await expect.poll(async () => (await typesOf(task))?.filter(isOfCallbacks)).toEqual(['rtc.task.started']);
  expect((await printed())[`${task}/files/a.mp4`]?.at(-1)).toMatchObject({
    source: `/rtc-callbacks/local/rongcloud/${recording.appId}`,
    data: { file: { url: 'https://storage.example.com/a.mp4?…' }, previousStatus: 'upload_failed' },
  });
});
