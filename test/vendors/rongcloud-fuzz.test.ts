import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Parse, ParsedCallback } from '../../lib/callback/callback.ts';
import { canonicalJson, type Json, type JsonObject, parseJson } from '../../lib/platform/json.ts';
import type { SourceSamples } from '../../lib/vendors/common/sample.ts';
import { rongcloudParser } from '../../lib/vendors/rongcloud/parse.ts';
import {
  cdnSamples,
  moderationSamples,
  playerSamples,
  recordingSamples,
  roomSamples,
  screenshotSamples,
} from '../../lib/vendors/rongcloud/samples/index.ts';
import { randomRuns } from '../support/suite.ts';

const parseCdn = rongcloudParser('cdn');
const parseModeration = rongcloudParser('moderation');
const parsePlayer = rongcloudParser('player');
const parseRecording = rongcloudParser('recording');
const parseRoom = rongcloudParser('room');
const parseScreenshot = rongcloudParser('screenshot');

/** PROPERTY_SEED=… runs another sample; a failure prints its seed and path. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const RUNS = { seed: SEED, numRuns: randomRuns(150) };

const NOW = Date.UTC(2026, 0, 15, 12);

/** The services, the field of their callbacks' type, and the fields that name the task or room. */
const SERVICES: [name: string, parse: Parse, samples: SourceSamples, type: string, ids: string[]][] = [
  ['recording', parseRecording, recordingSamples, 'type', ['recordId']],
  ['screenshot', parseScreenshot, screenshotSamples, 'type', ['imageId']],
  ['room', parseRoom, roomSamples, 'event', ['roomId', 'channelId']],
  ['cdn', parseCdn, cdnSamples, 'type', ['sessionId']],
  ['player', parsePlayer, playerSamples, 'type', ['room_id', 'user_id']],
  ['moderation', parseModeration, moderationSamples, 'type', ['sessionId']],
];

const REASONS = [
  'unreadable_body',
  'app_mismatch',
  'missing_task_id',
  'missing_room_id',
  'missing_file_name',
];

/** Names that matter to some service, and names that matter to JavaScript. */
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'length', ''),
  fc.constantFrom('type', 'event', 'timestamp', 'code', 'stateCode', 'output', 'config', 'fileName'),
  fc.constantFrom('roomId', 'room_id', 'channelId', 'sessionId', 'userId', 'user_id', 'recordId', 'imageId'),
  fc.constantFrom('appKey', 'app_key', 'riskLevel', 'result', 'resultDetail', 'members', 'data', 'uris'),
  fc.string(),
);

const leaves: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    '',
    0,
    -1,
    2,
    3,
    4,
    '4',
    1e300,
    'REJECT',
    '{"riskLevel":"REJECT"}',
    '["__proto__"]',
  ),
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);

const { tree: values } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
  ),
}));

/** One change to one object of a body, whichever `target` points at. */
type Mutation = { target: number; member: number; name: string; value: Json } & {
  change: 'drop' | 'replace' | 'nest' | 'rename' | 'add';
};

const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    target: fc.nat(),
    member: fc.nat(),
    name: names,
    value: values,
    change: fc.constantFrom('drop', 'replace', 'nest', 'rename', 'add'),
  }),
  { minLength: 1, maxLength: 5 },
);

function mutate(body: JsonObject, mutation: Mutation): JsonObject {
  const objects = objectsIn(body);
  return changed(body, objects[mutation.target % objects.length] as JsonObject, mutation);
}

function objectsIn(value: Json): JsonObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value, ...inner];
}

/** A copy in which the mutation was done to `target`; `Object.fromEntries` makes own members of any name. */
function changed<Value extends Json>(value: Value, target: JsonObject, mutation: Mutation): Value {
  if (Array.isArray(value)) return value.map((item) => changed(item, target, mutation)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, inner]): [string, Json] => [
    name,
    changed(inner, target, mutation),
  ]);
  if ((value as Json) === target) changeMembers(members, mutation);
  return Object.fromEntries(members) as Value;
}

function changeMembers(members: [string, Json][], { change, member, name, value }: Mutation): void {
  const index = member % Math.max(members.length, 1);
  const [oldName, oldValue] = members[index] ?? [name, value];
  const replacement: Record<Mutation['change'], [string, Json][]> = {
    drop: [],
    replace: [[oldName, value]],
    nest: [[oldName, Object.fromEntries([[name, oldValue]])]],
    rename: [[name, oldValue]],
    add: [
      [oldName, oldValue],
      [name, value],
    ],
  };
  members.splice(index, 1, ...replacement[change]);
}

