import { randomUUID } from 'node:crypto';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { changeEventSchema, openApi } from '../../docs/contracts/contracts.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import type { App, AppsAnswer, AttentionAnswer, TasksAnswer } from '../../types/index.d.ts';
import { post, readWhen, request, sample, sourceNamed } from '../support/stack-client.ts';
import { PATIENCE_MS, quickOrWhole, randomRuns } from '../support/suite.ts';

const PATIENCE = { timeout: PATIENCE_MS, interval: 50 };

/** How many pages of an answer are looked at. */
const PAGES = quickOrWhole(2, 3);

/** The part of the document that requests are made from. */
interface Operation {
  path: string;
  method: string;
  parameters: { name: string; in: 'path' | 'query'; required?: boolean; schema: ParameterSchema }[];
  requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
  responses: Record<string, { content: { 'application/json': { schema: object } } }>;
}

/** The part of a body's schema that bodies are made from. */
interface BodySchema {
  properties: Record<string, { $ref?: string; format?: string; maxLength?: number }>;
  required?: string[];
}

interface ParameterSchema {
  type: 'string' | 'integer';
  enum?: string[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
}

const DOCUMENT = openApi(true) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, BodySchema & { enum?: string[] }> };
};
const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(
    ([method, operation]) => [`${method} ${path}`, { ...operation, path, method }] as const,
  ),
);
const READS = OPERATIONS.filter(([, { method }]) => method === 'get');
const WRITES = OPERATIONS.filter(([, { method }]) => method !== 'get');
const WITH_BODY = WRITES.filter(([, { requestBody }]) => requestBody !== undefined);

/** Parameters that refuse a wrong value by their name; others take every value. */
const CHECKED = ['limit', 'cursor', 'from', 'to', 'timeZone', 'kind', 'status'];

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': ISO_TIME } });
ajv.addSchema({ $id: 'document', ...DOCUMENT });

const checks = new Map<object, ValidateFunction>();

/** The check of an answer's body against a schema of the document. */
function checkOf(operation: Operation, status: number): ValidateFunction {
  const response = operation.responses[status];
  if (response === undefined) throw new Error(`${status} is no answer of the document.`);
  const { schema } = response.content['application/json'];
  const known = checks.get(schema);
  if (known !== undefined) return known;
  const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')));
  checks.set(schema, check);
  return check;
}

/** What the stack knows, so that requests find something. */
interface Known {
  apps: App[];
  taskIds: string[];
  roomIds: string[];
  /** The id of an attention item that no other test uses. */
  attentionId: string;
}

/** What no other test of this stack asks for: a task of it may be expected, and withdrawn. */
const OWN_APP = 'contracts';
const OWN_TASKS = Array.from({ length: 3 }, () => randomUUID());

/** A value that a parameter may have. */
function chosenValue({ name, schema }: Operation['parameters'][number], known: Known): fc.Arbitrary<string> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.type === 'integer')
    return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 0 }).map(String);
  if (name === 'appId') return fc.constantFrom(...known.apps.map(({ appId }) => appId));
  if (name === 'taskId') return fc.constantFrom(...known.taskIds, 'unknown');
  if (name === 'roomId') return fc.constantFrom(...known.roomIds, 'unknown');
  if (name === 'timeZone') return fc.constantFrom('UTC', 'Asia/Shanghai', '-03:30');
  if (name === 'from') return fc.constantFrom('2017-01-01', '2026-01-01T00:00:00Z');
  if (name === 'to') return fc.constantFrom('2030-01-01', '2031-01-01T00:00:00+08:00');
  return fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
}

/** A request with the required parameters and some of the others. A cursor is no value that one can choose. */
function requestOf({ path, parameters }: Operation, known: Known): fc.Arbitrary<[string, URLSearchParams]> {
  const members = parameters.filter(({ name }) => name !== 'cursor');
  const requiredKeys = members.filter(({ required }) => required).map(({ name }) => name);
  const values = Object.fromEntries(members.map((one) => [one.name, chosenValue(one, known)]));
  return fc.record(values, { requiredKeys }).map((chosen) => {
    let filled = path;
    const query = new URLSearchParams();
    for (const one of members) {
      const value = chosen[one.name];
      if (value === undefined) continue;
      if (one.in === 'path') filled = filled.replace(`{${one.name}}`, encodeURIComponent(value));
      else query.set(one.name, value);
    }
    return [filled, query];
  });
}

