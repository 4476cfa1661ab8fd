import type { Outcome } from '../../callback/observation.ts';
import { isoTime } from '../../callback/time.ts';
import { field, type Json, type JsonObject, number } from '../../platform/json.ts';
import { timeOf, unpacked } from './event.ts';

/** A code that is `0`, as a number or as text, is success; so is an absent one. */
export function isSuccess(code: Outcome['code']): boolean {
  return code === undefined || number(code) === 0;
}

/** Whether a member is missing, `null` or empty text, which all say the same. */
export function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** The list in a member, which may be JSON inside a string; empty when absent, `undefined` when it is not a list. */
export function listOf(holder: JsonObject, name: string): Json[] | undefined {
  const list = unpacked(field(holder, name));
  if (isAbsent(list)) return [];
  return Array.isArray(list) ? list : undefined;
}

/** `1280x720`; audio has no size, or one of zero. */
export function resolutionOf(width: Json | undefined, height: Json | undefined): string | undefined {
  const [columns, rows] = [number(width), number(height)];
  return columns && rows ? `${columns}x${rows}` : undefined;
}

/** A duration in seconds, in ms. */
export function durationMs(seconds: Json | undefined): number | undefined {
  return number(Math.round((number(seconds) ?? Number.NaN) * 1000));
}

/** A Unix time in seconds or ms as ISO 8601. */
export function isoTimeOf(value: Json | undefined): string | undefined {
  const time = timeOf(value);
  return time === undefined ? undefined : isoTime(time);
}
