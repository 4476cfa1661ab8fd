import type { Source } from '../ledger/answers.ts';
import { offsetAt } from '../query/time-zone.ts';
import { EVENT_NAMES } from '../vendors/facts.ts';

/** What times are shown against. */
export interface Clock {
  /** Unix time in ms. */
  now: number;
  /** An IANA name such as `Asia/Shanghai`, or `UTC`. */
  timeZone: string;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The last time that a `Date` can hold, and the first with a minus. */
const LAST_TIME = 8.64e15;

const SIZE_UNITS = ['kB', 'MB', 'GB', 'TB'];

/** Characters of a name that a table shows; names differ at their ends. */
const SHOWN_CHARACTERS = 72;

/** A size such as `48.0 MB`, in powers of 1,000. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 'B';
  for (const larger of SIZE_UNITS) {
    if (value < 999.95) break;
    value /= 1000;
    unit = larger;
  }
  return unit === 'B' ? `${value} B` : `${value.toFixed(1)} ${unit}`;
}

/** The two largest units of a time, such as `18 h 45 min`; always positive. */
export function durationText(durationMs: number): string {
  const ms = Math.abs(durationMs);
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return inUnits(ms, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  if (ms < DAY_MS) return inUnits(ms, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return inUnits(ms, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

/** How long there is until a deadline, or for how long it has been over. Both are Unix time in ms. */
export function timeLeftText(deadline: number, now: number): string {
  return deadline <= now ? `over for ${durationText(now - deadline)}` : durationText(deadline - now);
}

/** A time so little ahead is now: clocks differ, and an open page does not count every second. */
const AHEAD_MS = 30 * SECOND_MS;

/** How long ago a time was, or how far ahead it is: `3 min ago`, `in 2 h`, `now`. Both are Unix time in ms. */
export function relativeText(time: number, now: number): string {
  const distance = now - time;
  const ms = Math.abs(distance);
  if (ms < 2 * SECOND_MS || (distance < 0 && ms <= AHEAD_MS)) return 'now';
  const [unitMs, unit] =
    ms < MINUTE_MS
      ? [SECOND_MS, 's']
      : ms < HOUR_MS
        ? [MINUTE_MS, 'min']
        : ms < 2 * DAY_MS
          ? [HOUR_MS, 'h']
          : [DAY_MS, 'd'];
  const text = `${Math.floor(ms / Number(unitMs))} ${unit}`;
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

/** A time such as `2026-11-22 05:30:26 UTC` or, in a time zone, `2026-11-22 13:30:26 UTC+8`. */
export function absoluteText(time: number, timeZone: string): string {
  return `${localText(time, timeZone, 19)} ${offsetText(offsetAt(time, timeZone))}`;
}

/** A time such as `2026-11-22 05:30`, where the page says which time zone it shows. */
export function minuteText(time: number, timeZone: string): string {
  return localText(time, timeZone, 16);
}

function localText(time: number, timeZone: string, characters: number): string {
  const local = new Date(Math.min(LAST_TIME, Math.max(-LAST_TIME, time + offsetAt(time, timeZone))));
  return local.toISOString().slice(0, characters).replace('T', ' ');
}

/** How far a time zone is from UTC, such as `UTC+5:30`. */
function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return 'UTC';
  const minutes = Math.floor(Math.abs(offsetMs) / MINUTE_MS);
  const rest = minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`;
  return `UTC${offsetMs < 0 ? '-' : '+'}${Math.floor(minutes / 60)}${rest}`;
}

/** A name as a table shows it: a long one loses its middle. */
export function shortened(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= SHOWN_CHARACTERS) return text;
  const half = Math.floor(SHOWN_CHARACTERS / 2);
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`;
}

/** `1 file`, `2 files`. */
export function countText(count: number, singular: string): string {
  return `${count} ${singular}${count === 1 ? '' : 's'}`;
}

/**
 * What a callback is, in words with the vendor's number: `file upload (4)` for the type `recording 4`. Other types are
 * words already. `source` is the callback source, such as `rongcloud-recording`.
 */
export function eventText(source: string | undefined, type: string): string {
  const [vendor = ''] = source?.split('-') ?? [];
  const names = Object.hasOwn(EVENT_NAMES, vendor) ? EVENT_NAMES[vendor as keyof typeof EVENT_NAMES] : {};
  const name = Object.hasOwn(names, type) ? names[type] : undefined;
  return name === undefined ? wordsOf(type) : `${name} (${type.split(/[ /]/).at(-1)})`;
}

/** The words of a name such as `upload_failed`. */
export function wordsOf(name: string): string {
  return name.replaceAll('_', ' ');
}

function inUnits(ms: number, [largeMs, large]: [number, string], [smallMs, small]: [number, string]): string {
  const rest = Math.floor((ms % largeMs) / smallMs);
  return `${Math.floor(ms / largeMs)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** How urgent a state is. Each tone has a colour and a shape of its own, and never stands without words. */
export type Tone = 'good' | 'busy' | 'plain' | 'warn' | 'bad';

/** A verdict of the receiving functions or of the consumer, in words. */
interface VerdictWords {
  tone: Tone;
  words: string;
  /** Whether somebody may have to do something about it. */
  isProblem: boolean;
}

const VERDICTS: Readonly<Record<string, VerdictWords>> = {
  accepted: { tone: 'busy', words: 'verified, waiting', isProblem: false },
  applied: { tone: 'good', words: 'verified, applied', isProblem: false },
  duplicate: { tone: 'plain', words: 'verified, duplicate', isProblem: false },
  event: { tone: 'plain', words: 'verified, event only', isProblem: false },
  erased: { tone: 'plain', words: 'verified, of an erased task', isProblem: false },
  removed: { tone: 'plain', words: 'removed by hand', isProblem: false },
  quarantined: { tone: 'warn', words: 'quarantined', isProblem: true },
  retrying: { tone: 'warn', words: 'failed, tried again', isProblem: true },
  shadowed: { tone: 'warn', words: 'not verified, kept', isProblem: true },
  refused: { tone: 'bad', words: 'refused', isProblem: true },
  unavailable: { tone: 'bad', words: 'not stored', isProblem: true },
};

/** A verdict in words; one that is not known here is shown as it is. */
export function verdictWords(verdict: string): VerdictWords {
  const known = Object.hasOwn(VERDICTS, verdict) ? VERDICTS[verdict] : undefined;
  return known ?? { tone: 'plain', words: verdict, isProblem: false };
}

const SOURCE_WORDS: Readonly<Record<Source['from'], string>> = {
  callback: 'callback',
  backend: 'your backend',
  storage: 'the bucket',
  vendor: 'the vendor',
};

/** Who said what of a task or a file, such as `the bucket: uploaded`. */
export function sourceText({ from, says }: Source): string {
  return `${SOURCE_WORDS[from]}: ${wordsOf(says)}`;
}
