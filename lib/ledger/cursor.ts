import { isObject, type Json, parseJson } from '../platform/json.ts';

/** Where the lists of an answer go on: the last key seen of each list that has more; a list without one is done. */
export type Cursor = Readonly<Record<string, string>>;

/** The opaque text of a cursor; `undefined` when no list has more. */
export function encodeCursor(cursor: Readonly<Record<string, string | undefined>>): string | undefined {
  const positions = Object.entries(cursor).filter(([, key]) => key !== undefined);
  if (positions.length === 0) return undefined;
  return Buffer.from(JSON.stringify(Object.fromEntries(positions))).toString('base64url');
}

/** Reads a cursor back; `undefined` when the text is not one of an answer with these `lists`. */
export function decodeCursor(text: string, lists: readonly string[]): Cursor | undefined {
  const parsed = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  if (!isObject(parsed)) return undefined;
  const positions = Object.entries(parsed);
  const isPosition = ([list, key]: [string, Json]) =>
    lists.includes(list) && typeof key === 'string' && key !== '';
  return positions.length > 0 && positions.every(isPosition) ? (parsed as Cursor) : undefined;
}
