import { expect, test } from 'vitest';
import { eventMatcher } from '../../stack/event-pattern.ts';

const EVENT = {
  source: 'rtc-callbacks',
  detail: { type: 'rtc.file.uploaded', data: { file: { code: 200 } } },
  tags: ['a', 'b'],
};

test.each<[object, boolean]>([
  [{}, true],
  [{ source: ['rtc-callbacks'] }, true],
  [{ source: ['other', 'rtc-callbacks'] }, true],
  [{ source: ['other'] }, false],
  [{ source: [{ prefix: 'rtc-' }] }, true],
  [{ source: [{ prefix: 'aws.' }] }, false],
  [{ detail: { type: [{ suffix: '.uploaded' }] } }, true],
  [{ detail: { type: [{ suffix: '.closed' }] } }, false],
  [{ detail: { data: { file: { code: [200] } } } }, true],
  [{ detail: { data: { file: { code: ['200'] } } } }, false],
  [{ detail: { data: { file: { url: [{ exists: true }] } } } }, false],
  [{ detail: { data: { file: { url: [{ exists: false }] } } } }, true],
  [{ detail: { type: [{ 'anything-but': ['rtc.file.closed'] }] } }, true],
  [{ detail: { type: [{ 'anything-but': { prefix: 'rtc.file.' } }] } }, false],
  [{ detail: { type: ['rtc.file.uploaded'], other: ['x'] } }, false],
  [{ tags: ['b'] }, true],
  [{ tags: ['c'] }, false],
  [{ source: { inner: ['x'] } }, false],
])('%j matches: %s', (pattern, matches) => {
  expect(eventMatcher(pattern)(EVENT)).toBe(matches);
});

test('a comparison that is not known is an error at once', () => {
  expect(() => eventMatcher({ source: [{ wildcard: '*' }] })).toThrow(/wildcard/);
});