/** The name and the schema of an operation's body. */
function bodyOf({ requestBody }: Operation): BodySchema {
  const { $ref = '' } = requestBody?.content['application/json'].schema ?? {};
  return DOCUMENT.components.schemas[$ref.split('/').at(-1) ?? ''] as BodySchema;
}

/** A body with the required members and some of the others. */
function bodiesOf(operation: Operation, known: Known): fc.Arbitrary<Record<string, unknown>> {
  const { properties, required = [] } = bodyOf(operation);
  const members = Object.entries(properties).map(([name, { $ref, format, maxLength }]) => {
    const choices = DOCUMENT.components.schemas[$ref?.split('/').at(-1) ?? '']?.enum;
    if (choices !== undefined) return [name, fc.constantFrom(...choices)];
    if (name === 'id') return [name, fc.constantFrom(known.attentionId, 'unknown')];
    if (format === 'date-time') {
      const times = fc.date({
        min: new Date('2040-01-01'),
        max: new Date('2060-01-01'),
        noInvalidDate: true,
      });
      return [name, times.map((time) => time.toISOString())];
    }
    return [
      name,
      fc.string({ maxLength: (maxLength ?? 1) - 1, unit: 'grapheme-ascii' }).map((text) => `a${text}`),
    ];
  });
  return fc.record(Object.fromEntries(members), { requiredKeys: required });
}

