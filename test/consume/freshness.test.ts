import { describe, expect, test } from 'vitest';
import { unixTimeMs } from '../../lib/callback/time.ts';
import { isFresh } from '../../lib/consume/freshness.ts';

describe('unixTimeMs tells seconds from milliseconds', () => {
  test.each([
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

  test.each([
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
    expect(isFresh(timestamp, 1_470_820_198_000, 1_000_000)).toBe(false);
  });
});

describe('isFresh', () => {
  const HOUR_MS = 3_600_000;
  const RECEIVED_AT = 1_700_000_000_000;

  test.each([
    ['at the reception', 0, true],
    ['at the beginning of the window', -24 * HOUR_MS, true],
    ['at the end of the window', 24 * HOUR_MS, true],
    ['just before the window', -24 * HOUR_MS - 1, false],
    ['just after the window', 24 * HOUR_MS + 1, false],
  ])('in milliseconds, %s: %s', (_name, offset, expected) => {
    expect(isFresh(String(RECEIVED_AT + offset), RECEIVED_AT, 24)).toBe(expected);
  });

  test.each([
    ['at the beginning of the window', -24 * 3_600, true],
    ['at the end of the window', 24 * 3_600, true],
    ['before the window', -24 * 3_600 - 1, false],
    ['after the window', 24 * 3_600 + 1, false],
  ])('in seconds, %s: %s', (_name, offset, expected) => {
    expect(isFresh(String(RECEIVED_AT / 1000 + offset), RECEIVED_AT, 24)).toBe(expected);
  });

  test('the window may be a part of an hour or nothing', () => {
    expect(isFresh(String(RECEIVED_AT - HOUR_MS / 2), RECEIVED_AT, 0.5)).toBe(true);
    expect(isFresh(String(RECEIVED_AT - HOUR_MS / 2 - 1), RECEIVED_AT, 0.5)).toBe(false);
    expect(isFresh(String(RECEIVED_AT), RECEIVED_AT, 0)).toBe(true);
    expect(isFresh(String(RECEIVED_AT + 1), RECEIVED_AT, 0)).toBe(false);
  });
});
