import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, test, vi } from 'vitest';
import { csvRecord } from '../../cli/csv.ts';
import { fitted, textTable } from '../../cli/output.ts';
import { anyText } from '../support/any-text.ts';
import { post, readWhen, request, sample, sourceNamed } from '../support/stack-client.ts';
import { runTool, runToolForJson, startTool } from '../support/tool.ts';

const recording = sourceNamed('rongcloud-recording');
const OWNER = ['--vendor', 'rongcloud', '--app', recording.appId];

const onStack = (...args: string[]): string[] => [...args, '--url', inject('stackUrl')];

/** The records of a text of RFC 4180. */
function csvRecords(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    records.push(cells);
    cells = [];
  }
  return records;
}

test('whatever is in the cells, CSV holds it', () => {
  const cell = fc.oneof(anyText(), fc.constantFrom('', '"', ',', '\r\n', '\n', 'a,"b"\r'));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 })), (records) => {
      expect(csvRecords(records.map(csvRecord).join(''))).toEqual(records);
    }),
  );
});

describe('a table', () => {
  test('is as wide as the terminal at most, and cuts the widest cells only', () => {
    const cell = fc.string({ maxLength: 200, unit: fc.constantFrom('a', 'b', '直') });
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.integer({ min: 20, max: 120 }), (rows, columns) => {
        const shown = fitted(['a', 'b', 'c'], rows, columns);
        for (const line of textTable(['a', 'b', 'c'], shown).split('\n'))
          expect(line.length + line.replaceAll(/[^直]/g, '').length).toBeLessThanOrEqual(columns);
      }),
    );
    expect(fitted(['a', 'b'], [['x'.repeat(3_000), 'short']], 20)).toEqual([[`${'x'.repeat(12)}…`, 'short']]);
  });

  test('without a terminal does not pad every row to a long id', () => {
    const lines = textTable(
      ['a', 'b'],
      [
        ['x'.repeat(3_000), '1'],
        ['y', '2'],
      ],
    ).split('\n');
    expect(lines[2]).toBe(`${'x'.repeat(3_000)}  1`);
    expect(lines[3]?.length).toBeLessThan(100);
  });
});

/** A room with a recording that has its file and one that lost it; both are of now. */
async function roomOfTwo() {
  const [roomId, whole, lost] = [`room "1", ${randomUUID()}`, randomUUID(), randomUUID()];
  for (const [recordId, event] of [
    [whole, 'upload'],
    [lost, 'upload-failed'],
  ] as const) {
    const set = new Map(Object.entries({ recordId, roomId, 'output.fileName': `${recordId}.mp4` }));
    await post(recording, sample(recording, 'start', { set }));
    await post(recording, sample(recording, event, { set }));
    const path = `/tasks/rongcloud/${recording.appId}/${recordId}?events=true`;
    await readWhen(path, ({ body }) => expect(body.events).toHaveLength(2));
  }
  return { roomId, whole, lost };
}

const RANGE = ['--since', '2d', '--to', '9000-01-01'];

test('tasks and files are listed by room, the recordings without a file alone', async () => {
  const { roomId, whole, lost } = await roomOfTwo();
  const ofRoom = [...OWNER, ...RANGE, '--room', roomId];
  const tasks = async (...args: string[]) => {
    const list = onStack('tasks', 'list', ...ofRoom, ...args);
    return (await runToolForJson<{ tasks: { taskId: string }[] }>(list)).tasks.map(({ taskId }) => taskId);
  };
  expect((await tasks()).toSorted()).toEqual([whole, lost].toSorted());
  expect(await tasks('--without-file')).toEqual([lost]);
  expect(await tasks('--limit', '1')).toHaveLength(1);
  expect(await tasks('--kind', 'live')).toEqual([]);

  const failed = onStack('files', 'list', ...ofRoom, '--status', 'upload_failed', '--csv');
  const { code, stdout, stderr } = await runTool(failed);
  const [head = [], ...rows] = csvRecords(stdout);
  expect([code, stderr]).toEqual([0, '']);
  expect(rows.map((row) => Object.fromEntries(row.map((cell, index) => [head[index], cell])))).toEqual([
    expect.objectContaining({ taskId: lost, name: `${lost}.mp4`, roomId, status: 'upload_failed' }),
  ]);

  const room = await runToolForJson<{ files: { taskId: string }[] }>(
    onStack('rooms', 'show', 'rongcloud', recording.appId, roomId, '--files'),
  );
  expect(room.files.map(({ taskId }) => taskId).toSorted()).toEqual([whole, lost].toSorted());
  const none = onStack('rooms', 'show', 'rongcloud', recording.appId, roomId, '--session', 'another');
  expect((await runToolForJson<{ tasks: object[] }>(none)).tasks).toEqual([]);
});

