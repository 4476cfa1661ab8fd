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
import { sample, sourceNamed } from '../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');

const SIGNED_URL = 'https://storage.example.com/a.mp4?signature=1';

function callback(event: string, values: Record<string, Json>) {
  return sample(recording, event, { set: new Map(Object.entries(values)) });
}

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
