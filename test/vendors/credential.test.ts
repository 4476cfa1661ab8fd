import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { rongcloudCredential } from '../../lib/vendors/rongcloud/credential.ts';
import { zegoCredential } from '../../lib/vendors/zego/credential.ts';

/* Which other timestamps one signature would fit, and which texts are a timestamp at all. */

const NONE = Buffer.from('');
const RECORDING = Buffer.from('{"app_id":1,"event_type":5,"task_id":"t","timestamp":"1790000000"}');
const UNKNOWN = Buffer.from('{"event":"no_such_event","appid":"1"}');

describe('RongCloud', () => {
  test.each([
    ['1790000000000', true],
    ['0790000000000', false],
    ['179000000000', false],
    ['17900000000000', false],
    ['x1790000000000', false],
    ['1790000000000x', false],
  ])('%s is a timestamp: %s', (timestamp, expected) => {
    expect(rongcloudCredential.isTimestamp(timestamp, RECORDING)).toBe(expected);
  });

  it('joins in one order, so that no other split has a timestamp', () => {
    expect(rongcloudCredential.otherTimestamps('1790000000001', '1790000000000')).toEqual([]);
  });
});

describe('ZEGOCLOUD', () => {
  test.each([
    ['seconds', '1790000000', NONE, true],
    ['seconds of a callback of state', '1790000000', RECORDING, true],
    ['milliseconds of a callback that says nothing of state', '1790000000000', UNKNOWN, true],
    ['milliseconds of a callback of state', '1790000000000', RECORDING, false],
    ['milliseconds of a body that cannot be read', '1790000000000', NONE, false],
    ['another length, though the callback says nothing of state', '179000000000', UNKNOWN, false],
    ['a leading zero', '0790000000', UNKNOWN, false],
    ['eleven digits', '17900000001', RECORDING, false],
    ['text before', 'x1790000000', RECORDING, false],
  ])('%s: %s', (_name, timestamp, body, expected) => {
    expect(zegoCredential.isTimestamp(timestamp, body)).toBe(expected);
  });

  test.each([
    ['a nonce that sorts first', '123', '1700000000', ['1231700000', '1700000000', '1231700000000']],
    [
      'a nonce that sorts last and is a timestamp',
      '9000000000',
      '1700000000',
      ['9000000000', '1700000000', '1700000000900'],
    ],
    ['a nonce of letters', 'abc', '1700000000', ['1700000000']],
  ])('%s', (_name, nonce, timestamp, expected) => {
    expect(new Set(zegoCredential.otherTimestamps(nonce, timestamp))).toEqual(new Set(expected));
  });

  it('misses no other split of what the same signature fits', () => {
    const digits = fc.string({ unit: fc.constantFrom('1', '2', '9', '0'), minLength: 1, maxLength: 26 });
    const parts = fc.tuple(digits, fc.constantFrom('1700000000', '1999999999', '1700000000123'), digits);
    const hashed = (...texts: string[]) => texts.sort().join('');
    fc.assert(
      fc.property(parts, fc.constantFrom(10, 13), ([nonce, timestamp], length) => {
        // A secret of letters sorts last: it stays where it is, whatever is before it.
        const text = hashed(nonce, timestamp);
        for (let at = 0; at + length <= text.length; at += 1) {
          const other = text.slice(at, at + length);
          const rest = text.slice(0, at) + text.slice(at + length);
          const isTimestamp = /^[1-9]/.test(other) && other !== timestamp;
          if (!isTimestamp || hashed(rest, other) !== text) continue;
          expect(zegoCredential.otherTimestamps(nonce, timestamp)).toContain(other);
        }
      }),
    );
  });
});
