import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LogGroups, startLogGroups } from '../support/log-groups.ts';
import { type RunningTool, runTool, startTool } from '../support/tool.ts';

const POLL = { interval: 100 };

const [INGEST, CONSUMER, WATCH] = ['tencent', 'consumer', 'watch'].map(
  (name) => `/aws/lambda/rtc-callbacks-test-${name}`,
) as [string, string, string];

const ACCEPTED = { message: 'callback', source: 'tencent', status: 200, verdict: 'accepted', appId: '1' };

let logs: LogGroups;
let tool: RunningTool | undefined;

beforeEach(async () => {
  logs = await startLogGroups([INGEST, CONSUMER, WATCH]);
});

afterEach(async () => {
  tool?.interrupt();
  await tool?.ended;
  await logs.close();
});

async function follow(...args: string[]): Promise<RunningTool> {
  tool = startTool(['events', 'tail', '--stage', 'test', ...args], logs.environment);
  await tool.hasNoted('Following stage test');
  return tool;
}

/** What was written, by the field `id`. */
function ids({ stdout }: RunningTool): string[] {
  const lines = stdout().split('\n').slice(0, -1);
  return lines.map((line) => String(JSON.parse(line).id));
}

test('the lines of all functions come in the order of their time, each once, however late they are seen', async () => {
  const now = Date.now();
  const put = (group: string, id: string, ageMs: number, line: object = ACCEPTED) =>
    logs.put(group, { ...line, id }, now - ageMs);
  put(INGEST, 'too old', 11 * 60_000);
  for (const [id, age] of Object.entries({ a: 50_000, c: 48_000, e: 46_000 })) put(INGEST, id, age);
  for (const [id, age] of Object.entries({ b: 49_000, d: 47_000 })) put(CONSUMER, id, age);
  put(WATCH, 'count', 45_000, { message: 'watch' });
  const following = await follow('--since', '10m', '--json');
  await expect.poll(() => ids(following), POLL).toEqual(['a', 'b', 'c', 'd', 'e']);

  put(CONSUMER, 'late', 55_000);
  put(INGEST, 'next', 40_000);
  await expect.poll(() => ids(following).slice(5), POLL).toEqual(['late', 'next']);
  const asked = logs.questions.length;
  await expect.poll(() => logs.questions.length, POLL).toBeGreaterThan(asked + 20);
  expect(ids(following)).toHaveLength(7);
  following.interrupt();
  expect(await following.ended).toBe(0);
});

test('a line about one message has its source, and an entry of /attention with its reason', async () => {
  const following = await follow('--since', '1m', '--vendor', 'tencent');
  logs.put(INGEST, { ...ACCEPTED, messageId: 'm', _aws: { Timestamp: 1 } });
  logs.put(CONSUMER, { message: 'retry', messageId: 'm', reason: 'TimeoutError: slow' });
  logs.put(CONSUMER, { message: 'retry', messageId: 'unknown', reason: 'of nobody knows whom' });
  const entry = { change: 'raised', reason: 'task_silent', vendor: 'tencent', appId: '1', taskId: 't' };
  logs.put(WATCH, { message: 'attention', ...entry });
  await following.hasWritten(
    /accepted +tencent +200/,
    /retrying +tencent +app 1 +TimeoutError: slow/,
    /attention +tencent +task_silent raised +task t +app 1/,
  );
  expect(following.stdout()).not.toContain('nobody');
  const groups = new Set(logs.questions.map(({ logGroupName }) => logGroupName.split('-').at(-1)));
  expect([...groups].toSorted()).toEqual(['consumer', 'drain', 'tencent', 'watch']);
});

test('when CloudWatch is too busy it goes on later, and loses nothing', async () => {
  const following = await follow('--since', '1m', '--json');
  logs.fault.type = 'ThrottlingException';
  logs.put(INGEST, { ...ACCEPTED, id: 'meanwhile' });
  await following.hasNoted('Trying again.');
  delete logs.fault.type;
  await following.hasNoted('There is an answer from stage test again.');
  expect(ids(following)).toEqual(['meanwhile']);
});

test.each([
  ['AccessDeniedException', /AWS does not allow it.*--profile/],
  ['ExpiredTokenException', /aws sso login/],
])('%s ends it with code 4, at once and while it follows', async (type, complaint) => {
  const following = await follow();
  logs.fault.type = type;
  expect(await following.ended).toBe(4);
  expect(following.stderr()).toMatch(complaint);
  const { code, stderr } = await runTool(['events', 'tail', '--stage', 'test'], logs.environment);
  expect([code, stderr]).toEqual([4, expect.stringMatching(complaint)]);
});

test('a stage that is not deployed is code 4', async () => {
  const { code, stderr } = await runTool(['events', 'tail', '--stage', 'nowhere'], logs.environment);
  expect([code, stderr]).toEqual([4, expect.stringMatching(/Stage nowhere has no such .*log.*--region/)]);
});
