import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRecentCallbacks, type RecentCallbacks } from '../../stack/recent-callbacks.ts';

const directory = mkdtempSync(join(tmpdir(), 'rtc-callbacks-recent-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;

function empty(): RecentCallbacks {
  files += 1;
  return createRecentCallbacks(join(directory, `${files}.json`));
}

function line(message: string, fields: object): string {
  return JSON.stringify({ level: 'info', message, time: '2026-03-01T12:00:00.000Z', ...fields });
}

const received = line('callback', {
  source: 'tencent',
  status: 200,
  verdict: 'accepted',
  appId: '1',
  messageId: 'm',
});
const consumed = line('consumed', {
  time: '2026-03-01T12:00:01.000Z',
  messageId: 'm',
  source: 'tencent',
  appId: '1',
  verdict: 'applied',
  type: '6/601',
  taskId: 't',
  roomId: 'r',
  lagMs: 24,
});
const whole = {
  at: '2026-03-01T12:00:00.000Z',
  verdict: 'applied',
  source: 'tencent',
  status: 200,
  appId: '1',
  type: '6/601',
  taskId: 't',
  roomId: 'r',
  messageId: 'm',
  lagMs: 24,
};

describe('the lines of one callback', () => {
  test.each([
    ['in order', [received, consumed]],
    ['the consumer’s first', [consumed, received]],
    ['one of them twice', [received, consumed, consumed]],
  ])('are put together: %s', (_name, lines) => {
    const callbacks = empty();
    for (const text of lines) callbacks.observe(text);
    expect(callbacks.list()).toEqual([whole]);
  });

  test.each([
    ['before it is consumed', false],
    ['after it is consumed', true],
  ])('are linked through the spill store, whose line comes %s', (_name, isLate) => {
    const callbacks = empty();
    callbacks.observe(
      line('callback', {
        source: 'tencent',
        status: 200,
        verdict: 'accepted',
        messageId: 's',
        spilled: true,
      }),
    );
    const drained = line('drained', { spillId: 's', messageId: 'm' });
    for (const text of isLate ? [consumed, drained] : [drained, consumed]) callbacks.observe(text);
    expect(callbacks.list()).toEqual([{ ...whole, spilled: true }]);
  });

  test('say that it failed for now, until it was applied', () => {
    const callbacks = empty();
    callbacks.observe(received);
    callbacks.observe(line('retry', { messageId: 'm', reason: 'TimeoutError: slow' }));
    expect(callbacks.list()).toMatchObject([
      { verdict: 'retrying', reason: 'TimeoutError: slow', source: 'tencent' },
    ]);
    callbacks.observe(consumed);
    expect(callbacks.list()).toMatchObject([{ verdict: 'applied', reason: undefined }]);
  });
});

test('a callback of several messages is one callback, which nobody replayed', () => {
  const callbacks = empty();
  callbacks.observe(received);
  const part = { source: 'tencent', verdict: 'applied' };
  callbacks.observe(line('consumed', { messageId: 'm', ...part }));
  callbacks.observe(line('consumed', { messageId: 'n', restOf: 'm', ...part }));
  expect(callbacks.list()).toMatchObject([{ messageId: 'm', verdict: 'applied', replayed: undefined }]);
});

describe('a quarantined callback', () => {
  const quarantined = line('consumed', {
    messageId: 'm',
    source: 'tencent',
    verdict: 'quarantined',
    reason: 'stale',
  });
  const replayed = (fields: object) =>
    line('consumed', { messageId: 'n', replayOf: 'm', source: 'tencent', ...fields });

  test('that was replayed and applied is shown so, as the same callback', () => {
    const callbacks = empty();
    for (const text of [received, quarantined]) callbacks.observe(text);
    const [{ messageId } = {}] = callbacks.list();
    callbacks.observe(replayed({ verdict: 'applied', taskId: 't' }));
    expect(callbacks.list()).toMatchObject([
      { messageId, verdict: 'applied', reason: undefined, status: 200, taskId: 't', replayed: true },
    ]);
  });

  test('that came back is quarantined still, and applied after the next replay', () => {
    const callbacks = empty();
    for (const text of [received, quarantined, replayed({ verdict: 'quarantined', reason: 'no_history' })])
      callbacks.observe(text);
    expect(callbacks.list()).toMatchObject([
      { verdict: 'quarantined', reason: 'no_history', replayed: true },
    ]);
    callbacks.observe(line('retry', { messageId: 'o', replayOf: 'm', reason: 'TimeoutError' }));
    callbacks.observe(replayed({ messageId: 'o', verdict: 'duplicate' }));
    expect(callbacks.list()).toMatchObject([{ verdict: 'duplicate', messageId: 'm' }]);
  });

  test('that was spilled on its way is found again', () => {
    const callbacks = empty();
    callbacks.observe(
      line('callback', { source: 'tencent', verdict: 'accepted', messageId: 's', spilled: true }),
    );
    callbacks.observe(line('drained', { spillId: 's', messageId: 'm' }));
    for (const text of [quarantined, replayed({ verdict: 'applied' })]) callbacks.observe(text);
    expect(callbacks.list()).toMatchObject([{ verdict: 'applied', spilled: true, replayed: true }]);
  });

  test('that was removed waits for nobody any more; one that nobody remembers is not listed for it', () => {
    const callbacks = empty();
    for (const text of [received, quarantined]) callbacks.observe(text);
    for (const messageId of ['m', 'unknown'])
      callbacks.observe(line('removed', { verdict: 'removed', messageId }));
    expect(callbacks.list()).toMatchObject([{ verdict: 'removed', reason: 'stale', messageId: 'm' }]);
  });
});

test('refused callbacks are listed one by one; probes and other lines are not', () => {
  const callbacks = empty();
  const refused = { source: 'zego', status: 401, verdict: 'refused', reason: 'wrong_signature' };
  for (const time of ['2026-03-01T12:00:02.000Z', '2026-03-01T12:00:03.000Z']) {
    callbacks.observe(line('callback', { ...refused, time }));
  }
  callbacks.observe(line('callback', { source: 'zego', status: 200, verdict: 'probe' }));
  for (const text of ['ready', '{', '{}', '[]', line('drain', { drained: 0 }), line('query', {})])
    callbacks.observe(text);
  expect(callbacks.list().map(({ at, reason }) => [at, reason])).toEqual([
    ['2026-03-01T12:00:03.000Z', 'wrong_signature'],
    ['2026-03-01T12:00:02.000Z', 'wrong_signature'],
  ]);
});

test('a message that only the consumer saw has no status', () => {
  const callbacks = empty();
  callbacks.observe(consumed);
  expect(callbacks.list()).toMatchObject([{ verdict: 'applied', status: undefined }]);
});

test('after a burst, callbacks that are consumed late are known by both of their lines', () => {
  const callbacks = empty();
  const ids = Array.from({ length: 3_000 }, (_, index) => `m${index}`);
  for (const messageId of ids)
    callbacks.observe(line('callback', { verdict: 'accepted', status: 200, messageId }));
  for (const messageId of ids) callbacks.observe(line('consumed', { verdict: 'applied', messageId }));
  const list = callbacks.list();
  expect(list).toHaveLength(500);
  expect(new Set(list.map(({ verdict, status }) => `${verdict} ${status}`))).toEqual(
    new Set(['applied 200']),
  );
});

test('only the last ones are listed', () => {
  const callbacks = empty();
  for (let count = 0; count < 600; count += 1) {
    callbacks.observe(line('callback', { verdict: 'accepted', status: 200, messageId: `m${count}` }));
  }
  const ids = callbacks.list().map(({ messageId }) => messageId);
  expect(ids).toHaveLength(500);
  expect(ids).toContain('m599');
  expect(ids).not.toContain('m99');
});

test('the next stack remembers them; a broken file is forgotten', () => {
  const file = join(directory, 'saved.json');
  const callbacks = createRecentCallbacks(file);
  callbacks.observe(received);
  callbacks.save();
  const next = createRecentCallbacks(file);
  next.observe(consumed);
  expect(next.list()).toEqual([whole]);
  writeFileSync(file, '{"half');
  expect(createRecentCallbacks(file).list()).toEqual([]);
});
