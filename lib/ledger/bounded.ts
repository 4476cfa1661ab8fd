import type { Json, JsonObject } from '../platform/json.ts';

/** The longest text of a facet, in UTF-16 code units, and the largest object, in characters of JSON. */
const LONGEST_TEXT = 2_000;
const LARGEST_OBJECT = 4_000;

/** How deep an object of a facet is kept. */
const DEEPEST_OBJECT = 10;

/** Stands for what was cut off: the stored callback has it. */
const CUT = '…';

/**
 * A facet's value without what would make its item too large for the table, whatever a callback puts into it: long texts
 * are cut, and of large objects the members from the first that does not fit are left out. An item of five facets stays
 * far below 400 KB.
 */
export function bounded<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, boundedMember(member as Json, DEEPEST_OBJECT)]),
  ) as Value;
}

/** A text of bounded length; a surrogate pair is not cut in two. */
export function boundedText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return text.slice(0, LONGEST_TEXT).replace(/[\ud800-\udbff]$/, '') + CUT;
}

function boundedMember(value: Json | undefined, depth: number): Json | undefined {
  if (typeof value === 'string') return boundedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return undefined;
  const members = Object.entries(value).map(
    ([name, member]) => [boundedText(name), boundedMember(member, depth - 1)] as const,
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