/** What holds of every parsed callback: it names a task or room and nothing else, or there is a reason. */
function expectSound(parsed: ParsedCallback, document: string): void {
  if (!parsed.ok) {
    expect(REASONS).toContain(parsed.reason);
    return;
  }
  const { event, observations } = parsed;
  const { taskId, roomId, at, type, identity } = event;
  expect([taskId, roomId].some((id) => typeof id === 'string' && id !== '')).toBe(true);
  expect(type).toMatch(/^[a-z]+ (unknown|-?[\d.]+(e[+-]\d+)?)$/);
  expect(canonicalJson(identity)).toBe(canonicalJson(parseJson(document) ?? null));
  if (at !== undefined) expect(new Date(at).getUTCFullYear()).toBeLessThan(9999);
  for (const observation of observations) {
    expect(observation.entity === 'room' ? observation.roomId : observation.taskId).toBe(taskId ?? roomId);
    expect(observation.at).toBe(at ?? NOW);
    expect([0, 1, 2]).toContain(observation.rank);
    expect(new Date(observation.at).toISOString()).toMatch(/^\d{4}-/);
  }
}

const PROTOTYPE = Reflect.ownKeys(Object.prototype);
afterAll(() => {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE);
});

describe.each(SERVICES)('%s', (_name, parse, samples, typeField, ids) => {
  const appId = samples.appId;
  const context = { appId, receivedAt: NOW };
  const events = Object.values(samples.events);
  const bodies = fc.constantFrom(...events.map((event) => event(appId, NOW)));
  const parseText = (document: string) => parse(Buffer.from(document), context);

  test('mutated samples are parsed soundly', () => {
    let parsedWell = 0;
    let quarantined = 0;
    fc.assert(
      fc.property(bodies, mutations, (body, list) => {
        const document = JSON.stringify(list.reduce(mutate, body));
        const parsed = parseText(document);
        expectSound(parsed, document);
        expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE);
        if (parsed.ok) parsedWell += 1;
        else quarantined += 1;
      }),
      RUNS,
    );
    // Both outcomes were met often enough for the property to mean something.
    expect(Math.min(parsedWell, quarantined)).toBeGreaterThan(RUNS.numRuns / 100);
  });

  test('whatever else changes, a callback with its ids and its app is kept', () => {
    const required = [...ids, 'appKey', 'app_key', 'output'];
    fc.assert(
      fc.property(bodies, mutations, (body, list) => {
        const kept = Object.entries(body).filter(([name]) => required.includes(name));
        const mutated = Object.entries(list.reduce(mutate, body)).filter(
          ([name]) => !required.includes(name),
        );
        const document = JSON.stringify(Object.fromEntries([...mutated, ...kept]));
        const parsed = parseText(document);
        // A segment or upload is nothing without its file; the sample of an unknown type has none.
        if (!parsed.ok) expect(parsed.reason).toBe('missing_file_name');
        expectSound(parsed, document);
      }),
      RUNS,
    );
  });

  test('any unknown type is an event', () => {
    const unknown = fc.oneof(
      fc.integer().filter((type) => type < 1 || (type > 5 && ![11, 12, 20].includes(type))),
      fc.constantFrom<Json>(null, '', 'new', 1.5, [], {}, true),
    );
    fc.assert(
      fc.property(bodies, unknown, fc.boolean(), (body, type, asText) => {
        const value = asText && typeof type === 'number' ? String(type) : type;
        const document = JSON.stringify({ ...body, [typeField]: value });
        const parsed = parseText(document);
        expectSound(parsed, document);
        const expected = typeof type === 'number' ? type : 'unknown';
        expect(parsed).toMatchObject({ ok: true, event: { type: expect.stringMatching(` ${expected}$`) } });
        const facets = parsed.ok ? parsed.observations.map(({ facet }) => facet) : [];
        expect(facets).toEqual(typeField === 'event' ? ['activity'] : []);
      }),
      { seed: SEED, numRuns: randomRuns(100) },
    );
  });

  test('a number may be text', () => {
    fc.assert(
      fc.property(bodies, fc.subarray(['type', 'event', 'timestamp']), (body, asText) => {
        const textual = Object.entries(body).map(([name, value]): [string, Json] =>
          asText.includes(name) ? [name, String(value)] : [name, value],
        );
        const [parsed, parsedText] = [body, Object.fromEntries(textual)].map((value) =>
          parseText(JSON.stringify(value)),
        );
        if (!parsed?.ok || !parsedText?.ok) throw new Error('A sample was not parsed.');
        expect({ ...parsedText.event, identity: null }).toEqual({ ...parsed.event, identity: null });
        expect(parsedText.observations).toEqual(parsed.observations);
      }),
      { seed: SEED, numRuns: randomRuns(50) },
    );
  });

  test('any bytes are parsed or not, but never break it', () => {
    const documents = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.tuple(bodies, fc.nat(), fc.string()).map(([body, cut, end]) => {
        const document = JSON.stringify(body);
        return document.slice(0, cut % document.length) + end;
      }),
    );
    fc.assert(
      fc.property(documents, (document) => {
        expectSound(parseText(document), document);
      }),
      { seed: SEED, numRuns: randomRuns(200) },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parse(Buffer.from(bytes), context).ok).toBe(false);
      }),
      { seed: SEED },
    );
  });
});
