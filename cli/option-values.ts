import { wrongUsage } from './failure.ts';

/** An option's value as a whole number of at least 1; throws what is wrong with it. */
export function wholeNumber(option: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw wrongUsage(`${option} takes a whole number of at least 1, not "${value}"`);
  }
  return number;
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 60 * 60_000],
  ['d', 24 * 60 * 60_000],
]);

/** An option's value such as `10m` as the moment that long before `now`, Unix time in ms; throws what is wrong with it. */
export function pastTime(option: string, value: string, now: number): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  const unitMs = UNITS_MS.get(unit);
  if (unitMs === undefined)
    throw wrongUsage(`${option} takes a time such as 30s, 10m, 2h or 1d, not "${value}"`);
  return now - Number(count) * unitMs;
}
