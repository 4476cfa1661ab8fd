import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallbackEvent, QuarantineReason } from '../../lib/callback/callback.ts';
import type { Observation } from '../../lib/callback/observation.ts';
import { facetOrder } from '../../lib/ledger/order.ts';
import { facetUpdate } from '../../lib/ledger/updates.ts';
import { isObject, type Json, type JsonObject } from '../../lib/platform/json.ts';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { zegoRecordingSamples, zegoSamples } from '../../lib/vendors/zego/samples/index.ts';
import { quickOrWhole, randomRuns } from '../support/suite.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const CONTEXT = { appId: '12345', receivedAt: NOW };

/** PROPERTY_SEED=… runs another sample; a failure prints its seed and path. */
const SETTINGS = { seed: Number(process.env.PROPERTY_SEED ?? 20_260_115), numRuns: randomRuns(150) };

/** Why a ZEGOCLOUD callback may be quarantined. */
const REASONS: readonly QuarantineReason[] = [
  'unreadable_body',
  'app_mismatch',
  'missing_task_id',
  'missing_room_id',
  'missing_file_name',
  'unreadable_file_list',
];

const EVENTS = { ...zegoSamples.events, ...zegoRecordingSamples.events };

/** The samples with their nested JSON as it is and unpacked, so that mutations reach all of it. */
const SAMPLES: readonly JsonObject[] = Object.values(EVENTS).flatMap((event) => {
  const body = { ...event('12345', NOW), timestamp: String(NOW / 1000), nonce: '1' };
  const unpacked = unpack(body);
  return JSON.stringify(unpacked) === JSON.stringify(body) ? [body] : [body, unpacked];
});

function unpack(body: JsonObject): JsonObject {
  const members = Object.entries(body).map(([name, value]): [string, Json] => [
    name,
    typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : value,
  ]);
  return Object.fromEntries(members);
}

/** Every name that a sample has anywhere, and those of what every object inherits. */
const NAMES = [
  ...new Set([...SAMPLES.flatMap(namesIn), '__proto__', 'constructor', 'prototype', 'toString', 'length']),
];

function namesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return isObject(value) ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]) : [];
}

const POISON = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');

const ODD_VALUES: Json[] = [
  null,
  '',
  '0',
  '00',
  0,
  -0,
  -1,
  1e308,
  -1e308,
  2 ** 53,
  0.1,
  true,
  [],
  {},
  [[]],
  [null],
  [{}],
  POISON,
  [POISON],
  '[]',
  '{}',
  '[',
  '"',
  'null',
  '-1',
  'NaN',
  'Infinity',
  '1e999',
  '0x10',
  ' ',
  '%7B',
  '\ud800',
  '9223372036854775807',
  '999999999999999',
  '253402300799999',
  'x'.repeat(500),
  JSON.stringify(POISON),
]; // prettier-ignore

const values = fc.oneof(fc.constantFrom(...ODD_VALUES), fc.jsonValue() as fc.Arbitrary<Json>);
const names = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, fc.string());

/** A change of one member: which of them all, what to do with it, and what to do it with. */
const mutations = fc.record({
  position: fc.nat(),
  action: fc.constantFrom('drop', 'replace', 'nest', 'wrap', 'pack', 'rename', 'add'),
  name: names,
  value: values,
});

type Mutation = typeof mutations extends fc.Arbitrary<infer Value> ? Value : never;

/** Holders of members anywhere in a body: each object and array with one of its keys. */
function places(value: Json): [holder: JsonObject, name: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as JsonObject;
  return Object.keys(value).flatMap((name) => [
    [holder, name] as [JsonObject, string],
    ...places(holder[name] as Json),
  ]);
}

