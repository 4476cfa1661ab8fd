/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object. Read it with `field`, which sees own properties only. */
export type JsonObject = { [key: string]: Json };

/**
 * Sixteen digits, the fewest that a double may not hold exactly, where a number may begin inside a document: after any
 * other character they are inside a string. Most long runs of digits are ids inside strings and URLs, and keep the
 * native parser's speed. (In one expression with the next one, the search is five times as slow.)
 */
const MAY_LOSE_DIGITS = /[:,[\s]-?\d{16}/;

/** A document that is nothing but such a number. */
const LONG_NUMBER = /^-?\d{16}/;

/** A string, or an integer that a double may not hold. What looks like the latter inside a number is part of it. */
const STRING_OR_LONG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON without losing digits: an integer that a double cannot hold becomes a string of its decimal
 * digits (ZEGO's `room_session_id` is a bare 64-bit number). Everything else is what `JSON.parse` gives.
 * Returns `undefined`, which is no JSON value, when the text is not JSON.
 */
export function parseJson(text: string): Json | undefined {
  const parsed = plainJson(text);
  const mayLoseDigits = MAY_LOSE_DIGITS.test(text) || LONG_NUMBER.test(text);
  if (parsed === undefined || !mayLoseDigits) return parsed;
  // Quoting is twenty times as fast as a reviver, which is called for every value.
  return plainJson(text.replace(STRING_OR_LONG_INTEGER, quoteLongInteger));
}

function quoteLongInteger(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
}

/**
 * Parses an unverified document with one plain `JSON.parse`, because `parseJson` takes up to ten times as long. Only
 * members of the outermost object that `names` lists keep their digits, up to 64. Such a member is absent where the text
 * is ambiguous: it gives the name two integers that are one double, or has it over a thousand times.
 */
export function parseJsonKeeping(names: readonly string[], text: string): Json | undefined {
  const parsed = plainJson(text);
  if (!isObject(parsed)) return parsed;
  for (const name of names) {
    const value = field(parsed, name);
    if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) continue;
    const digits = digitsOf(name, value, text);
    if (digits === undefined) delete parsed[name];
    else parsed[name] = digits;
  }
  return parsed;
}

/** How often a name is looked for: a text may hold it fifty thousand times. */
const MOST_OCCURRENCES = 1_000;

/** What may follow a name that has an integer which a double may not hold. */
const LONG_INTEGER = /\s*:\s*(-?\d{16,64})(?![\d.eE])/y;

/**
 * The digits of `value`, which the member `name` has, from the text; the number as text where they are not found, and
 * `undefined` where they are ambiguous. In JSON, a quoted name before a colon is never inside a string.
 */
function digitsOf(name: string, value: number, text: string): string | undefined {
  const quoted = JSON.stringify(name);
  let found: string | undefined;
  let occurrences = 0;
  for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + quoted.length)) {
    occurrences += 1;
    if (occurrences > MOST_OCCURRENCES) return undefined;
    LONG_INTEGER.lastIndex = at + quoted.length;
    const digits = LONG_INTEGER.exec(text)?.[1];
    if (digits === undefined || digits === found || Number(digits) !== value) continue;
    if (found !== undefined) return undefined;
    found = digits;
  }
  return found ?? String(value);
}

function plainJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Narrows a JSON value to an object (not an array, not `null`). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property `name` of a JSON object; `undefined` for anything else, inherited names included. */
export function field(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The first of `names` that the object has with a value other than `null` and the empty string. */
export function firstField(value: Json | undefined, ...names: string[]): Json | undefined {
  for (const name of names) {
    const found = field(value, name);
    if (found !== undefined && found !== null && found !== '') return found;
  }
  return undefined;
}

/** A string or number as well-formed text, an empty string as absent. Ids stay digit for digit. */
export function text(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value.toWellFormed();
  return typeof value === 'number' ? String(value) : undefined;
}

/** A finite number, or a string of one; anything else is absent. */
export function number(value: Json | undefined): number | undefined {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined;
}

/** JSON with sorted keys, so that equal values give equal text whatever the order of their members. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner,
  );
}

function byKey([a]: [string, Json], [b]: [string, Json]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
