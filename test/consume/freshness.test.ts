import { describe, expect, test } from 'vitest';
import { isFresh } from '../../lib/consume/freshness.ts';

test.each(['', 'now', '-1470820198', '1470820198.5', '1'.repeat(16)])(
  '%j is no time, and not fresh',
  (timestamp) => {
    expect(isFresh(timestamp, 1_470_820_198_000, 1_000_000)).toBe(false);
  },
);

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