/** Sends a request with a body. */
function send({ method }: Operation, path: string, body?: object) {
  return request(path, {
    method: method.toUpperCase(),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The change events that the stack printed. */
function changesOf(body: object): { type?: string }[] {
  const { lines = [] } = body as { lines?: { message?: string; event?: object }[] };
  return lines.flatMap(({ message, event }) => (message === 'change' && event !== undefined ? [event] : []));
}

describe('the OpenAPI document', () => {
  let known: Known;
  beforeAll(async () => {
    for (const source of SAMPLE_SOURCES) {
      const events = Object.keys(source.events);
      for (const event of quickOrWhole(events.slice(0, 2), events)) await post(source, sample(source, event));
    }
    const vendors = new Set(SAMPLE_SOURCES.map(({ vendor }) => vendor));
    const apps = await vi.waitFor(async () => {
      const { body } = await request('/apps');
      const known = (body as unknown as AppsAnswer).apps;
      expect(new Set(known.map(({ vendor }) => vendor))).toEqual(vendors);
      return known;
    }, PATIENCE);
    const lists = apps.map(async ({ vendor, appId }) => {
      const query = new URLSearchParams({ vendor, appId, from: '2015-01-01', limit: '500' });
      return ((await request(`/tasks?${query}`)).body as unknown as TasksAnswer).tasks;
    });
    const tasks = (await Promise.all(lists)).flat();
    const roomIds = tasks.flatMap(({ roomId }) => roomId ?? []);
    const failed = sourceNamed('rongcloud-recording');
    const recordId = randomUUID();
    await post(failed, sample(failed, 'upload-failed', { set: new Map([['recordId', recordId]]) }));
    const attentionId = await vi.waitFor(async () => {
      const { body } = await request('/attention?limit=500');
      const { files } = body as unknown as AttentionAnswer;
      return files.find(({ taskId }) => taskId === recordId)?.id ?? expect.fail('It is not listed.');
    }, PATIENCE);
    known = { apps, taskIds: tasks.map(({ taskId }) => taskId), roomIds, attentionId };
  });

  /** What a write may change. */
  const own = (): Known => {
    const apps = known.apps.map((app) => ({ ...app, appId: OWN_APP }));
    return { ...known, apps, taskIds: OWN_TASKS };
  };

  it('has the read and the write API', () => {
    const routes = OPERATIONS.map(([name]) => name);
    expect(routes).toEqual(
      expect.arrayContaining(['put /tasks/{vendor}/{appId}/{taskId}', 'post /attention/snooze']),
    );
    const hidden = DOCUMENT.paths['/attention']?.get?.parameters.map(({ name }) => name);
    expect(hidden).toContain('hidden');
  });

  it.each(READS)('describes every answer of %s, page by page', async (_, operation) => {
    await fc.assert(
      fc.asyncProperty(requestOf(operation, known), async ([filled, query]) => {
        for (let page = 0; page < PAGES; page += 1) {
          const { status, body } = await request(`${filled}?${query}`);
          expect([200, 404]).toContain(status);
          const check = checkOf(operation, status);
          expect(check(body) || check.errors).toBe(true);
          if (typeof body.next !== 'string') break;
          query.set('cursor', body.next);
        }
      }),
      { numRuns: randomRuns(4), seed: 18 },
    );
  });

  it.each(READS)('names the wrong parameter of %s', async (_, operation) => {
    const wrong = operation.parameters.filter(({ name }) => CHECKED.includes(name));
    await fc.assert(
      fc.asyncProperty(
        requestOf(operation, known),
        fc.constantFrom(...wrong),
        async ([filled, query], one) => {
          query.set(one.name, '!');
          const { status, body } = await request(`${filled}?${query}`);
          expect([status, String(body.reason).split(' ')[0]]).toEqual([400, one.name]);
          expect(checkOf(operation, 400)(body)).toBe(true);
        },
      ),
      { numRuns: randomRuns(4), seed: 18 },
    );
  });

  it.each(WRITES)('describes every answer of %s', async (_, operation) => {
    const bodies = operation.requestBody === undefined ? fc.constant(undefined) : bodiesOf(operation, known);
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(requestOf(operation, own()), bodies, async ([filled], sent) => {
        const { status, body } = await send(operation, filled, sent);
        statuses.add(status);
        const check = checkOf(operation, status);
        expect(check(body) || check.errors).toBe(true);
      }),
      { numRuns: randomRuns(10), seed: 18 },
    );
    expect([...statuses]).toContain(200);
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  });

  it.each(WITH_BODY)('names the wrong member of a body of %s', async (_, operation) => {
    const { properties, required = [] } = bodyOf(operation);
    const wrong = fc.constantFrom(...Object.keys(properties), 'extra');
    await fc.assert(
      fc.asyncProperty(
        requestOf(operation, own()),
        bodiesOf(operation, known),
        wrong,
        fc.constantFrom('', {}, ['a']),
        async ([filled], sent, name, value) => {
          const { status, body } = await send(operation, filled, { ...sent, [name]: value });
          expect([status, String(body.reason).split(' ')[0]]).toEqual([400, name]);
          expect(checkOf(operation, 400)(body)).toBe(true);
        },
      ),
      { numRuns: randomRuns(6), seed: 18 },
    );
    for (const name of required) {
      const [[filled] = [''], sent = {}] =
        fc.sample(fc.tuple(requestOf(operation, own()), bodiesOf(operation, known)), 1)[0] ?? [];
      const { [name]: _left, ...rest } = sent;
      const { status, body } = await send(operation, filled, rest);
      expect([status, String(body.reason).split(' ')[0]]).toEqual([400, name]);
    }
  });

  it('has the schemas of every change event', async () => {
    const check = ajv.compile(changeEventSchema(true));
    const answer = await readWhen('/local/lines?since=0', ({ body }) =>
      expect(changesOf(body)).not.toEqual([]),
    );
    const changes = changesOf(answer.body);
    const entities = new Set(changes.map(({ type = '' }) => type.split('.')[1]));
    expect([...entities]).toEqual(expect.arrayContaining(['task', 'file', 'room']));
    expect(changes.filter((change) => !check(change)).map((change) => [change, check.errors])).toEqual([]);
  });
});
