import type { Vendor } from '../callback/callback.ts';
import { isoTime } from '../callback/time.ts';
import { type Cursor, decodeCursor } from '../ledger/cursor.ts';
import type { Owner } from '../ledger/updates.ts';
import { isObject, parseJson } from '../platform/json.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';
import { isTimeZone, timeIn } from './time-zone.ts';
import type { Position, Range } from './walk.ts';

/** The parameters of a request, percent-decoded. */
export type Query = Readonly<Record<string, string | undefined>>;

/** A parameter that cannot be meant; its message names it and says what it must be. */
export class WrongParameter extends Error {}

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 500;
const DAY_MS = 24 * 60 * 60_000;

/** No time of a callback is earlier or later: the years 1970 to 9998. */
const LAST_YEAR = 9998;

/** What is wrong with a cursor. */
export const CURSOR_REASON = 'cursor must be the "next" of an earlier answer to the same request';

/** `limit` as a number. */
export function limitOf({ limit }: Query): number {
  const number = limit === undefined ? DEFAULT_LIMIT : Number(limit);
  if (!Number.isInteger(number) || number < 1 || number > LARGEST_LIMIT) {
    throw new WrongParameter(`limit must be a whole number from 1 to ${LARGEST_LIMIT}`);
  }
  return number;
}

/** `cursor`, of an answer with these lists. */
export function cursorOf({ cursor }: Query, lists: readonly string[]): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const decoded = decodeCursor(cursor, lists);
  if (decoded === undefined) throw new WrongParameter(CURSOR_REASON);
  return decoded;
}

/** `vendor` and `appId`, which every list by time needs. */
export function ownerOf({ vendor, appId }: Query): Owner {
  const name = VENDOR_NAMES.find((one) => one === vendor);
  if (name === undefined) throw new WrongParameter(`vendor must be one of ${VENDOR_NAMES.join(', ')}`);
  if (!appId) throw new WrongParameter('appId must be an app of the vendor: see /apps');
  return { vendor: name as Vendor, appId };
}

/** The filters among these names that are given; one with choices must be one of them. */
function filtersOf<Name extends string>(
  query: Query,
  names: Readonly<Record<Name, readonly string[] | undefined>>,
): Partial<Record<Name, string>> {
  const filters: Partial<Record<Name, string>> = {};
  for (const [name, choices] of Object.entries(names) as [Name, readonly string[] | undefined][]) {
    const value = query[name];
    if (value === undefined) continue;
    if (value === '') throw new WrongParameter(`${name} must not be empty`);
    if (choices !== undefined && !choices.includes(value)) {
      throw new WrongParameter(`${name} must be one of ${choices.join(', ')}`);
    }
    filters[name] = value;
  }
  return filters;
}

/** Refuses parameters with other names: a misspelt filter would be none. */
function refuseOthers(query: Query, names: readonly string[]): void {
  const other = Object.keys(query).find((name) => !names.includes(name));
  if (other !== undefined)
    throw new WrongParameter(`${other} is no parameter here; there are ${names.join(', ')}`);
}

/** Where a list by time begins and ends, and how far earlier pages of it have come. */
export interface ListRange extends Range {
  timeZone: string;
  position?: Position | undefined;
}

/** What every list by time takes. */
const COMMON_PARAMETERS = ['vendor', 'appId', 'from', 'to', 'timeZone', 'limit', 'cursor'];

export const KINDS = ['recording', 'screenshot', 'live', 'player', 'moderation', 'room'];

/** A list by time as it is asked for. */
export interface List {
  owner: Owner;
  range: ListRange;
  limit: number;
  /** What the members of a row must be. */
  filters: Readonly<Record<string, string | undefined>>;
}

/** A list by time with filters of these names. `now` is Unix time in ms. */
export function listOf(
  query: Query,
  filters: Readonly<Record<string, readonly string[] | undefined>>,
  now: number,
): List {
  refuseOthers(query, [...COMMON_PARAMETERS, ...Object.keys(filters)]);
  return {
    owner: ownerOf(query),
    range: rangeOf(query, now),
    limit: limitOf(query),
    filters: filtersOf(query, filters),
  };
}

/** `from`, `to` and `timeZone`; of a later page what is left of those of the first. `now` is Unix time in ms. */
export function rangeOf(query: Query, now: number): ListRange {
  const { timeZone = 'UTC' } = query;
  if (!isTimeZone(timeZone)) throw new WrongParameter('timeZone must be a name such as Asia/Shanghai');
  const to = timeOf('to', query.to, timeZone) ?? now;
  const from = timeOf('from', query.from, timeZone) ?? Math.max(to - DAY_MS, 0);
  if (from >= to) throw new WrongParameter('from must be earlier than to');
  return { timeZone, from: isoTime(from), to: isoTime(to), ...restOf(query.cursor) };
}

/** The cursor of a list that has come to a position in a range, or has not begun it. */
export function rangeCursor({ from, to }: Range, position?: Position): string {
  return Buffer.from(JSON.stringify({ from, to, ...position })).toString('base64url');
}

function restOf(cursor: string | undefined): (Range & { position: Position | undefined }) | undefined {
  if (cursor === undefined) return undefined;
  const { from, to, at, ties } = objectIn(cursor);
  const isPosition = at === undefined ? ties === undefined : isTime(at) && isTies(ties);
  if (!isTime(from) || !isTime(to) || from >= to || !isPosition) throw new WrongParameter(CURSOR_REASON);
  return { from, to, position: at === undefined ? undefined : ({ at, ties } as Position) };
}

function objectIn(text: string): Record<string, unknown> {
  const parsed = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  return isObject(parsed) ? parsed : {};
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value));
}

function isTies(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.values(value) as { pk?: unknown; sk?: unknown }[];
  return keys.every((key) => typeof key?.pk === 'string' && typeof key.sk === 'string');
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const DATE_OR_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A date or time as Unix time in ms: of the time zone, where it has no offset of its own. */
function timeOf(name: string, text: string | undefined, timeZone: string): number | undefined {
  if (text === undefined) return undefined;
  const [, date = '', time = '00:00', offset] = DATE_OR_TIME.exec(text) ?? [];
  const asUtc = Date.parse(`${date}T${time}Z`);
  // A day that the month does not have is one of the next month to `Date.parse`.
  const isDate =
    !Number.isNaN(asUtc) && isoTime(asUtc).startsWith(date) && Number(date.slice(0, 4)) <= LAST_YEAR;
  const at = isDate
    ? offset === undefined
      ? timeIn(timeZone, asUtc)
      : Date.parse(`${date}T${time}${offset}`)
    : -1;
  if (!(at >= 0)) {
    throw new WrongParameter(`${name} must be a date or time such as 2026-01-15 or 2026-01-15T08:00:00Z`);
  }
  return at;
}
