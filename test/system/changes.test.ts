import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { expect, inject, test } from 'vitest';
import type { Json } from '../../lib/platform/json.ts';
import { type ChildStack, startChildStack } from '../../stack/child-stack.ts';
import { changesPrinted } from '../support/changes-printed.ts';
import { keepCompiled } from '../support/compiled.ts';
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
  await post(recording, callback('end', { recordId, timestamp: 1_790_000_000_009 }));
  const printed = () => changesPrinted(inject('stackLog'), recordId);
  await expect
    .poll(async () => (await printed()).map(({ type }) => type))
    .toEqual([
      'rtc.task.started',
      'rtc.file.recording',
      'rtc.file.closed',
      'rtc.file.upload_failed',
      'rtc.attention.raised',
      'rtc.file.uploaded',
      'rtc.attention.cleared',
      // The watch says that the task has ended, once no recording of a user runs.
      'rtc.file.closed',
    ]);
  expect((await printed())[5]).toMatchObject({
    source: `/rtc-callbacks/local/rongcloud/${recording.appId}`,
    subject: `tasks/${recordId}/files/a.mp4`,
    data: { file: { url: 'https://storage.example.com/a.mp4?…' }, previousStatus: 'upload_failed' },
  });
});

test('npm start -- --forward posts every change, whole and signed, again when it is not taken', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const receiver = createServer(async (request, response) => {
    requests.push({ headers: request.headers, body: await text(request) });
    response.writeHead(requests.length === 1 ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-forward-'));
  const logFile = join(directory, 'functions.log');
  let stack: ChildStack | undefined;
  try {
    await keepCompiled(inject('stackData'), directory);
    stack = await startChildStack(directory, logFile, {
      args: ['--forward', url],
      environment: { FORWARD_SECRET: secret },
    });
    const [recordId, name] = [randomUUID(), 'a.mp4'];
    const { headers, body } = callback('upload', {
      recordId,
      'output.fileName': name,
      'output.fileUrl': SIGNED_URL,
    });
    await fetch(stack.url + recording.path, { method: 'POST', headers, body });
    await expect.poll(() => requests.length).toBe(2);
    const [event] = await changesPrinted(logFile, recordId);
    for (const posted of requests) {
      expect(posted.headers['webhook-id']).toBe(event?.id);
      // What is posted is whole; what is printed of it leaves queries and free text out.
      expect(new Webhook(secret).verify(posted.body, posted.headers as Record<string, string>)).toMatchObject(
        {
          ...event,
          data: { ...event?.data, file: { name, url: SIGNED_URL } },
        },
      );
    }
  } finally {
    await stack?.stop();
    receiver.close();
    await rm(directory, { recursive: true, force: true });
  }
});

test.each([
  [['--forward', 'not a url'], /--forward takes an http or https URL/],
  [['--forward', 'ftp://example.com'], /--forward takes an http or https URL/],
  [['--forward', 'http://127.0.0.1:1', '--forward-secret', 'whsec_c2VjcmV0'], /--forward-secret/],
  [['--forwards', 'http://127.0.0.1:1'], /--forwards/],
])('npm start -- %s says what is wrong', async (args, complaint) => {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-forward-'));
  await expect(startChildStack(directory, join(directory, 'log'), { args })).rejects.toThrow(complaint);
  await rm(directory, { recursive: true, force: true });
});
