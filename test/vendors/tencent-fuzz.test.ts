import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParsedCallback, QuarantineReason } from '../../lib/callback/callback.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../../lib/platform/json.ts';
import { parseTencent } from '../../lib/vendors/tencent/parse.ts';
import { tencentSamples } from '../../lib/vendors/tencent/samples/index.ts';
import { randomRuns } from '../support/suite.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const CONTEXT = { appId: tencentSamples.appId, receivedAt: NOW };
const SAMPLES = Object.values(tencentSamples.events).map((event) => event(tencentSamples.appId, NOW));

const REASONS: QuarantineReason[] = [
  'unreadable_body',
  'missing_task_id',
  'missing_room_id',
  'missing_file_name',
  'unreadable_file_list',
];

/** Names that mean something to the parser, or to JavaScript. */
const MEMBERS = [
  ...new Set(SAMPLES.flatMap((sample) => memberNames(sample))),
  ...['EventTsMs', 'eventId', 'CallbackMsTs', '__proto__', 'constructor', 'prototype', 'toString', 'length'],
];

const member = fc.oneof(fc.constantFrom(...MEMBERS), fc.string({ unit: 'binary' }));

const odd = fc.oneof(
  fc.constantFrom<Json>(null, '', 0, 1, 2, 5, -1, '1', '2', true, [], {}, [null], ['a'], 'NaN', 1e300, '-0'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ depthSize: 'small' }) as fc.Arbitrary<Json>,
  fc.dictionary(member, fc.jsonValue({ depthSize: 'xsmall' }) as fc.Arbitrary<Json>),
  fc.constantFrom(...SAMPLES),
);

interface Mutation {
  /** Which of the places in the document, counted from the first and beginning again after the last. */
  place: number;
  how: 'drop' | 'replace' | 'nest' | 'wrap' | 'rename' | 'add' | 'stringify';
  name: string;
  value: Json;
}

const mutations = fc.array(
  fc.record<Mutation>({
    place: fc.nat(100),
    how: fc.constantFrom('drop', 'replace', 'nest', 'wrap', 'rename', 'add', 'stringify'),
    name: member,
    value: odd,
  }),
  { minLength: 1, maxLength: 4 },
);

const mutated = fc
  .tuple(fc.constantFrom(...SAMPLES), mutations)
  .map(([sample, changes]) => changes.reduce(mutate, structuredClone(sample)));

describe('an odd callback', () => {
  test('is an event or has a reason, and harms nothing', () => {
    fc.assert(
      fc.property(mutated, (document) => {
        const text = JSON.stringify(document);
        const parsed = parseTencent(Buffer.from(text), CONTEXT);
        expectParsed(parsed);
        const { CallbackTs: _, CallbackMsTs: __, ...identity } = parseJson(text) as JsonObject;
        if (parsed.ok) expect(parsed.event.identity).toEqual(identity);
      }),
      { numRuns: randomRuns(500) },
    );
  });

  test('of any JSON at all is, too', () => {
    fc.assert(
      fc.property(fc.oneof(odd, fc.dictionary(member, odd)), (document) => {
        expectParsed(parseTencent(Buffer.from(JSON.stringify(document)), CONTEXT));
      }),
    );
  });

  test('of any bytes is, too', () => {
    const cut = fc
      .tuple(fc.constantFrom(...SAMPLES), fc.nat(600))
      .map(([sample, length]) => Buffer.from(JSON.stringify(sample)).subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(cut, fc.uint8Array().map(Buffer.from)), (bytes) => {
        expectParsed(parseTencent(bytes, CONTEXT));
      }),
    );
  });

  test.each(['[', '{"EventInfo":', '{"EventGroupId":3,"EventInfo":{"Payload":'])(
    'nested deeper than the stack is: %s',
    (opening) => {
      expectParsed(parseTencent(Buffer.from(opening.repeat(100_000)), CONTEXT));
    },
  );

  test('is parsed the same way every time', () => {
    fc.assert(
      fc.property(mutated, (document) => {
        const bytes = Buffer.from(JSON.stringify(document));
        expect(parseTencent(bytes, CONTEXT)).toEqual(parseTencent(bytes, CONTEXT));
      }),
    );
  });
});

/** What holds of every callback, whatever is in it. */
function expectParsed(parsed: ParsedCallback): void {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(PROTOTYPE);
  expect(Object.getOwnPropertyNames(Array.prototype)).toEqual(ARRAY_PROTOTYPE);
  if (!parsed.ok) {
    expect(REASONS).toContain(parsed.reason);
    return;
  }
  const { event, observations } = parsed;
  expect(event.type).toMatch(/^\S+\/\S+$/);
  for (const observation of observations) {
    const { entity, rank, at, value } = observation;
    const id = entity === 'room' ? observation.roomId : observation.taskId;
    expect(id).toBe(entity === 'room' ? event.roomId : event.taskId);
    expectText(id);
    if (entity === 'file') expectText(observation.name);
    expect(rank >= 0 && rank <= 9 && Number.isInteger(rank)).toBe(true);
    expect(Number.isInteger(at) && at >= 0 && !Number.isNaN(new Date(at).getTime())).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    if ('task' in value) expect(value.task.kind).toBe(event.kind);
    expectPlain(value);
  }
}

function expectText(value: unknown): void {
  expect(typeof value).toBe('string');
  expect(value).not.toBe('');
}

/** Nothing that the vendor nested comes through where a text or a number is meant. */
function expectPlain(value: object): void {
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'task' || name === 'suffixes') expectPlain(inner);
    else expect(['string', 'number', 'boolean', 'undefined']).toContain(typeof inner);
    if (typeof inner === 'number') expect(Number.isFinite(inner)).toBe(true);
  }
}

const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype);
const ARRAY_PROTOTYPE = Object.getOwnPropertyNames(Array.prototype);

function memberNames(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(memberNames);
  return isObject(value) ? [...Object.keys(value), ...Object.values(value).flatMap(memberNames)] : [];
}

/** Every object of the document with every name in it: the places that can be mutated. */
function placesOf(value: Json): [JsonObject, string][] {
  if (Array.isArray(value)) return value.flatMap(placesOf);
  if (!isObject(value)) return [];
  const own = Object.keys(value).map((name): [JsonObject, string] => [value, name]);
  return [...own, ...Object.values(value).flatMap(placesOf)];
}

function mutate(document: JsonObject, { place, how, name, value }: Mutation): JsonObject {
  const places = placesOf(document);
  const [parent, key] = places[place % places.length] ?? [document, 'EventInfo'];
  const old = Object.hasOwn(parent, key) ? (parent[key] as Json) : null;
  if (how === 'drop' || how === 'rename') delete parent[key];
  if (how === 'replace') define(parent, key, structuredClone(value));
  if (how === 'nest') define(parent, key, { [name]: old });
  if (how === 'wrap') define(parent, key, [old]);
  if (how === 'rename') define(parent, name, old);
  if (how === 'add') define(parent, name, structuredClone(value));
  if (how === 'stringify') define(parent, key, JSON.stringify(old));
  return document;
}

/** An own member of any name: to assign `__proto__` would set the prototype. */
function define(parent: JsonObject, name: string, value: Json): void {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}
