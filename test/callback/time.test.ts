import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epochSeconds,
  eventTime,
  failureTime,
  LAST_TIME,
  plausibleTime,
  timeMs,
  unixTimeMs,
} from '../../lib/callback/time.ts';

const DAY = 24 * 60 * 60_000;
const FIRST = Date.UTC(2015, 0, 1);
const NOW = Date.UTC(2026, 0, 15, 12);

const receptions = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2050, 0, 1) });
const lies = fc.oneof(
  fc.constantFrom(undefined, 0, -1, '', '0', ' ', 'now', Number.NaN, Number.POSITIVE_INFINITY, '1e12', '-5'),
  fc.integer({ min: 1, max: FIRST / 1000 - 1 }),
  fc.integer({ min: 100_000_000_000, max: FIRST - 1 }),
  fc.integer({ min: Date.UTC(2060, 0, 1), max: Number.MAX_SAFE_INTEGER }),
);

describe('a claimed time', () => {
  it.each([
    ['milliseconds', NOW, NOW],
    ['milliseconds as text', String(NOW), NOW],
    ['seconds', NOW / 1000, NOW],
    ['seconds as text', String(NOW / 1000), NOW],
    ['seconds with a fraction', `${NOW / 1000}.25`, NOW + 250],
    ['a day ahead', NOW + DAY, NOW + DAY],
    ['more than a day ahead', NOW + DAY + 1, undefined],
    ['the first of 2015', FIRST, FIRST],
    ['the last of 2014', FIRST - 1, undefined],
    ['the year 9998', LAST_TIME, undefined],
    ['the vendor’s sample with nine digits', 123456789, undefined],
    ['text before the digits', `x${NOW}`, undefined],
    ['text after the digits', `${NOW}x`, undefined],
    ['a form of numbers that no vendor uses', '1.768478400e12', undefined],
    ['spaces around the digits', ` ${NOW} `, undefined],
    ['no value', undefined, undefined],
  ])('in %s', (_name, claim, time) => expect(plausibleTime(claim, NOW)).toBe(time));

  it('is found in seconds and milliseconds alike wherever it is plausible', () => {
    const claims = fc.integer({ min: FIRST / 1000, max: NOW / 1000 });
    fc.assert(
      fc.property(claims, (seconds) => {
        const claimed = [seconds, String(seconds), seconds * 1000, String(seconds * 1000)];
        expect(claimed.map((claim) => plausibleTime(claim, NOW))).toEqual(Array(4).fill(seconds * 1000));
      }),
    );
  });
});

describe('the time of an event', () => {
  it('is the first plausible claim, whatever lies before and after it', () => {
    fc.assert(
      fc.property(fc.array(lies), fc.array(lies), receptions, (before, after, receivedAt) => {
        const claims = [...before, receivedAt - 1, ...after];
        expect(eventTime(claims, receivedAt)).toEqual({ at: receivedAt - 1, isReplaced: false });
      }),
    );
  });

  it('is replaced where no claim is plausible: by the signed time, else by the reception', () => {
    fc.assert(
      fc.property(fc.array(lies), receptions, lies, (claims, receivedAt, lie) => {
        const signed = String(receivedAt - 5);
        expect(eventTime(claims, receivedAt, signed)).toEqual({ at: receivedAt - 5, isReplaced: true });
        expect(eventTime(claims, receivedAt, lie)).toEqual({ at: receivedAt, isReplaced: true });
      }),
    );
  });
});

it('a failure counts from its reception where its file would have been deleted before', () => {
  expect(failureTime(NOW - DAY, DAY, NOW)).toBe(NOW - DAY);
  expect(failureTime(NOW - DAY - 1, DAY, NOW)).toBe(NOW);
  expect(failureTime(NOW - 100 * DAY, undefined, NOW)).toBe(NOW - 100 * DAY);
});

it.each([
  [undefined, undefined],
  [-1, undefined],
  [0, 0],
  [1.9, 1],
  [LAST_TIME, LAST_TIME],
  [LAST_TIME + 1, undefined],
])('of %s, %s is a time between 1970 and 9998', (value, time) => expect(timeMs(value)).toBe(time));

it('a time to live is in seconds, and never ends early', () => {
  expect([0, 1, 999, 1000, 1001].map(epochSeconds)).toEqual(['0', '1', '1', '1', '2']);
});

describe('unixTimeMs distinguishes seconds from milliseconds', () => {
  it.each([
    ['0', 0],
    ['1470820198', 1_470_820_198_000],
    ['0001470820198', 1_470_820_198_000],
    ['148150008', 148_150_008_000],
    ['99999999999', 99_999_999_999_000],
    ['100000000000', 100_000_000_000],
    ['1408710653000', 1_408_710_653_000],
    ['999999999999999', 999_999_999_999_999],
  ])('%s', (timestamp, expected) => {
    expect(unixTimeMs(timestamp)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'now',
    '1470820198.5',
    '-1470820198',
    '+1470820198',
    '1e9',
    '0x5f',
    ' 1470820198',
    '1470820198\n',
    '１４７',
    '1'.repeat(16),
  ])('%j is no time', (timestamp) => {
    expect(unixTimeMs(timestamp)).toBeUndefined();
  });
});
