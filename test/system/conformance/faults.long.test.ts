import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SampleSource, SignedCallback } from '../../../lib/vendors/common/sample.ts';
import { type Life, lifeOf, SOURCE_OF_EACH_VENDOR } from '../../support/lives.ts';
import { type OwnStack, startOwnStack } from '../../support/own-stack.ts';
import { quarantinedWhen } from '../../support/quarantine-queue.ts';
import { sample, sourceNamed } from '../../support/stack-client.ts';

let stack: OwnStack;

// Each test stops it and starts it again.
beforeAll(async () => {
  stack = await startOwnStack();
});

afterAll(() => stack.dispose());

/** Sends a callback as vendors do, again until it is acknowledged. */
async function deliver(source: SampleSource, callback: SignedCallback): Promise<void> {
  const status = async () => (await stack.client.post(source, callback)).status;
  await expect.poll(status).toBe(200);
}

async function deliverAll({ source, callbacks }: Life): Promise<void> {
  for (const callback of callbacks) await deliver(source, callback);
}

function wholeLife(life: Life) {
  return stack.client.readWhen(life.path, ({ body }) => {
    expect(body).toMatchObject(life.known);
    expect(body.events).toHaveLength(life.callbacks.length);
  });
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'receiver restart: what was acknowledged and not applied survives %s, and has one effect',
  async (signal) => {
    const lives = SOURCE_OF_EACH_VENDOR.map((source) => lifeOf(source));
    await stack.deleteTable();
    for (const life of lives) await deliverAll(life);
    const [first] = lives;
    const { url } = stack;
    await stack.stop(signal);
    await expect(fetch(url + first?.source.path)).rejects.toThrow();

    await stack.start();
    const answers = await Promise.all(lives.map(wholeLife));
    await stack.stop(signal);
    await stack.start();
    for (const [index, life] of lives.entries()) {
      await deliverAll(life);
      const consumed = await stack.client.consumedWhen(life.id, life.callbacks.length);
      expect(new Set(consumed.map(({ verdict }) => verdict))).toEqual(new Set(['duplicate']));
      expect((await stack.client.request(life.path)).text).toBe(answers[index]?.text);
    }
  },
);

test('partial processing: a receiver that dies in the middle of a callback applies all of it, once', async () => {
  const zego = sourceNamed('zego');
  const [taskId, pictures] = [randomUUID(), 300];
  const list = Array.from({ length: pictures }, (_, index) => ({ url: `https://a.example/${index}.jpg` }));
  const set = new Map([
    ['task_id', taskId],
    ['snapshot_pic_list', JSON.stringify(list)],
  ]);
  await deliver(zego, sample(zego, 'snapshot', { set }));
  const path = `/tasks/zego/${zego.appId}/${taskId}?events=true&limit=500`;
  await stack.client.readWhen(path, ({ body }) => expect(body.files).not.toHaveLength(0));
  await stack.stop('SIGKILL');

  await stack.start();
  await stack.client.readWhen(path, ({ body }) => {
    expect(body.files).toHaveLength(pictures);
    expect(body.events).toHaveLength(1);
  });
});

test('partial processing: one callback that fails neither holds up the others of its batch nor is lost', async () => {
  const lives = SOURCE_OF_EACH_VENDOR.map((source) => lifeOf(source));
  const tencent = sourceNamed('tencent');
  const odd = randomUUID();
  const nothing = new Map([
    ['EventInfo.TaskId', ''],
    ['EventInfo.RoomId', ''],
    ['odd', odd],
  ]);
  const failing = sample(tencent, 'ai-start', { set: nothing });
  await stack.deleteQueue('quarantine');
  const callbacks = lives.flatMap(({ source, callbacks }) =>
    callbacks.map((callback) => ({ source, callback })),
  );
  callbacks.splice(callbacks.length / 2, 0, { source: tencent, callback: failing });
  await Promise.all(callbacks.map(({ source, callback }) => deliver(source, callback)));
  await Promise.all(lives.map(wholeLife));
  await expect.poll(() => stack.client.linesWith('"message":"retry"')).not.toEqual([]);

  await stack.stop('SIGTERM');
  await stack.start();
  const { reason, envelope } = await quarantinedWhen(stack.url, odd);
  expect(reason).toBe('no_task_or_room');
  expect(envelope.body).toEqual(failing.body);
});
