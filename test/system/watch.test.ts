import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import { bundledFunction } from '../support/bundled-function.ts';
import { post, readWhen, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');

/** The deployed function on the running stack's table; impatient, and with RongCloud only. */
const watch = await bundledFunction('watch', {
  TABLE_NAME: 'rtc-callbacks-local-ledger',
  AWS_ENDPOINT_URL_DYNAMODB: `${inject('stackUrl')}/aws/dynamodb`,
  ATTENTION_DAYS: '7',
  FAILED_UPLOAD_ALARM_MINUTES: '30',
  ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:rtc-callbacks-local-alarms',
  SNS_URL: `${inject('stackUrl')}/aws/sns`,
  RONGCLOUD_UPLOAD_MISSING_MINUTES: '0.0001',
});
afterAll(() => watch.stop());

test('a recording that ended without an upload needs attention until it comes', async () => {
  const recordId = randomUUID();
  const send = (event: string) => {
    const set = new Map<string, Json>([
      ['recordId', recordId],
      ['output.fileName', 'a.mp4'],
    ]);
    return post(recording, sample(recording, event, { set }));
  };
  const task = `/tasks/rongcloud/${recording.appId}/${recordId}`;
  const mine = (files: unknown) =>
    (files as { taskId: string }[]).filter(({ taskId }) => taskId === recordId);

  await send('start');
  await send('end');
  await readWhen(task, ({ body }) => expect(body.task).toMatchObject({ status: 'ended' }));
  expect(await watch.invoke({})).toMatchObject({ left: 0 });
  await readWhen('/attention?limit=500', ({ body }) =>
    expect(mine(body.files)).toMatchObject([
      { name: 'a.mp4', status: 'closed', reason: 'upload_missing', since: expect.any(String) },
    ]),
  );

  // The first of the hour; other tests may have caused it.
  const notices = (await sharedStack().linesWith('"notified"')) as unknown as { subject: string }[];
  const subject = /^rtc-callbacks: upload_missing \(\d+\) rongcloud /;
  expect(notices).toContainEqual(expect.objectContaining({ subject: expect.stringMatching(subject) }));

  await send('upload');
  await readWhen(task, ({ body }) => expect(body.files).toMatchObject([{ status: 'uploaded' }]));
  await readWhen('/attention?limit=500', ({ body }) => expect(mine(body.files)).toEqual([]));
});
