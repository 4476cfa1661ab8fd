import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { post, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import {
  type RunningTool,
  runShell,
  runTool,
  runToolOnTerminal,
  spawnTool,
  startTool,
} from '../support/tool.ts';

const POLL = { interval: 100 };

const recording = sourceNamed('rongcloud-recording');

const following: RunningTool[] = [];

/** A test that fails leaves no tool behind. */
afterEach(async () => {
  for (const tool of following.splice(0)) {
    tool.interrupt();
    await tool.ended;
  }
});

/** Starts following the shared stack, and resolves once it does. */
async function follow(...args: string[]): Promise<RunningTool> {
  const tool = startTool(['events', 'tail', '--url', inject('stackUrl'), ...args]);
  following.push(tool);
  await tool.hasNoted('Following');
  return tool;
}

async function send(event: string, recordId: string, values: Record<string, string> = {}): Promise<void> {
  const set = new Map(Object.entries({ recordId, ...values }));
  await post(recording, sample(recording, event, { set }));
}

test('callbacks are shown with their verdicts and changes', async () => {
  const taskId = randomUUID();
  await send('start', taskId);
  const before = await follow('--since', '10m');
  await before.hasWritten(new RegExp(`recording 1 +task ${taskId}`));
  const all = await follow();
  await send('upload-failed', taskId, { 'output.fileName': 'live.mp4' });
  await post(recording, sample(recording, 'upload', { flaw: 'signature' }));
  await post(recording, sample(recording, 'upload', { flaw: 'stale' }));
  await all.hasWritten(
    /accepted +rongcloud-recording +200 +app e0x9wycfx7flq +in \d+ ms/,
    new RegExp(`changed +rtc\\.file\\.upload_failed +file live\\.mp4 of task ${taskId}.* time left 23 h`),
    new RegExp(`applied +rongcloud-recording +recording 4 +task ${taskId} +1 change +after`),
    /refused +rongcloud-recording +401 +wrong_signature: signed with another secret/,
    /quarantined +rongcloud-recording +app e0x9wycfx7flq +stale: signed too long/,
  );
  expect(all.stdout()).not.toMatch(new RegExp(`recording 1 +task ${taskId}`));
  await before.hasWritten(new RegExp(`recording 4 +task ${taskId}`));
});

test('with filters and --json, each is a line of JSON that programs can take one by one', async () => {
  const [taskId, other] = [randomUUID(), randomUUID()];
  const ofTask = await follow('--json', '--task', taskId);
  const ofSource = await follow('--json', '--source', 'rongcloud-screenshot', '--app', recording.appId);
  const ofVendor = await follow('--json', '--vendor', 'zego');
  await send('start', other);
  await send('start', taskId, { 'output.fileName': 'a\u001b[2J.mp4' });
  await post(sourceNamed('rongcloud-screenshot'), sample(sourceNamed('rongcloud-screenshot')));
  await post(sourceNamed('zego'), sample(sourceNamed('zego')));
  const shown = (tool: RunningTool) =>
    tool
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  // The change and its cause come from different functions.
  const ofBoth = () => shown(ofTask).toSorted((one, other) => (one.message < other.message ? -1 : 1));
  await expect
    .poll(() => ofBoth().map(({ message }) => message), POLL)
    .toEqual(['change', 'change', 'consumed']);
  expect(ofBoth()).toMatchObject([
    { event: { type: expect.stringMatching(/rtc.(task.started|file.recording)/) } },
    { event: { type: expect.stringMatching(/rtc.(task.started|file.recording)/) } },
    { verdict: 'applied', taskId, source: 'rongcloud-recording' },
  ]);
  expect(ofTask.stdout()).not.toContain('\u001b');
  for (const [tool, source] of [
    [ofSource, 'rongcloud-screenshot'],
    [ofVendor, 'zego'],
  ] as const) {
    await expect.poll(() => shown(tool).some(({ message }) => message === 'consumed'), POLL).toBe(true);
    expect(
      shown(tool).filter((line) => line.message !== 'change' && !line.source.startsWith(source)),
    ).toEqual([]);
  }
});

test('Ctrl-C ends it with code 0, and what has come until then is written', async () => {
  const taskId = randomUUID();
  const tool = spawnTool(['events', 'tail', '--url', inject('stackUrl'), '--task', taskId]);
  following.push(tool);
  await tool.hasNoted('Following');
  await send('start', taskId);
  await sharedStack().consumedWhen(taskId, 1);
  // Twice, as npx passes on what the terminal has sent to both.
  tool.interrupt();
  tool.interrupt();
  expect(await tool.ended).toBe(0);
  expect(tool.stdout()).toContain('applied');
});

test('on a terminal there are colours, and what a forger puts into a name is only shown', async () => {
  const taskId = randomUUID();
  const name = '\u001b[2Jowned\u202e.mp4';
  const hints = ['Following', 'applied', 'changed'];
  let [isSent, isEnded] = [false, false];
  const run = await runToolOnTerminal(
    ['events', 'tail', '--task', taskId, '--url', inject('stackUrl')],
    {},
    (output) => {
      if (!isSent && output.includes('Following')) {
        isSent = true;
        void send('upload-failed', taskId, { 'output.fileName': name });
      }
      // Once: a second Ctrl-C ends it at once, with another code.
      if (isEnded || !hints.every((hint) => output.includes(hint))) return undefined;
      isEnded = true;
      return '\u0003';
    },
  );
  expect(run.code).toBe(0);
  expect(run.output).toContain('\u001b[31mchanged    \u001b[39m  rtc.file.upload_failed');
  expect(run.output).toContain('file \\u001b[2Jowned\\u202e.mp4 of task');
});

test('neither the queries of URLs nor what stands for a password is written', async () => {
  const taskId = randomUUID();
  const tools = [await follow('--task', taskId), await follow('--task', taskId, '--json')];
  const url = 'https://a.example.com/file.mp4?sign=SECRET1#SECRET2';
  await send('upload', taskId, { 'output.fileUrl': url, 'output.fileName': url });
  for (const tool of tools) {
    await tool.hasWritten(/applied/, /https:\/\/a\.example\.com\/file\.mp4/);
    expect(tool.stdout()).not.toContain('SECRET');
  }
});

test('a reader that has seen enough ends it with the next line, without a complaint', async () => {
  const taskId = randomUUID();
  await send('start', taskId);
  await sharedStack().consumedWhen(taskId, 1);
  const args = ['events', 'tail', '--since', '1h', '--task', taskId, '--url', inject('stackUrl')];
  const running = runShell(args, (tool) => `{ ${tool}; echo "code $?" >&2; } | head -1`);
  let isOver = false;
  void running.then(() => {
    isOver = true;
  });
  const sendUntilOver = async () => {
    if (!isOver) await send('segment', taskId);
    return isOver;
  };
  await expect.poll(sendUntilOver, { interval: 500 }).toBe(true);
  const run = await running;
  expect(run.stdout.split('\n')).toHaveLength(2);
  expect(run.stderr.trim().split('\n').at(-1)).toBe('code 0');
  expect(run.stderr).not.toContain('EPIPE');
});

test.each([
  [['--url', 'http://127.0.0.1:9'], 4, 'npm start'],
  [['--since', 'yesterday'], 2, '30s, 10m, 2h or 1d'],
  [['--source', 'tencent-room'], 2, 'rongcloud-recording'],
  [['--vendor', 'agora'], 2, 'rongcloud, tencent, zego'],
])('events tail %j ends with code %i', async (args, expected, complaint) => {
  const { code, stdout, stderr } = await runTool(['events', 'tail', ...args]);
  expect([code, stdout, stderr]).toEqual([expected, '', expect.stringContaining(complaint)]);
});

test('another server than the stack is said to be none', async () => {
  const { code, stderr } = await runTool(['events', 'tail', '--url', `${inject('stackUrl')}/other`]);
  expect([code, stderr]).toEqual([4, expect.stringContaining('answered 404')]);
});