test('without an app all of them are read, and usage has their days and the total', async () => {
  await roomOfTwo();
  const { apps } = await runToolForJson<{ apps: { appId: string }[] }>(onStack('apps'));
  expect(apps.map(({ appId }) => appId)).toContain(recording.appId);
  interface Sums {
    appId: string;
    files: number;
  }
  const { usage, total } = await runToolForJson<{ usage: Sums[]; total: Sums }>(onStack('usage', ...RANGE));
  expect(usage.find(({ appId }) => appId === recording.appId)?.files).toBeGreaterThanOrEqual(2);
  expect(total.files).toBe(usage.reduce((sum, { files }) => sum + files, 0));
  const table = await runTool(onStack('usage', ...RANGE, '--time-zone', 'Asia/Shanghai'));
  expect([table.code, table.stdout]).toEqual([0, expect.stringMatching(/^vendor +app +day +tasks/)]);
});

test('expected tasks are listed by status and label', async () => {
  const [taskId, label] = [randomUUID(), `lesson ${randomUUID()}`];
  const path = `/tasks/rongcloud/${recording.appId}/${taskId}`;
  await request(path, { method: 'PUT', body: JSON.stringify({ label }) });
  const list = async (...args: string[]) => {
    const all = onStack('tasks', 'list', ...OWNER, ...RANGE, '--label', label, ...args);
    return (await runToolForJson<{ tasks: { taskId: string; status: string }[] }>(all)).tasks;
  };
  await vi.waitFor(async () => expect(await list('--status', 'expected')).toHaveLength(1), 100_000);
  expect(await list()).toMatchObject([{ taskId, status: 'expected', label }]);
  await post(recording, sample(recording, 'start', { set: new Map([['recordId', taskId]]) }));
  await vi.waitFor(async () => expect(await list('--status', 'started')).toHaveLength(1), 100_000);
  expect(await list('--status', 'expected')).toEqual([]);
});

test('filling the lists of a table that has them changes nothing, and may be stopped', async () => {
  await roomOfTwo();
  const counts = await runToolForJson<{ read: number; placed: number }>(onStack('lists', 'fill'));
  expect(counts).toEqual({ read: expect.any(Number), placed: 0 });
  expect(counts.read).toBeGreaterThan(4);
  const tool = startTool(onStack('lists', 'fill'));
  tool.interrupt();
  expect(await tool.ended).toBe(130);
  expect(tool.stderr()).toContain('Stopped. Run it again');
});

test.each([
  [['--status', 'nonsense'], 2, 'status must be one of'],
  [['--from', '2026-01-32'], 2, 'from must be a date'],
  [['--since', '1d', '--from', '2026-01-01'], 2, 'not both'],
  [['--csv', '--json'], 2, 'not both'],
  [['--limit', '0'], 2, '--limit'],
  [['--without-file', '--kind', 'live'], 2, '--without-file'],
])('tasks list %j ends with code %i', async (args, expected, text) => {
  const { code, stderr } = await runTool(onStack('tasks', 'list', ...OWNER, ...args));
  expect([code, stderr]).toEqual([expected, expect.stringContaining(text)]);
});

test('an app that has sent nothing is not found', async () => {
  const { code, stderr } = await runTool(onStack('files', 'list', '--app', 'no-such-app'));
  expect([code, stderr]).toEqual([3, expect.stringContaining('no-such-app')]);
});

test('Ctrl-C ends a list with its own code', async () => {
  const tool = startTool(onStack('files', 'list', ...OWNER, '--csv'));
  tool.interrupt();
  expect([await tool.ended, tool.stderr()]).toEqual([130, expect.stringContaining('not whole')]);
});

test('ids may begin with dashes, wherever the options are', async () => {
  const tencent = sourceNamed('tencent');
  for (const id of [`-m9-${randomUUID()}`, `--${randomUUID()}`, `-hV${randomUUID()}`]) {
    const set = new Map([['EventInfo.TaskId', id]]);
    await post(tencent, sample(tencent, 'recording-start', { set }));
    const path = `/tasks/tencent/${tencent.appId}/${id}?events=true`;
    await readWhen(path, ({ body }) => expect(body.events).toHaveLength(1));
    const ids = ['tencent', tencent.appId, id];
    for (const args of [
      ['tasks', 'show', ...ids, '--events'],
      ['tasks', 'show', '--events', ...ids],
    ]) {
      const answer = await runToolForJson(onStack(...args));
      expect(answer).toMatchObject({ task: { taskId: id }, events: [{}] });
    }
  }
  const misspelt = await runTool(onStack('tasks', 'list', '--kinds', 'live'));
  expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining('--kinds')]);
});
