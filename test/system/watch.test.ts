import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import { post, readWhen, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import { stackWatch } from '../support/stack-watch.ts';

const recording = sourceNamed('rongcloud-recording');

const HOUR = 60 * 60_000;

const watch = await stackWatch();
afterAll(() => watch.stop());

test('a recording that ended without an upload needs attention until it comes', async () => {
  const recordId = randomUUID();
  const send = (event: string, ago: number) => {
    const set = new Map<string, Json>([
      ['recordId', recordId],
      ['output.fileName', 'a.mp4'],
    ]);
    return post(recording, sample(recording, event, { set, happenedAt: Date.now() - ago }));
  };
  const task = `/tasks/rongcloud/${recording.appId}/${recordId}`;
  const mine = (files: unknown) =>
    (files as { taskId: string }[]).filter(({ taskId }) => taskId === recordId);

  await send('start', 3 * HOUR);
  await send('end', 2 * HOUR);
  await readWhen(task, ({ body }) => expect(body.task).toMatchObject({ status: 'ended' }));
  expect(await watch.invoke({})).toMatchObject({ left: 0 });
  await readWhen('/attention?limit=500', ({ body }) =>
    expect(mine(body.files)).toMatchObject([
      { name: 'a.mp4', status: 'closed', reason: 'upload_missing', since: expect.any(String) },
    ]),
  );

  // The first of the hour; other tests may have caused it.
  const subject = /^rtc-callbacks: upload_missing \(\d+\) rongcloud /;
  await expect
    .poll(() => sharedStack().linesWith('"notified"'))
    .toContainEqual(expect.objectContaining({ subject: expect.stringMatching(subject) }));

  await send('upload', 0);
  await readWhen(task, ({ body }) => expect(body.files).toMatchObject([{ status: 'uploaded' }]));
  await readWhen('/attention?limit=500', ({ body }) => expect(mine(body.files)).toEqual([]));
});
