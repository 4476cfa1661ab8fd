import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../lib/ledger/cursor.ts';
import type { ListOptions } from '../../lib/ledger/read-task.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { answerQuery, type ReadRequest } from '../../lib/query/query.ts';
import { messageOf, NOW, ownerOf, SECOND, sampleBody } from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, type Engine } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { endOf, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { quickOrWhole } from '../support/suite.ts';

const OWNER = ownerOf('tencent');
const LIMITS = quickOrWhole([1, 8, 9], [1, 3, 7, 8, 9]);
const FEW = Array.from({ length: 8 }, (_, index) => index);

/** Between the uploaded files, which are called `file 0` and so on; it replaces the temporary name of the start. */
const NAMED_BY_TASK = 'file 3 and a half';
const FILE_NAMES = [NAMED_BY_TASK, ...FEW.map((index) => `file ${index}`)].sort();

/** A page of what `pages` of any list have in common. */
type Page = Partial<Record<'files' | 'events' | 'tasks', object[]>> & { next?: string };

/** The members of a list on all pages; every page but the last has a `next`. */
function listOf<List extends 'files' | 'events' | 'tasks'>(
  pages: Page[],
  list: List,
  idName: string,
): unknown[] {
  expect(pages.map((page) => page.next !== undefined)).toEqual(
    pages.map((_, index) => index < pages.length - 1),
  );
  return pages.flatMap((page) => (page[list] ?? []).map((member) => Reflect.get(member, idName)));
}

/** The start of a task of a session. */
function inSession<Start extends ReturnType<typeof startOf>>(start: Start, sessionId: string): Start {
  const task = { ...(start.value as { task: object }).task, roomId: 'sessions', sessionId };
  return { ...start, value: { ...start.value, task } };
}

describeOnEngines('lists', (engine) => {
  describe('paging', () => pagingTests(engine));
  describe('parameters', () => parameterTests(engine));
});

function pagingTests(engine: Engine) {
  describe('every member is on exactly one page', () => {
    let store: FreshLedger;
    let eventIds: string[];
    beforeAll(async () => {
      store = await freshLedger(engine);
      await store.applyAll(OWNER, [
        startOf('task 0', 0, { roomId: 'room', file: { name: 'a first' } }),
        endOf('task 0', 1, { roomId: 'room', file: { name: NAMED_BY_TASK } }),
        ...FEW.map((index) => uploaded('task 0', `file ${index}`, 0, { roomId: 'room' })),
        ...FEW.slice(1).map((index) => startOf(`task ${index}`, -index * SECOND, { roomId: 'room' })),
        ...['0', '1', '2', '3'].flatMap((id) => [
          inSession(startOf(id, -Number(id) * SECOND), Number(id) % 2 === 1 ? 'odd' : 'even'),
          ...FEW.map((index) => uploaded(id, String(index), 0, { roomId: 'sessions' })),
        ]),
        ...FEW.flatMap((index) => [
          uploadFailed(`failing ${index}`, 'a', (index % 4) * SECOND),
          uploadFailed(`failing ${index}`, 'b', index * SECOND, index < 3 ? { retentionMs: undefined } : {}),
        ]),
      ]);
      const events = FEW.flatMap((index) => {
        const info = { EventMsTs: NOW + index };
        const ofRoom = sampleBody('tencent', 'enter-room', { EventInfo: { ...info, RoomId: 'room' } });
        const ofTask = sampleBody('tencent', 'unknown-group', { EventInfo: { ...info, TaskId: 'task 0' } });
        return [messageOf('tencent', ofRoom), messageOf('tencent', ofTask)];
      });
      await startConsumer(store).consume(...events);
      eventIds = FEW.map((index) => new Date(NOW + index).toISOString());
    });

    it.each(LIMITS)('of a task, %i at a time', async (limit) => {
      const pages = await store.reader.task(OWNER, 'task 0', { limit });
      expect(listOf(pages, 'files', 'name')).toEqual(FILE_NAMES);
      expect(listOf(pages, 'events', 'at')).toEqual(eventIds);
      for (const { task } of pages) expect(task).toMatchObject({ taskId: 'task 0', status: 'ended' });
      const mostOnPage = limit + NAMED_BY_TASK.length;
      for (const { files, events } of pages) {
        expect(files.length).toBeLessThanOrEqual(mostOnPage);
        expect(events?.length).toBeLessThanOrEqual(limit);
      }
    });

    it.each(LIMITS)('of a room, %i at a time', async (limit) => {
      const pages = await store.reader.room(OWNER, 'room', { limit });
      expect(listOf(pages, 'tasks', 'taskId')).toEqual(FEW.map((index) => `task ${index}`));
      expect(listOf(pages, 'events', 'at')).toEqual(eventIds);
      for (const { tasks } of pages) expect(tasks.length).toBeLessThanOrEqual(limit);
    });

    it.each(LIMITS)('of the files of a room and of one session, %i at a time', async (limit) => {
      const pages = await store.reader.room(OWNER, 'sessions', { limit, files: true, events: false });
      const files = ['0', '1', '2', '3'].flatMap((task) => FEW.map((file) => `${task} ${file}`));
      const named = pages.map((page) => page.files?.map(({ taskId, name }) => `${taskId} ${name}`) ?? []);
      expect(listOf(pages, 'tasks', 'taskId')).toEqual(['0', '1', '2', '3']);
      expect(named.flat()).toEqual(files);
      for (const page of named) expect(page.length).toBeLessThanOrEqual(limit);
      const ofSession = await store.reader.room(OWNER, 'sessions', {
        ...{ limit, files: true, events: false, sessionId: 'odd' },
      });
      expect(listOf(ofSession, 'tasks', 'taskId')).toEqual(['1', '3']);
      const filesOfSession = ofSession.flatMap((page) => page.files ?? []);
      expect(filesOfSession.map(({ taskId }) => taskId)).toEqual(
        ['1', '3'].flatMap((id) => FEW.map(() => id)),
      );
      expect(await store.reader.room(OWNER, 'sessions', { limit, sessionId: 'none' })).toMatchObject([
        { tasks: [] },
      ]);
    });

    it.each([...LIMITS, 16])('of attention, %i at a time', async (limit) => {
      const pages = await store.reader.attention({ limit });
      expect(listOf(pages, 'files', 'name')).toHaveLength(2 * FEW.length);
      const files = pages.flatMap((page) => page.files);
      expect(new Set(files.map(({ taskId, name }) => `${taskId} ${name}`)).size).toBe(2 * FEW.length);
      const deadlines = files.map(({ purgeAt }) => purgeAt ?? 'without');
      expect(deadlines).toEqual(deadlines.toSorted());
      expect(pages).toHaveLength(Math.ceil((2 * FEW.length) / limit));
    });

    it('without events where they are not asked for', async () => {
      const options: Partial<ListOptions> = { limit: 3, events: false };
      const pages = [
        ...(await store.reader.task(OWNER, 'task 0', options)),
        ...(await store.reader.room(OWNER, 'room', options)),
      ];
      expect(pages.map((page) => page.events)).toEqual(pages.map(() => undefined));
    });
  });

  describe('a fresh table', () => {
    let store: FreshLedger;
    beforeEach(async () => {
      store = await freshLedger(engine);
    });

    it('a task with 300 files is one task of its room', async () => {
      const names = Array.from({ length: 300 }, (_, index) => `${String(index).padStart(3, '0')}.ts`);
      const uploads = names.map((name) => uploaded('many', name, 0, { roomId: 'room' }));
      await Promise.all(uploads.map((upload) => store.ledger.apply(OWNER, upload)));
      await store.applyAll(OWNER, [startOf('other', -SECOND, { roomId: 'room' })]);

      expect(listOf(await store.reader.task(OWNER, 'many', { limit: 100 }), 'files', 'name')).toEqual(names);
      for (const limit of [1, 2, 100]) {
        const pages = await store.reader.room(OWNER, 'room', { limit });
        expect(listOf(pages, 'tasks', 'taskId')).toEqual(['many', 'other']);
      }
    });

    // In UTF-8, and so in DynamoDB, U+FF46 sorts before U+1F600; in UTF-16, and so in JavaScript, after it.
    it('a file that the task names too is listed once, whatever its characters', async () => {
      const names = ['\uff46.mp4', '\u{1f600}.mp4'];
      await store.applyAll(OWNER, [
        endOf('task', 0, { file: { name: names[1] ?? '' } }),
        ...names.map((name) => uploaded('task', name, 0)),
      ]);
      expect(listOf(await store.reader.task(OWNER, 'task', { limit: 1 }), 'files', 'name')).toEqual(names);
    });
  });
}

function parameterTests(engine: Engine) {
  const RESOURCES = ['task', 'room', 'attention'] as const;
  let store: FreshLedger;
  beforeAll(async () => {
    store = await freshLedger(engine);
    await store.applyAll(OWNER, [
      ...FEW.map((index) => uploadFailed('id', `file ${index}`, 0, { roomId: 'id' })),
      ...FEW.map((index) => startOf(`task ${index}`, 0, { roomId: 'id' })),
    ]);
  });
  const query = (resource: ReadRequest['resource'], parameters: object, vendor: string = OWNER.vendor) =>
    answerQuery(
      createLedgerTable(store.client, store.tableName),
      { resource, vendor, appId: OWNER.appId, id: 'id', query: { ...parameters } },
      NOW,
    );
  /** Whether the answer refuses a parameter and says which: `400 limit`; else only the status. */
  const refusal = async (...request: Parameters<typeof query>) => {
    const { status, body } = await query(...request);
    return [status, /^(limit|cursor|vendor) /.exec(Reflect.get(body ?? {}, 'reason') ?? '')?.[1]]
      .filter(Boolean)
      .join(' ');
  };

  it.each(['0', '-1', '501', '1.5', 'ten', '', 'Infinity', 'NaN'])('limit "%s" is refused', async (limit) => {
    const refusals = await Promise.all(RESOURCES.map((resource) => refusal(resource, { limit })));
    expect(refusals).toEqual(RESOURCES.map(() => '400 limit'));
  });

  it.each(['1', '500'])('limit "%s" is taken', async (limit) => {
    const refusals = await Promise.all(RESOURCES.map((resource) => refusal(resource, { limit })));
    expect(refusals).toEqual(RESOURCES.map(() => '200'));
  });

  it.each(['aws', 'toString'])('vendor "%s" is refused', async (vendor) => {
    expect(await refusal('task', {}, vendor)).toBe('404 vendor');
    expect(await refusal('room', {}, vendor)).toBe('404 vendor');
  });

  const encoded = (text: string) => Buffer.from(text).toString('base64url');
  it.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no JSON', 'garbage'],
    ['null', encoded('null')],
    ['an array', encoded('["files"]')],
    ['of no list', encoded('{}')],
    ['of a list that is not there', encoded('{"other":"file#1"}')],
    ['of positions that are no text', encoded('{"files":1,"tasks":1,"attention#0":1}')],
    ['of empty positions', encoded('{"files":"","tasks":"","attention#0":""}')],
  ])('a cursor that is %s is refused', async (_name, cursor) => {
    const refusals = await Promise.all(RESOURCES.map((resource) => refusal(resource, { cursor })));
    expect(refusals).toEqual(RESOURCES.map(() => '400 cursor'));
  });

  it.each(RESOURCES)('the cursor of another list is refused: %s', async (resource) => {
    for (const other of RESOURCES.filter((one) => one !== resource)) {
      const { body } = await query(other, { limit: '1' });
      const cursor = Reflect.get(body ?? {}, 'next');
      expect(cursor).toEqual(expect.any(String));
      expect([other, await refusal(resource, { cursor })]).toEqual([other, '400 cursor']);
    }
  });

  it('a position outside the list is refused', async () => {
    expect(await refusal('task', { cursor: encodeCursor({ files: 'head' }) })).toBe('400 cursor');
  });
}
