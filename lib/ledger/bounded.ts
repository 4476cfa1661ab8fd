import type { Json, JsonObject } from '../platform/json.ts';

/**
 * The longest text of a facet or a key, in UTF-16 code units, and the largest object, in characters of JSON. Ids are
 * kept whole up to there.
 */
const LONGEST_TEXT = 4_000;
const LARGEST_OBJECT = 8_000;

/** The largest value of a facet, in bytes of JSON, and how long its texts are where they would make it larger. */
const LARGEST_VALUE_BYTES = 60_000;
const SHORT_TEXT = 300;

/** How deep an object of a facet is kept. */
const DEEPEST_OBJECT = 10;

/** Stands for what was cut off: the stored callback has it. */
const CUT = '…';

/**
 * A facet's value without what would make its item too large for the table, whatever a callback puts into it: long texts
 * are cut, and of large objects the members from the first that does not fit are left out. An item of five facets stays
 * below 400 KB.
 */
export function bounded<Value extends object>(value: Value): Value {
  const usual = withTextsOf(value, LONGEST_TEXT);
  const isSmall = Buffer.byteLength(JSON.stringify(usual)) <= LARGEST_VALUE_BYTES;
  return isSmall ? usual : withTextsOf(value, SHORT_TEXT);
}

function withTextsOf<Value extends object>(value: Value, longest: number): Value {
  const members = Object.entries(value).map(
    ([name, member]) => [name, boundedMember(member as Json, DEEPEST_OBJECT, longest)] as const,
  );
  return Object.fromEntries(members) as Value;
}

/** A text of bounded length; a surrogate pair is not cut in two. */
export function boundedText(text: string, longest = LONGEST_TEXT): string {
  if (text.length <= longest || (text.length === longest + 1 && text.endsWith(CUT))) return text;
  return text.slice(0, longest).replace(/[\ud800-\udbff]$/, '') + CUT;
}

function boundedMember(value: Json | undefined, depth: number, longest: number): Json | undefined {
  if (typeof value === 'string') return boundedText(value, longest);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return undefined;
  const members = Object.entries(value).map(
    ([name, member]) => [boundedText(name, longest), boundedMember(member, depth - 1, longest)] as const,
  );
  let room = LARGEST_OBJECT;
  const kept = members.filter(([name, member]) => {
    if (room < 0) return false;
    room -= name.length + (JSON.stringify(member)?.length ?? 0);
    return room >= 0;
  });
  return Array.isArray(value)
    ? kept.map(([, member]) => member ?? null)
    : (Object.fromEntries(kept) as JsonObject);
}
