import { expect, test } from 'vitest';
import { DAY_MINUTES, outageDay } from '../../demo/outage/outage-day.ts';
import {
  entriesCleared,
  entriesListed,
  entriesLogged,
  entriesPosted,
  isSameEntries,
  reasonsCounted,
  reasonsOf,
} from '../../demo/outage/views.ts';
import type { ChangeEvent } from '../../types/index.d.ts';

const RAISED = 'rtc.attention.raised';

/** An event of the entry of a file, or of the app where the file has no name. */
function event(type: string, sequence: number, name: string, reason = 'upload_failed'): ChangeEvent {
  const place =
    name === ''
      ? { app: { vendor: 'zego' } }
      : { file: { name }, task: { vendor: 'rongcloud', taskId: 'task' } };
  const subject = `${name}/attention`;
  const data = { ...place, reason };
  return { type, source: 'source', subject, sequence: String(sequence), data } as unknown as ChangeEvent;
}

const entry = (reason: string, taskId = 'task') => ({
  reason,
  vendor: taskId === '' ? 'zego' : 'rongcloud',
  taskId,
});

test('the latest event of an attention item counts, in any order of arrival', () => {
  const events = [
    event('rtc.attention.cleared', 3, 'a', 'purge_near'),
    event(RAISED, 2, 'a', 'purge_near'),
    event(RAISED, 1, 'a'),
    event(RAISED, 5, 'b', 'purge_near'),
    event(RAISED, 4, 'b'),
    event(RAISED, 6, '', 'app_silent'),
    event('rtc.attention.dropped', 7, 'c', 'lost'),
    event('rtc.file.uploaded', 9, 'b'),
  ];
  expect(entriesPosted(events)).toEqual([entry('purge_near'), entry('app_silent', '')]);
  expect(entriesCleared(events)).toEqual([entry('purge_near')]);
});

test('the lists of /attention are the same entries', () => {
  const lists = {
    files: [entry('upload_failed')],
    tasks: [entry('task_silent')],
    apps: [{ vendor: 'zego', reason: 'app_silent' }],
  } as unknown as Parameters<typeof entriesListed>[0];
  const expected = [entry('upload_failed'), entry('task_silent'), entry('app_silent', '')];
  expect(entriesListed(lists)).toEqual(expected);
  expect(entriesListed({})).toEqual([]);
});

test('the lines of the watch name new attention items, and count all', () => {
  const lines = [
    { message: 'attention', change: 'raised', reason: 'task_silent', vendor: 'rongcloud', taskId: 'task' },
    { message: 'attention', change: 'cleared', reason: 'app_silent', vendor: 'zego' },
    { message: 'consumed', taskId: 'task' },
    {
      message: 'watch',
      upload_failed: 2,
      purge_near: 0,
      lost: 0,
      not_in_storage: 0,
      upload_missing: 0,
      task_silent: 1,
      screenshot_missing: 0,
      callback_missing: 0,
      app_silent: 0,
    },
  ];
  expect(entriesLogged(lines, 'raised')).toEqual([entry('task_silent')]);
  expect(entriesLogged(lines, 'cleared')).toEqual([entry('app_silent', '')]);
  expect(reasonsCounted(lines)).toEqual({ upload_failed: 2, task_silent: 1 });
});

test('entries are the same only where each is there as often', () => {
  const day = outageDay();
  const [first, ...others] = day.entries;
  if (first === undefined) throw new Error('nothing needs attention');
  expect(isSameEntries(day.entries.toReversed(), day.entries)).toBe(true);
  expect(isSameEntries(others, day.entries)).toBe(false);
  expect(isSameEntries([...day.entries, first], day.entries)).toBe(false);
  expect(isSameEntries([{ ...first, reason: 'lost' }, ...others], day.entries)).toBe(false);
  expect(reasonsOf(others)).not.toEqual(reasonsOf(day.entries));
});

test('the day has every reason but a loss, and all of it has happened', () => {
  const { callbacks, recovery, entries } = outageDay();
  expect(Object.keys(reasonsOf(entries)).sort()).toEqual(
    [
      'upload_failed',
      'purge_near',
      'upload_missing',
      'task_silent',
      'screenshot_missing',
      'app_silent',
    ].sort(),
  );
  for (const { minute } of [...callbacks, ...recovery]) expect(minute).toBeLessThan(DAY_MINUTES);
});
