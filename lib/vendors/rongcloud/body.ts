import type { ParseContext, QuarantineReason } from '../../callback/callback.ts';
import { timeMs } from '../../callback/time.ts';
import { field, isObject, type Json, type JsonObject, number, parseJson, text } from '../../platform/json.ts';
import { appKeyOf } from './verify.ts';

/** The body of a callback of the app whose secret verified it, or why it is none. */
export function readBody(bytes: Buffer, { appId }: ParseContext): JsonObject | QuarantineReason {
  const body = parseJson(bytes.toString('utf8'));
  if (!isObject(body)) return 'unreadable_body';
  const appKey = appKeyOf(body);
  return appKey === undefined || appKey === appId ? body : 'app_mismatch';
}

/** `timestamp`, the Unix time in ms at which it happened; moderation has none. */
export function happenedAt(body: JsonObject): number | undefined {
  return timeMs(number(field(body, 'timestamp')));
}

/** A status code as it came: a number or text. */
export function statusCode(value: Json | undefined): number | string | undefined {
  return typeof value === 'number' ? value : text(value);
}
