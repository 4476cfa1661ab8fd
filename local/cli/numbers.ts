import { wrongUsage } from './failure.ts';

/** An option's value as a whole number of at least 1; throws what is wrong with it. */
export function wholeNumber(option: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw wrongUsage(`${option} takes a whole number of at least 1, not "${value}"`);
  }
  return number;
}
