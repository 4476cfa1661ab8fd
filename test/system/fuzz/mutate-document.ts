import { isObject, type Json, type JsonObject } from '../../../lib/platform/json.ts';
import { ODD_NAMES, oddValue } from './odd-values.ts';
import type { Random } from './random.ts';

const MOST_MUTATIONS = 4;

/** An object or a list of a document and the name of one of its members. */
type Place = [parent: JsonObject, name: string];

type Mutation = (random: Random, place: Place, document: JsonObject) => void;

/** A copy of a document with one to four of its members changed. */
export function mutatedDocument(random: Random, document: JsonObject): JsonObject {
  const copy = structuredClone(document);
  const count = 1 + random.below(MOST_MUTATIONS);
  for (let made = 0; made < count; made += 1) {
    random.weighted(MUTATIONS)(random, anyPlace(random, copy), copy);
  }
  return copy;
}

const MUTATIONS: readonly (readonly [number, Mutation])[] = [
  [3, (_random, [parent, name]) => delete parent[name]],
  [6, (random, [parent, name]) => define(parent, name, oddValue(random))],
  [6, vary],
  [2, (random, [parent, name]) => define(parent, random.pick(ODD_NAMES), memberOf(parent, name))],
  [2, (random, [parent]) => define(parent, random.pick(ODD_NAMES), oddValue(random))],
  [1, (random, [parent, name]) => define(parent, name, { [random.pick(ODD_NAMES)]: memberOf(parent, name) })],
  [1, (_random, [parent, name]) => define(parent, name, [memberOf(parent, name)])],
  [1, (_random, [parent, name]) => define(parent, name, JSON.stringify(memberOf(parent, name)))],
  [1, (random, [parent, name], document) => define(parent, name, memberOf(...anyPlace(random, document)))],
  [1, (random, [parent, name]) => define(parent, name, nested(1 + random.below(60)))],
];

/** Another number or id of the same kind, so that callbacks meet in the same tasks and rooms, or do not. */
function vary(random: Random, [parent, name]: Place): void {
  const value = memberOf(parent, name);
  if (typeof value === 'number')
    define(parent, name, random.chance(0.5) ? random.below(20) : value + random.below(1_000));
  else if (typeof value === 'string') define(parent, name, `${value}-${random.below(500)}`);
}

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function memberOf(parent: JsonObject, name: string): Json {
  return structuredClone(Object.hasOwn(parent, name) ? (parent[name] as Json) : null);
}

/** An own member of any name: to assign `__proto__` would set the prototype. */
function define(parent: JsonObject, name: string, value: Json): void {
  if (Array.isArray(parent) && !/^\d+$/.test(name)) return;
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A place in the document; that of a new member where it has none. */
function anyPlace(random: Random, document: JsonObject): Place {
  const places = placesOf(document);
  return places.length === 0 ? [document, 'x'] : random.pick(places);
}

/** Every object and list of the document with every name in it: the places that can be mutated. */
function placesOf(value: Json): Place[] {
  if (!isObject(value) && !Array.isArray(value)) return [];
  const parent = value as JsonObject;
  return Object.keys(parent).flatMap((name): Place[] => [[parent, name], ...placesOf(parent[name] as Json)]);
}
