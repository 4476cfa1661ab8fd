import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FileObservation, Observation } from '../../lib/callback/observation.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import type { WithoutUploadAnswer } from '../../lib/query/lists.ts';
import { answerQuery, type ListRequest } from '../../lib/query/query.ts';
import type { File, Task } from '../../types/index.d.ts';
import { HOUR, iso, NOW, ownerOf, SECOND, sampleMessage } from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { closed, endOf, fileStart, startOf, uploaded, uploadFailed } from '../support/observations.ts';

const OWNER = ownerOf('rongcloud');
const DAY = 24 * HOUR;

const RANGE = { from: iso(-2 * DAY), to: iso(2 * DAY) };

const fileId = ({ taskId, name }: File) => `${taskId} ${name}`;

/** A picture of a room of screenshots, or of another task. */
function picture(taskId: string, name: string, at: number, roomId = taskId): FileObservation {
  const value = { status: 'uploaded', task: { kind: 'screenshot', roomId } } as const;
  return { entity: 'file', taskId, name, facet: 'upload', rank: 1, at: NOW + at, value };
}

/** Tasks and files at a few times, so that many are of the same one. */
const callbacks: fc.Arbitrary<Observation[]> = fc
  .record({
    task: fc.constantFrom('a', 'b', 'c', 'd'),
    file: fc.constantFrom('1', '2', '3'),
    hours: fc.constantFrom(-30, -26, -25, -24, -1, 0, 0, 0, 3),
    make: fc.constantFrom<(task: string, file: string, at: number) => Observation | Observation[]>(
      (task, _, at) => startOf(task, at),
      (task, _, at) => endOf(task, at),
      (task, file, at) => [{ ...startOf(task, at), isListedByFile: true }, fileStart(task, file, at)],
      (task, file, at) => uploaded(task, file, at),
      (task, file, at) => uploadFailed(task, file, at),
      (task, file, at) => closed(task, file, at),
      (task, file, at) => fileStart(task, file, at),
      (task, file, at) => picture(task, file, at),
      (task, file, at) => picture(`room ${task}`, file, at),
    ),
  })
  .map(({ task, file, hours, make }) => [make(task, file, hours * HOUR)].flat());

