import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventTime, failureTime, LAST_TIME, plausibleTime } from '../../lib/callback/time.ts';

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
