import type { Usage } from '../ledger/answers.ts';

/** The sums of several days. */
export function sumOf(days: readonly Usage[]): Omit<Usage, 'day'> {
  const sum = (name: keyof Omit<Usage, 'day'>) => days.reduce((total, day) => total + day[name], 0);
  return {
    tasks: sum('tasks'),
    files: sum('files'),
    uploaded: sum('uploaded'),
    uploadFailed: sum('uploadFailed'),
    lost: sum('lost'),
    sizeBytes: sum('sizeBytes'),
    durationMs: sum('durationMs'),
  };
}

/** Adds a day to those before it, the latest first: a day may be on several pages. */
export function addDay(days: Usage[], day: Usage): void {
  const open = days.at(-1);
  if (open?.day !== day.day || open === undefined) days.push(day);
  else days[days.length - 1] = { day: day.day, ...sumOf([open, day]) };
}