describeOnEngines('lists by time', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });
  const idsOf = async (query = {}) =>
    (await store.reader.list('tasks', OWNER, query)).map(({ taskId }) => taskId);
  const namesOf = async (query = {}) =>
    (await store.reader.list('files', OWNER, query)).map(({ name }) => name);
  const ask = (resource: ListRequest['resource'], query: Record<string, string>) =>
    answerQuery(createLedgerTable(store.client, store.tableName), { resource, query }, NOW);

  it('have every task and file on exactly one page, in one order, whatever the order of the callbacks', () =>
    fc.assert(
      fc.asyncProperty(
        fc
          .array(callbacks, { maxLength: 20 })
          .chain((list) =>
            fc.tuple(
              fc.constant(list.flat()),
              fc.shuffledSubarray([...list, ...list].flat(), { minLength: list.flat().length * 2 }),
            ),
          ),
        fc.constantFrom('2', '3', '500'),
        async ([list, shuffled], limit) => {
          const other = await freshLedger(engine);
          store = await freshLedger(engine);
          await store.applyAll(OWNER, list);
          await other.applyAll(OWNER, shuffled);
          const [tasks, files] = [await idsOf(), await namesOf({ limit })];
          expect(new Set(tasks)).toEqual(new Set(list.flatMap((one) => ('taskId' in one ? one.taskId : []))));
          expect(new Set(tasks).size).toBe(tasks.length);
          const filesOf = new Set(
            list.flatMap((one) => (one.entity === 'file' ? `${one.taskId} ${one.name}` : [])),
          );
          expect(files).toHaveLength(filesOf.size);
          const ofOther = await other.reader.list('tasks', OWNER, { limit });
          expect(ofOther.map(({ taskId }) => taskId)).toEqual(tasks);
          expect(await other.reader.list('files', OWNER)).toEqual(
            await store.reader.list('files', OWNER, { limit }),
          );
          const counted = (await store.reader.usage(OWNER, { limit: '1' })).map(({ total }) => total.files);
          expect(counted.reduce((sum, count) => sum + count, 0)).toBe(filesOf.size);
        },
      ),
      { numRuns: runsOn(engine, 4), seed: 18 },
    ));

  it('have an item once that does not move while they are read, and at most twice one that does', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(callbacks, { minLength: 3, maxLength: 10 }),
        fc.array(
          fc.record({ task: fc.constantFrom('a', 'b', 'c', 'd'), file: fc.constantFrom('1', '2', '3') }),
        ),
        fc.constantFrom(1, 2),
        async (list, moves, limit) => {
          store = await freshLedger(engine);
          await store.applyAll(OWNER, list.flat());
          const waiting = [...new Map(moves.map((move) => [move.task, move])).values()];
          const moved = new Set<string>();
          const seen: Record<'tasks' | 'files', string[]> = { tasks: [], files: [] };
          const all = { tasks: await idsOf(), files: (await store.reader.list('files', OWNER)).map(fileId) };
          for (const resource of ['tasks', 'files'] as const) {
            let cursor: string | undefined;
            do {
              const query = {
                ...OWNER,
                ...RANGE,
                limit: String(limit),
                ...(cursor === undefined ? {} : { cursor }),
              };
              const { body } = await ask(resource, query);
              const { next, ...rows } = body as { next?: string; tasks?: Task[]; files?: File[] };
              seen.tasks.push(...(rows.tasks ?? []).map(({ taskId }) => taskId));
              seen.files.push(...(rows.files ?? []).map(fileId));
              cursor = next;
              const move = waiting.pop();
              if (move === undefined) continue;
              moved.add(move.task);
              // A late callback: both began earlier than was known.
              await store.applyAll(OWNER, [
                startOf(move.task, -40 * HOUR),
                fileStart(move.task, move.file, -40 * HOUR),
              ]);
            } while (cursor !== undefined);
          }
          for (const id of [...all.tasks, ...all.files]) {
            const times = [...seen.tasks, ...seen.files].filter((one) => one === id).length;
            const isMoved = moved.has(id.split(' ')[0] ?? '');
            if (isMoved) expect(times).toBeLessThanOrEqual(2);
            else expect(times).toBe(1);
          }
        },
      ),
      { numRuns: runsOn(engine, 4), seed: 18 },
    ));

  it('find the recordings none of whose files is uploaded, in the range or outside', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(callbacks, { maxLength: 15 }),
        fc.constantFrom('1', '500'),
        fc.constantFrom<Record<string, string>>(RANGE, { from: iso(-25 * HOUR), to: iso(HOUR) }),
        fc.constantFrom<Record<string, string>>({}, { status: 'started' }, { status: 'ended' }),
        async (list, limit, range, filters) => {
          store = await freshLedger(engine);
          await store.applyAll(OWNER, list.flat());
          const uploads = (await store.reader.list('files', OWNER, { status: 'uploaded', ...RANGE })).map(
            ({ taskId }) => taskId,
          );
          const recordings = await idsOf({ ...range, ...filters, kind: 'recording' });
          const found: string[] = [];
          let [lookedAt, cursor]: [number, string | undefined] = [0, undefined];
          do {
            const query = { ...OWNER, ...range, ...filters, limit, ...(cursor && { cursor }) };
            const { body } = await ask('without-upload', query);
            const page = body as WithoutUploadAnswer;
            found.push(...page.tasks.map(({ taskId }) => taskId));
            lookedAt += page.lookedAt;
            cursor = page.next;
          } while (cursor !== undefined);
          expect(found).toEqual(recordings.filter((taskId) => !uploads.includes(taskId)));
          expect(lookedAt).toBeGreaterThanOrEqual(recordings.length);
        },
      ),
      { numRuns: runsOn(engine, 4), seed: 29 },
    ));

  it('have items of one time on one page each', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await store.applyAll(
      OWNER,
      ids.map((id) => startOf(id, 0)),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await ask('tasks', { ...OWNER, ...RANGE, limit: '1', ...(cursor && { cursor }) });
      const { next, tasks } = body as { next?: string; tasks: Task[] };
      seen.push(...tasks.map(({ taskId }) => taskId));
      cursor = next;
    } while (cursor !== undefined && seen.length < 10);
    expect(seen.toSorted()).toEqual(ids);
  });

  it('begin with the latest, from `from` on and before `to`', async () => {
    await store.applyAll(OWNER, [
      startOf('early', -2 * HOUR),
      startOf('late', 0),
      startOf('first', -3 * HOUR),
      endOf('early', HOUR),
      uploaded('late', 'b.mp4', 2 * HOUR),
      uploaded('early', 'a.mp4', HOUR),
    ]);
    expect(await idsOf()).toEqual(['late', 'early', 'first']);
    expect(await idsOf({ from: iso(-2 * HOUR), to: iso(0) })).toEqual(['early']);
    expect(await namesOf()).toEqual(['b.mp4', 'a.mp4']);
    expect(await namesOf({ from: iso(HOUR), to: iso(2 * HOUR) })).toEqual(['a.mp4']);
    expect(await idsOf({ from: undefined, to: undefined })).toEqual(['early', 'first']);
  });

  it('place a file at the time its content begins', async () => {
    const { value, ...rest } = uploaded('task', 'a.mp4', 0);
    await store.applyAll(OWNER, [{ ...rest, value: { ...value, beginsAt: iso(-5 * HOUR) } }]);
    expect(await namesOf({ from: iso(-5 * HOUR), to: iso(-5 * HOUR + 1) })).toEqual(['a.mp4']);
    // Nobody can mean 1970.
    await store.applyAll(OWNER, [
      { ...rest, name: 'b.mp4', value: { ...value, beginsAt: '1970-01-02T00:00:00.000Z' } },
    ]);
    expect(await namesOf({ from: '1970-01-01', to: iso(0) })).toEqual(['a.mp4']);
  });

  it('show a task with files only, or with a start that named a file, at its earliest file', async () => {
    await store.applyAll(OWNER, [
      uploaded('files', 'later.mp4', 0),
      uploaded('files', 'z-first.mp4', -HOUR),
      { ...startOf('named', -2 * HOUR), isListedByFile: true },
      fileStart('named', 'a.mp4', -2 * HOUR),
      closed('named', 'b.mp4', -HOUR),
    ]);
    expect(await idsOf()).toEqual(['files', 'named']);
    expect(await idsOf({ from: iso(-30 * 60 * SECOND) })).toEqual([]);
    expect(await idsOf({ from: iso(-HOUR), to: iso(-HOUR + 1) })).toEqual(['files']);
  });

  it('find a task by the first callback of a recording, by time and in its room', async () => {
    await startConsumer(store).consume(sampleMessage('rongcloud-recording', 'start'));
    const [task] = await store.reader.list('tasks', OWNER);
    expect(task).toMatchObject({ status: 'started', roomId: expect.any(String) });
    const [page] = await store.reader.room(OWNER, task?.roomId ?? '');
    expect(page?.tasks).toEqual([task]);
  });

  it('find a room of screenshots on every day on which it had pictures, in any time zone', async () => {
    const midnight = Date.parse('2026-01-14') - NOW;
    await store.applyAll(OWNER, [
      picture('room', '1.jpg', midnight + 2 * HOUR),
      picture('room', '2.jpg', midnight + 17 * HOUR),
      picture('room', '3.jpg', midnight + 2 * DAY),
      picture('other', '4.jpg', midnight + 2 * HOUR),
    ]);
    const days = async (query: object) => {
      const from = ['2026-01-13', '2026-01-14', '2026-01-15', '2026-01-16', '2026-01-17'];
      const found = await Promise.all(
        from.slice(0, -1).map((day, index) => idsOf({ from: day, to: from[index + 1], ...query })),
      );
      return found.map((ids) => ids.toSorted());
    };
    expect(await days({})).toEqual([[], ['other', 'room'], [], ['room']]);
    // The second picture was taken at 01:00 of the next day, and the third at 08:00.
    expect(await days({ timeZone: 'Asia/Shanghai' })).toEqual([[], ['other', 'room'], ['room'], ['room']]);
    expect(await days({ timeZone: 'America/New_York' })).toEqual([['other', 'room'], ['room'], ['room'], []]);
    expect(await idsOf({ from: '2026-01-14', to: '2026-01-17', limit: '1' })).toEqual(['room', 'other']);
    const usage = await store.reader.usage(OWNER, {
      from: '2026-01-13',
      to: '2026-01-17',
      timeZone: 'Asia/Shanghai',
    });
    expect(usage.flatMap((page) => page.days.map(({ day, tasks, files }) => [day, tasks, files]))).toEqual([
      ['2026-01-16', 1, 1],
      ['2026-01-15', 1, 1],
      ['2026-01-14', 2, 2],
    ]);
  });

  it('keep what the filters say', async () => {
    await store.applyAll(OWNER, [
      startOf('runs', 0, { roomId: 'a' }),
      startOf('ended', 0, { roomId: 'b' }),
      endOf('ended', SECOND, { roomId: 'b' }),
      uploaded('ended', '1.mp4', SECOND, { roomId: 'b' }),
      uploadFailed('runs', '2.mp4', SECOND, { roomId: 'a' }),
      picture('room', '3.jpg', 0),
    ]);
    expect(await idsOf({ status: 'started' })).toEqual(['runs']);
    expect(await idsOf({ kind: 'screenshot' })).toEqual(['room']);
    expect(await idsOf({ roomId: 'b', limit: '1' })).toEqual(['ended']);
    expect(await idsOf({ label: 'lesson' })).toEqual([]);
    expect(await namesOf({ status: 'upload_failed' })).toEqual(['2.mp4']);
    expect(await namesOf({ roomId: 'b' })).toEqual(['1.mp4']);
    expect(await namesOf({ kind: 'screenshot' })).toEqual(['3.jpg']);
  });

  it('sum up the days, the duration of a file from its own start and end where the vendor gives none', async () => {
    const given = uploaded('task', 'given.mp4', 0);
    await store.applyAll(OWNER, [
      startOf('task', 0),
      { ...given, value: { ...given.value, durationMs: 5000, sizeBytes: 100 } },
      fileStart('task', 'own.mp4', -DAY),
      closed('task', 'own.mp4', -DAY + 7 * SECOND),
      uploadFailed('task', 'lost.mp4', -DAY),
      uploadFailed('task', 'failed.mp4', -DAY + SECOND),
    ]);
    const zero = { tasks: 0, files: 0, uploaded: 0, uploadFailed: 0, lost: 0, sizeBytes: 0, durationMs: 0 };
    const today = { ...zero, tasks: 1, files: 1, uploaded: 1, sizeBytes: 100, durationMs: 5000 };
    const yesterday = { ...zero, files: 3, uploadFailed: 1, lost: 1, durationMs: 7000 };
    const day = (at: number) => iso(at).slice(0, 10);
    expect(await store.reader.usage(OWNER)).toEqual([
      {
        days: [
          { day: day(0), ...today },
          { day: day(-DAY), ...yesterday },
        ],
        total: {
          ...zero,
          tasks: 1,
          files: 4,
          uploaded: 1,
          uploadFailed: 1,
          lost: 1,
          sizeBytes: 100,
          durationMs: 12_000,
        },
      },
    ]);
    expect(await store.reader.usage(OWNER, { limit: '1' })).toMatchObject([
      { days: [today], total: today, next: expect.any(String) },
      { days: [yesterday], total: yesterday },
    ]);
    expect(await store.reader.usage(OWNER, { kind: 'screenshot' })).toEqual([{ days: [], total: zero }]);
  });

  it.each<[string, Record<string, string>]>([
    ['vendor', { vendor: 'aws' }],
    ['appId', { appId: '' }],
    ['from', { from: 'yesterday' }],
    ['from', { from: '2026-02-30' }],
    ['from', { from: '2026-01-16', to: '2026-01-15' }],
    ['to', { to: '2026-01-15T25:00:00Z' }],
    ['timeZone', { timeZone: 'Mars/Olympus' }],
    ['limit', { limit: '501' }],
    ['cursor', { cursor: 'abc' }],
    ['kind', { kind: 'film' }],
    ['stauts', { stauts: 'lost' }],
  ])('refuse a wrong %s by its name: %o', async (name, wrong) => {
    for (const resource of ['tasks', 'files', 'usage'] as const) {
      const { status, body } = await ask(resource, { vendor: OWNER.vendor, appId: OWNER.appId, ...wrong });
      expect([status, Reflect.get(body, 'reason').split(' ')[0]]).toEqual([400, name]);
    }
  });

  describe('the apps', () => {
    it('are those that have sent callbacks', async () => {
      expect(await ask('apps', {})).toEqual({ status: 200, body: { apps: [] } });
    });
  });
});
