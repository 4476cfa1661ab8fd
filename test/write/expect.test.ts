import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { listTasks } from '../../lib/query/lists.ts';
import type { Task } from '../../types/index.d.ts';
import { HOUR, iso, NOW, ownerOf } from '../support/callbacks.ts';
import { faultyClient } from '../support/commands.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { endOf, fileStart, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { quickOrWhole } from '../support/suite.ts';
import { attentionItemsOf, DAY, MINUTE, settingsOf, startWatch } from '../support/watch.ts';
import { EXPECT, WITHDRAW, type WriteApi, writeApi } from '../support/write-api.ts';

const RONGCLOUD = ownerOf('rongcloud');
const IDS = { ...RONGCLOUD, taskId: 'task' };

describeOnEngines('an expected task', (engine) => {
  let store: FreshLedger;
  let api: WriteApi;
  beforeEach(async () => {
    store = await freshLedger(engine);
    api = writeApi(store);
  });

  const expectTask = (body: object | string, at: number) => api.request(EXPECT, body, at, IDS);
  const withdraw = (at: number) => api.request(WITHDRAW, {}, at, { ...RONGCLOUD, taskId: 'task/expected' });
  const taskIn = (answer: { body: object }) => (answer.body as { task: Task }).task;
  const names = (at: number) => attentionItemsOf(store.reader, at);

  it('is answered as it is known, and listed in its room', async () => {
    const body = {
      ...{ kind: 'recording', roomId: 'room', sessionId: 'session', label: 'lesson-7' },
      ...{ startedAt: '2026-01-15T10:00:00+02:00', expectedBy: iso(HOUR) },
    };
    const answer = await expectTask(body, 0);
    const sources = [{ from: 'backend', says: 'expected', at: iso(0) }];
    const task = { ...IDS, ...body, status: 'expected', startedAt: '2026-01-15T08:00:00.000Z', sources };
    expect(JSON.parse(JSON.stringify(answer))).toEqual({ status: 200, body: { task } });
    const [page] = await store.reader.room(RONGCLOUD, 'room');
    expect(page?.tasks).toMatchObject([{ taskId: 'task', status: 'expected', label: 'lesson-7' }]);
  });

  it('keeps its label, and is otherwise as its callbacks say', async () => {
    await expectTask({ kind: 'live', roomId: 'other', label: 'lesson-7' }, 0);
    await store.applyAll(RONGCLOUD, [startOf('task', MINUTE, { roomId: 'room' })]);
    const [page] = await store.reader.task(RONGCLOUD, 'task');
    const called = { kind: 'recording', roomId: 'room', status: 'started', startedAt: iso(MINUTE) };
    expect(page?.task).toMatchObject({ ...called, label: 'lesson-7' });
    const roomsOf = async (roomId: string) =>
      (await store.reader.room(RONGCLOUD, roomId))[0]?.tasks.length ?? 0;
    expect([await roomsOf('room'), await roomsOf('other')]).toEqual([1, 0]);
  });

  const listed = async (
    { client, tableName }: FreshLedger,
    from: number,
    to: number,
    label?: string,
    status?: string,
  ) => {
    const query = { ...RONGCLOUD, from: iso(from), to: iso(to), label, status };
    return (await listTasks(createLedgerTable(client, tableName), query, NOW)).tasks;
  };

  it('is listed by its label at its start, and yields its place to its first callback', async () => {
    await expectTask({ label: 'lesson-7', startedAt: iso(5 * HOUR) }, 0);
    expect(await listed(store, 5 * HOUR, 6 * HOUR, 'lesson-7')).toMatchObject([
      { taskId: 'task', status: 'expected' },
    ]);
    expect(await listed(store, 5 * HOUR, 6 * HOUR, 'lesson-8')).toEqual([]);
    expect(await listed(store, 0, 5 * HOUR)).toEqual([]);
    await expectTask({ label: 'lesson-7' }, HOUR);
    expect(await listed(store, 5 * HOUR, 6 * HOUR)).toEqual([]);
    expect(await listed(store, HOUR, 2 * HOUR)).toHaveLength(1);
    await store.applyAll(RONGCLOUD, [startOf('task', 8 * HOUR)]);
    expect(await listed(store, 0, 8 * HOUR)).toEqual([]);
    expect(await listed(store, 8 * HOUR, 9 * HOUR)).toMatchObject([{ status: 'started', label: 'lesson-7' }]);
  });

  it('is listed as expected until its first callback, and not among the others', async () => {
    await expectTask({ label: 'lesson-7', startedAt: iso(HOUR) }, 0);
    await store.applyAll(RONGCLOUD, [startOf('other', HOUR)]);
    const withStatus = async (status: string) =>
      (await listed(store, 0, DAY, undefined, status)).map(({ taskId }) => taskId);
    expect([await withStatus('expected'), await withStatus('started')]).toEqual([['task'], ['other']]);
    await store.applyAll(RONGCLOUD, [startOf('task', 2 * HOUR)]);
    expect([await withStatus('expected'), await withStatus('started')]).toEqual([[], ['task', 'other']]);
    expect(await listed(store, 0, DAY, 'lesson-7', 'started')).toHaveLength(1);
  });

  it('replaces what was expected before, also within a millisecond and by a clock that is behind', async () => {
    for (const [at, label] of [
      [1, 'first'],
      [1, 'second'],
      [0, 'third'],
      [1, 'a'],
      [1, 'b'],
      [-DAY, 'last'],
    ] as const)
      expect(taskIn(await expectTask({ label }, at))).toMatchObject({ label });
    const { roomId } = taskIn(await expectTask({ roomId: 12345678901234567890n.toString() }, 2));
    expect(roomId).toBe('12345678901234567890');
    expect(taskIn(await expectTask('{"roomId":12345678901234567890}', 3))).toMatchObject({
      roomId: '12345678901234567890',
    });
    expect(taskIn(await expectTask({}, 4))).toEqual(
      expect.not.objectContaining({ label: expect.anything() }),
    );
  });

  it('is withdrawn: then only callbacks know it', async () => {
    expect((await withdraw(0)).status).toBe(404);
    await expectTask({ roomId: 'room' }, 1);
    expect(await withdraw(2)).toEqual({ status: 200, body: {} });
    expect(await store.reader.task(RONGCLOUD, 'task')).toEqual([]);
    expect((await store.reader.room(RONGCLOUD, 'room'))[0]?.tasks ?? []).toEqual([]);
    expect((await withdraw(3)).status).toBe(404);
    await startWatch(store).run(DAY);
    expect(await names(DAY)).toEqual([]);
    await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
    expect(taskIn(await expectTask({ label: 'x' }, 4))).toMatchObject({ status: 'started', label: 'x' });
    expect(await withdraw(5)).toMatchObject({ status: 200, body: { task: { status: 'started' } } });
  });

  it('is deleted by nothing but …/expected', async () => {
    await expectTask({}, 0);
    expect((await api.request(WITHDRAW, {}, 1, IDS)).status).toBe(404);
    // As long as the right one.
    expect((await api.request(WITHDRAW, {}, 1, { ...IDS, taskId: 'task/callback' })).status).toBe(404);
    expect((await api.request(EXPECT, {}, 1, { ...IDS, vendor: 'agora' })).status).toBe(404);
  });

  describe('whose first callback does not come', () => {
    const cases: [string, object, due: number][] = [
      ['is an attention item when your backend says', { expectedBy: iso(3 * HOUR) }, 3 * HOUR],
      ['else 15 minutes after its start', { startedAt: iso(HOUR) }, HOUR + 15 * MINUTE],
      ['else 15 minutes after the request', {}, 15 * MINUTE],
    ];
    it.each(cases)('%s', async (_, body, due) => {
      await expectTask({ ...body, label: 'lesson-7' }, 0);
      const { run } = startWatch(store);
      await run(5 * MINUTE);
      await run(due - 1);
      expect(await names(due - 1)).toEqual([]);
      expect(await run(due)).toMatchObject({ callback_missing: 1, raised: 1 });
      expect(await names(due)).toEqual(['callback_missing task']);
      const [page] = await store.reader.attention();
      expect(page?.tasks).toMatchObject([{ id: expect.any(String), label: 'lesson-7', status: 'expected' }]);
      await store.applyAll(RONGCLOUD, [startOf('task', due)]);
      expect(await names(due)).toEqual([]);
    });

    it.each([
      ['a start', startOf('task', 0)],
      ['an end', endOf('task', 0)],
      ['a file', fileStart('task', 'a', 0)],
    ])('is heard of by %s, before or after', async (_, observation) => {
      const { run } = startWatch(store);
      const missing = (at: number) => run(at).then((result) => result.callback_missing);
      await store.applyAll(RONGCLOUD, [observation]);
      await expectTask({}, 0);
      expect(await missing(HOUR)).toBe(0);
      store = await freshLedger(engine);
      await writeApi(store).request(EXPECT, {}, 0, IDS);
      await startWatch(store).run(HOUR);
      expect(await names(HOUR)).toEqual(['callback_missing task']);
      await store.applyAll(RONGCLOUD, [observation]);
      expect(await names(HOUR)).not.toContain('callback_missing task');
      expect(await startWatch(store).run(HOUR + 1)).toMatchObject({ callback_missing: 0 });
    });

    it('is expected later when your backend says so', async () => {
      const { run } = startWatch(store);
      await expectTask({}, 0);
      await run(HOUR);
      await expectTask({ expectedBy: iso(2 * HOUR) }, HOUR + 1);
      expect(await names(HOUR + 1)).toEqual([]);
      await run(2 * HOUR - 1);
      expect(await names(2 * HOUR - 1)).toEqual([]);
      await expectTask({ expectedBy: iso(HOUR) }, 2 * HOUR - 1);
      await run(2 * HOUR - 1);
      expect(await names(2 * HOUR)).toEqual(['callback_missing task']);
    });
  });

  it('does not hide the silence of a task that has started', async () => {
    await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
    await expectTask({ expectedBy: iso(30 * DAY) }, HOUR);
    const { run } = startWatch(store);
    await run(HOUR);
    await run(DAY);
    expect(await names(DAY)).toEqual(['task_silent task']);
    await expectTask({ label: 'x' }, DAY);
    await run(DAY + 1);
    expect(await names(DAY + 1)).toEqual(['task_silent task']);
  });

  describe('is refused', () => {
    const cases: [object | string, RegExp][] = [
      [{ kind: 'film' }, /^kind must be one of recording, /],
      [{ roomId: {} }, /^roomId must be a text/],
      [{ sessionId: '' }, /^sessionId must/],
      [{ label: 'x'.repeat(257) }, /^label must be a text of 1 to 256/],
      [{ startedAt: '2026-01-15' }, /^startedAt must be an ISO 8601 time/],
      [{ startedAt: '2026-13-45T10:00:00Z' }, /^startedAt must/],
      [{ expectedBy: 1_768_000_000 }, /^expectedBy must/],
      [{ lable: 'x' }, /^lable is not a field/],
      [[], /^the body must be a JSON object/],
      ['{', /^the body must be a JSON object/],
    ];
    it.each(cases)('%j', async (body, reason) => {
      expect(await expectTask(body, 0)).toEqual({
        status: 400,
        body: { code: 400, reason: expect.stringMatching(reason) },
      });
      expect(await store.reader.task(RONGCLOUD, 'task')).toEqual([]);
    });
  });

  type Step =
    | { is: 'callback'; index: number }
    | { is: 'put'; body: object }
    | { is: 'delete' }
    | { is: 'watch' };

  const CALLBACKS: readonly Observation[] = [
    startOf('task', HOUR, { roomId: 'a' }),
    startOf('task', HOUR + 1, { roomId: 'b' }),
    endOf('task', 2 * HOUR, { file: { name: 'x' } }),
    fileStart('task', 'x', HOUR),
    uploadFailed('task', 'x', 3 * HOUR, { roomId: 'a' }),
    uploaded('task', 'x', 4 * HOUR),
  ];
  const room = fc.constantFrom(undefined, 'a', 'b', 'z');
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ is: fc.constant('callback' as const), index: fc.nat({ max: CALLBACKS.length - 1 }) }),
    fc.record({
      is: fc.constant('put' as const),
      body: fc.record({ roomId: room, label: fc.constantFrom(undefined, 'one', 'two') }),
    }),
    fc.constant({ is: 'delete' as const }),
    fc.constant({ is: 'watch' as const }),
  );

  /** What readers see in the end. */
  async function seen({ reader, ...table }: FreshLedger): Promise<object> {
    const watch = startWatch(table, settingsOf({}, Number.POSITIVE_INFINITY));
    await watch.run(9 * DAY);
    await watch.run(9 * DAY + 1);
    const rooms = await Promise.all(['a', 'b', 'z'].map((id) => reader.room(RONGCLOUD, id)));
    const answers = {
      task: await reader.task(RONGCLOUD, 'task'),
      rooms: rooms.map((pages) => pages.flatMap(({ tasks }) => tasks)),
      listed: await listed({ reader, ...table }, -DAY, 9 * DAY),
      attention: await attentionItemsOf(reader, 9 * DAY),
    };
    return JSON.parse(JSON.stringify(answers));
  }

  it('converges with callbacks and the watch in any order, repeated and with faults', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 12 }),
        async (steps, faults) => {
          const tested = await freshLedger(engine);
          const client = faultyClient(engine.connect(), (_command, count) => faults[count]);
          const faulty = writeApi({ ...tested, client });
          for (const [index, one] of steps.entries()) {
            const at = index * MINUTE;
            if (one.is === 'callback')
              await tested.applyAll(RONGCLOUD, [CALLBACKS[one.index] as Observation]);
            if (one.is === 'watch') await startWatch(tested).run(at);
            if (one.is === 'put') await untilAnswered(() => faulty.request(EXPECT, one.body, at, IDS));
            if (one.is === 'delete')
              await untilAnswered(() =>
                faulty.request(WITHDRAW, {}, at, { ...IDS, taskId: 'task/expected' }),
              );
          }
          client.destroy();

          const reference = await freshLedger(engine);
          const called = new Set(steps.flatMap((one) => (one.is === 'callback' ? one.index : [])));
          await reference.applyAll(
            RONGCLOUD,
            CALLBACKS.filter((_, index) => called.has(index)),
          );
          const last = steps.findLastIndex(({ is }) => is === 'put' || is === 'delete');
          const said = steps[last];
          if (said?.is === 'put') await writeApi(reference).request(EXPECT, said.body, last * MINUTE, IDS);
          expect(await seen(tested)).toEqual(await seen(reference));
        },
      ),
      { numRuns: runsOn(engine, quickOrWhole(5, 15)) },
    ));

  /** A client sends a request again that failed. */
  async function untilAnswered(send: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        return void (await send());
      } catch {}
    }
  }
});
