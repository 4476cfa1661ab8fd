import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { patternsOf } from '../../cli/cloudwatch-lines.ts';
import type { StoredCallback } from '../../types/index.d.ts';
import { type LogGroups, startLogGroups } from '../support/log-groups.ts';
import { post, readWhen, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import { runTool, runToolForJson, runToolOnTerminal } from '../support/tool.ts';

const recording = sourceNamed('rongcloud-recording');

interface Lines {
  lines: Record<string, unknown>[];
}

describe('events find in the local stack', () => {
  // The shared stack may have forgotten what was before.
  let from: string[];
  beforeEach(() => {
    from = ['--from', new Date().toISOString()];
  });
  const find = (args: string[], code = 0) =>
    runToolForJson<Lines>(['events', 'find', '--url', inject('stackUrl'), ...from, ...args], {}, code);

  const send = async (event: string, recordId: string, values: Record<string, string> = {}) =>
    post(recording, sample(recording, event, { set: new Map(Object.entries({ recordId, ...values })) }));

  test('finds the whole way of the callbacks of a task, a room, a message and a request', async () => {
    const [taskId, roomId] = [randomUUID(), randomUUID()];
    await send('start', taskId, { roomId });
    await sharedStack().consumedWhen(taskId, 1);
    const ofTask = await find(['--task', taskId]);
    const messages = ofTask.lines.map(({ message }) => message);
    expect(messages.filter((message) => message !== 'change')).toEqual(['callback', 'consumed']);
    const [reception] = ofTask.lines;
    const ofCallback = ofTask.lines.filter(({ message }) => message !== 'change');
    expect((await find(['--room', roomId])).lines).toEqual(expect.arrayContaining(ofCallback));
    expect(await find(['--message-id', String(reception?.messageId)])).toEqual({ lines: ofCallback });
    expect(await find(['--request-id', String(reception?.requestId)])).toEqual({ lines: ofCallback });

    const answer = await readWhen(`/tasks/rongcloud/${recording.appId}/${taskId}?events=true`, ({ body }) =>
      expect(body.events).toHaveLength(1),
    );
    const [stored] = answer.body.events as unknown as StoredCallback[];
    expect(stored?.messageId).toBe(reception?.messageId);
  });

  test('keeps to the time and the filters, and says where it found nothing', async () => {
    const taskId = randomUUID();
    await send('start', taskId);
    await sharedStack().consumedWhen(taskId, 1);
    const [, begin = ''] = from;
    const to = new Date(Date.parse(begin) + 1).toISOString();
    expect(await find(['--task', taskId, '--to', to], 3)).toEqual({ lines: [] });
    expect(await find(['--task', taskId, '--vendor', 'zego'], 3)).toEqual({ lines: [] });
    const run = await runTool([
      'events',
      'find',
      '--url',
      inject('stackUrl'),
      ...from,
      '--task',
      randomUUID(),
    ]);
    expect(run).toEqual({ code: 3, stdout: 'No such line.\n', stderr: '' });
    const some = await runTool([
      'events',
      'find',
      '--url',
      inject('stackUrl'),
      '--since',
      '1h',
      '--limit',
      '1',
    ]);
    expect([some.code, some.stderr]).toEqual([0, expect.stringContaining('There are more; --limit')]);
  });

  test.each([
    [['--task', 'a', '--room', 'b'], 'Give one of'],
    [['--since', '1h', '--from', '2026-01-01'], 'not both'],
    [['--from', 'yesterday'], '--from must be a date or time'],
    [['--time-zone', 'Mars/Olympus'], '--time-zone must be a name'],
    [['--limit', '0'], '--limit takes a whole number'],
  ])('%j is wrong usage', async (args, complaint) => {
    const { code, stderr } = await runTool(['events', 'find', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(complaint)]);
  });

  test('--help names every way to find something, and the exit codes', async () => {
    const { code, stdout } = await runTool(['events', 'find', '--help']);
    expect(code).toBe(0);
    for (const text of ['--task', '--room', '--request-id', '--message-id', '--requests', 'Exit code 3'])
      expect(stdout).toContain(text);
  });
});

describe('events find in CloudWatch Logs', () => {
  const [INGEST, CONSUMER, DRAIN, WATCH] = ['tencent', 'consumer', 'drain', 'watch'].map(
    (name) => `/aws/lambda/rtc-callbacks-test-${name}`,
  ) as [string, string, string, string];
  const RECEIVED = { message: 'callback', source: 'tencent', status: 200, verdict: 'accepted', appId: '1' };
  const CONSUMED = { message: 'consumed', source: 'tencent', verdict: 'applied', appId: '1' };
  const NOW = Date.parse('2026-01-15T12:00:00Z');
  const DAY = ['--from', '2026-01-15', '--to', '2026-01-16'];

  let logs: LogGroups;
  beforeEach(async () => {
    logs = await startLogGroups([INGEST, CONSUMER, DRAIN, WATCH]);
  });
  afterEach(() => logs.close());

  const find = async (args: string[], code = 0) => {
    const { lines } = await runToolForJson<Lines>(
      ['events', 'find', '--stage', 'test', ...args],
      logs.environment,
      code,
    );
    return lines.map(({ id }) => id);
  };

  /** Three callbacks: two of one task, the second one spilled, and one of another task. */
  const putLives = () => {
    logs.put(INGEST, { ...RECEIVED, id: 'in', messageId: 'm1', requestId: 'r1' }, NOW);
    logs.put(
      CONSUMER,
      { ...CONSUMED, id: 'out', messageId: 'm1', taskId: 't', roomId: 'r', lagMs: 9 },
      NOW + 9,
    );
    logs.put(INGEST, { ...RECEIVED, id: 'other in', messageId: 'm2', requestId: 'r2' }, NOW + 10);
    logs.put(CONSUMER, { ...CONSUMED, id: 'other out', messageId: 'm2', taskId: 'o', lagMs: 9 }, NOW + 19);
    logs.put(INGEST, { ...RECEIVED, id: 'spilled', messageId: 's3', requestId: 'r3' }, NOW + 20);
    logs.put(
      DRAIN,
      { message: 'drained', id: 'drained', spillId: 's3', messageId: 'm3', waitedMs: 60 },
      NOW + 80,
    );
    logs.put(
      CONSUMER,
      { ...CONSUMED, id: 'late', messageId: 'm3', taskId: 't', roomId: 'r', lagMs: 70 },
      NOW + 90,
    );
    logs.put(
      CONSUMER,
      { ...CONSUMED, id: 'replay', messageId: 'm4', replayOf: 'm3', taskId: 't', lagMs: 80 },
      NOW + 95,
    );
    logs.put(
      CONSUMER,
      { ...CONSUMED, id: 'rest', messageId: 'm5', restOf: 'm3', taskId: 't', lagMs: 90 },
      NOW + 96,
    );
    logs.put(
      WATCH,
      { message: 'attention', id: 'silent', vendor: 'tencent', appId: '1', taskId: 't' },
      NOW + 99,
    );
  };

  test.each([
    [
      ['--task', 't'],
      ['in', 'out', 'spilled', 'drained', 'late', 'replay', 'rest', 'silent'],
    ],
    [
      ['--room', 'r'],
      ['in', 'out', 'spilled', 'drained', 'late', 'replay', 'rest'],
    ],
    [
      ['--message-id', 's3'],
      ['spilled', 'drained', 'late', 'replay', 'rest'],
    ],
    [
      ['--message-id', 'm4'],
      ['spilled', 'drained', 'late', 'replay', 'rest'],
    ],
    [
      ['--request-id', 'r2'],
      ['other in', 'other out'],
    ],
    [
      ['--task', 't', '--limit', '1'],
      ['in', 'out'],
    ],
  ])('%j finds the lines of its callbacks in all functions', async (args, expected) => {
    putLives();
    expect(await find([...args, ...DAY])).toEqual(expected);
  });

  test('without an id it lists what happened in that time', async () => {
    putLives();
    logs.put(WATCH, { message: 'watch', id: 'count' }, NOW);
    const hour = [
      '--from',
      '2026-01-15T20:00',
      '--to',
      '2026-01-15T20:00:00.015',
      '--time-zone',
      'Asia/Shanghai',
    ];
    // The rest of a callback is found outside of that time too, until its end.
    expect(await find(hour)).toEqual(['in', 'out', 'other in']);
    expect(logs.questions.every(({ startTime, endTime }) => startTime <= NOW && endTime === NOW + 14)).toBe(
      true,
    );
  });

  test('what cannot be found is code 3, with the question as narrow as it can be', async () => {
    putLives();
    expect(await find(['--task', 'nobody', ...DAY], 3)).toEqual([]);
    expect(new Set(logs.questions.map(({ filterPattern }) => filterPattern))).toEqual(
      new Set(['{ ($.taskId = "nobody") }']),
    );
  });

  test('the number of requests is bounded; what was found until then is written, with code 1', async () => {
    for (let index = 0; index < 40; index += 1)
      logs.put(
        CONSUMER,
        { ...CONSUMED, id: index, messageId: `m${index}`, taskId: index < 2 ? 't' : 'o' },
        NOW + index,
      );
    const args = ['events', 'find', '--stage', 'test', '--task', 't', ...DAY, '--requests', '5', '--json'];
    const { code, stdout, stderr } = await runTool(args, logs.environment);
    expect([code, JSON.parse(stdout).lines.length]).toEqual([1, 2]);
    expect(stderr).toContain('after 5 requests to CloudWatch Logs, and is not whole');
    expect(logs.questions).toHaveLength(5);
  });

  test('on a terminal it counts the requests', async () => {
    putLives();
    const args = ['events', 'find', '--stage', 'test', '--task', 't', ...DAY];
    const { code, output } = await runToolOnTerminal(args, logs.environment);
    expect([code, output]).toEqual([0, expect.stringMatching(/Requests to CloudWatch Logs: \d+/)]);
  });

  test('an id that a pattern cannot hold, or that lines cut, is found', async () => {
    const [quoted, long] = ['say "hi" \\ 中', `${'x'.repeat(300)}`];
    logs.put(CONSUMER, { ...CONSUMED, id: 'quoted', messageId: 'm1', taskId: quoted }, NOW);
    logs.put(CONSUMER, { ...CONSUMED, id: 'same beginning', messageId: 'm2', taskId: 'say "no"' }, NOW);
    logs.put(CONSUMER, { ...CONSUMED, id: 'long', messageId: 'm3', taskId: `${long.slice(0, 256)}…` }, NOW);
    expect(await find(['--task', quoted, ...DAY])).toEqual(['quoted']);
    expect(await find(['--task', long, ...DAY])).toEqual(['long']);
  });

  test('no permission and an unknown stage are code 4', async () => {
    logs.fault.type = 'AccessDeniedException';
    const refused = await runTool(['events', 'find', '--stage', 'test', '--task', 't'], logs.environment);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('AWS does not allow it')]);
    delete logs.fault.type;
    const nowhere = await runTool(['events', 'find', '--stage', 'nowhere', '--task', 't'], logs.environment);
    expect([nowhere.code, nowhere.stderr]).toEqual([4, expect.stringContaining('Stage nowhere has no such')]);
  });

  test('patterns stay under the length that the service takes, and have every value', () => {
    const ids = Array.from({ length: 50 }, () => randomUUID());
    const patterns = patternsOf(['messageId', 'replayOf'], ids);
    expect(patterns.filter((pattern) => pattern.length > 1_024)).toEqual([]);
    for (const id of ids) expect(patterns.join().split(id)).toHaveLength(3);
  });
});
