import { expect, test } from 'vitest';
import { sourceList } from '../../lib/page/elements.ts';
import { sourceText } from '../../lib/page/text.ts';
import type { Source } from '../../types/index.d.ts';

const AT = '2026-01-15T12:00:00.000Z';

test.each<[Source['from'], string, string]>([
  ['callback', 'upload_failed', 'callback: upload failed'],
  ['storage', 'not_in_storage', 'the bucket: not in storage'],
  ['vendor', 'uploaded', 'the vendor: uploaded'],
  ['backend', 'expected', 'your backend: expected'],
])('a fact of the source %s says who said so', (from, says, text) => {
  expect(sourceText({ from, says, at: AT })).toBe(text);
});

test('the page says when, and nothing where callbacks alone speak', () => {
  const list = sourceList([{ from: 'storage', says: 'uploaded', at: AT }], {
    now: Date.parse(AT) + 60_000,
    timeZone: 'UTC',
  });
  expect(String(list)).toMatch(/the bucket: uploaded, <time datetime="2026-01-15T12:00:00.000Z"/);
  expect(sourceList(undefined, { now: 0, timeZone: 'UTC' })).toBeUndefined();
});
