import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { startChildStack } from '../../stack/child-stack.ts';
import { sample, sourceNamed } from '../support/stack-client.ts';
import { startTool } from '../support/tool.ts';

const recording = sourceNamed('rongcloud-recording');

test('when the stack starts again it goes on, and says so', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-tail-'));
  const start = (port: number) => startChildStack(join(directory, 'data'), join(directory, 'log'), { port });
  let stack = await start(0);
  const { port } = new URL(stack.url);
  const tool = startTool(['events', 'tail', '--url', stack.url]);
  try {
    await tool.hasNoted('Following');
    await stack.stop();
    await tool.hasNoted('cannot be reached (ECONNREFUSED)', 'Trying again.');
    stack = await start(Number(port));
    await fetch(stack.url + recording.path, { method: 'POST', ...sample(recording, 'start') });
    await tool.hasWritten(/accepted/, /applied/);
    await tool.hasNoted('There is an answer from the local stack');
  } finally {
    tool.interrupt();
    await tool.ended;
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