function mutate(body: JsonObject, { position, action, name, value: shared }: Mutation): void {
  // Another mutation may change what this one puts in.
  const value = structuredClone(shared);
  const all = places(body);
  const [holder, key] = all[position % Math.max(1, all.length)] ?? [body, ''];
  const old = Object.hasOwn(holder, key) ? (holder[key] as Json) : null;
  const set = (newName: string, newValue: Json) =>
    Object.defineProperty(holder, newName, {
      value: newValue,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  if (Array.isArray(holder) && (action === 'rename' || action === 'add')) set(key, value);
  else if (action === 'drop') delete holder[key];
  else if (action === 'replace') set(key, value);
  else if (action === 'nest') set(key, { [name]: old });
  else if (action === 'wrap') set(key, [old]);
  else if (action === 'pack') set(key, JSON.stringify(old));
  else {
    if (action === 'rename') delete holder[key];
    set(name, action === 'rename' ? old : value);
  }
}

const bodies = fc
  .tuple(fc.constantFrom(...SAMPLES), fc.array(mutations, { minLength: 1, maxLength: 5 }))
  .map(([sample, list]) => {
    const body = structuredClone(sample);
    for (const mutation of list) mutate(body, mutation);
    return body;
  });

/** How a body may be written. */
const writings = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text,
  encodeURIComponent,
  (text) => `data=${encodeURIComponent(text)}`,
);

/** Everything that must hold of what the parser answers, whatever it was given. */
function check(bytes: Buffer): void {
  const problems = problemsOf(bytes);
  if (problems.length > 0) expect(problems, bytes.toString('utf8')).toEqual([]);
}

function problemsOf(bytes: Buffer): string[] {
  const parsed = parseZego(bytes, CONTEXT);
  const problems = [];
  if ('polluted' in {}) problems.push('every object has a new member');
  if (JSON.stringify(parseZego(bytes, CONTEXT)) !== JSON.stringify(parsed))
    problems.push('says another thing');
  if (!parsed.ok) return REASONS.includes(parsed.reason) ? problems : [...problems, parsed.reason];
  const { event, observations } = parsed;
  if (event.type === '' || !isObject(event.identity)) problems.push('the event has no type or identity');
  if (event.at !== undefined && !isTime(event.at)) problems.push(`the event is of the time ${event.at}`);
  return [...problems, ...observations.flatMap((observation) => problemsOfObservation(event, observation))];
}

function problemsOfObservation(event: CallbackEvent, observation: Observation): string[] {
  const problems = [];
  const { at, rank, value } = observation;
  const isOfRoom = observation.entity === 'room';
  const [id, idOfEvent] = isOfRoom ? [observation.roomId, event.roomId] : [observation.taskId, event.taskId];
  if (id === '' || id !== idOfEvent) problems.push(`of ${id}, the event of ${idOfEvent}`);
  if (observation.entity === 'file' && observation.name === '') problems.push('a file without a name');
  if (!isTime(at)) problems.push(`of the time ${at}`);
  if (![0, 1, 2].includes(rank)) problems.push(`of the rank ${rank}`);
  if (!isJson(value)) problems.push('the value changes when it is stored');
  if (!/^\d#-?\d{15}#[0-9a-f]{16}$/.test(facetOrder(observation))) problems.push('has no order');
  facetUpdate({ vendor: 'zego', appId: '1' }, observation);
  return problems;
}

function isTime(at: number): boolean {
  return Number.isSafeInteger(at) && at >= 0 && at <= Date.UTC(9999, 0);
}

/** Whether a value with its undefined members left out is the same after it was written and read. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  return value !== null && Object.values(value).every(isJson);
}

test('a damaged callback is an event or has a reason, and harms nothing', () => {
  fc.assert(
    fc.property(bodies, writings, (body, write) => {
      const text = JSON.stringify(body).toWellFormed();
      check(Buffer.from(write(text)));
    }),
    SETTINGS,
  );
});

test('so is a callback with one member changed to each odd value', () => {
  for (const sample of SAMPLES) {
    for (const index of places(sample).keys()) {
      for (const [number, value] of ODD_VALUES.entries()) {
        // Each member gets some of the values, and each value comes to many members.
        if ((index + number) % quickOrWhole(5, 1) !== 0) continue;
        const body = structuredClone(sample);
        mutate(body, { position: index, action: 'replace', name: '', value });
        check(Buffer.from(JSON.stringify(body)));
      }
    }
  }
});

test('so are any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
    fc.tuple(fc.constantFrom(...SAMPLES), fc.nat()).map(([sample, length]) => {
      const whole = Buffer.from(JSON.stringify(sample));
      return whole.subarray(0, length % whole.length);
    }),
  );
  fc.assert(
    fc.property(bytes, (body) => check(Buffer.from(body))),
    SETTINGS,
  );
});

test('a callback keeps all that it says when unknown members come with it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SAMPLES), fc.string(), values, (sample, name, value) => {
      const parse = (body: JsonObject) => parseZego(Buffer.from(JSON.stringify(body)), CONTEXT);
      const [plain, extended] = [parse(sample), parse({ ...sample, [`unknown ${name}`]: value })];
      expect(extended.ok && extended.observations).toEqual(plain.ok && plain.observations);
    }),
    SETTINGS,
  );
});
