import { beforeEach, expect, it, vi } from 'vitest';
import { createLabelReader, type ReadLabels } from '../../lib/changes/labels.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import { type ReadTable, tableReader } from '../../lib/platform/aws/table-reader.ts';
import type { ChangeEvent } from '../../types/index.d.ts';
import { NOW, ownerOf, SECOND } from '../support/callbacks.ts';
import { type StreamedTable, streamedTable } from '../support/change-stream.ts';
import { describeOnEngines } from '../support/engines.ts';
import { closed, endOf, fileStart, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { published } from '../support/published.ts';
import { EXPECT, WITHDRAW, writeApi } from '../support/write-api.ts';

const OWNER = ownerOf('rongcloud');
const LIFE = [
  startOf('task', 0),
  fileStart('task', 'a.mp4', 0),
  closed('task', 'a.mp4', SECOND),
  uploadFailed('task', 'a.mp4', 2 * SECOND),
  endOf('task', 3 * SECOND),
  uploaded('task', 'a.mp4', 4 * SECOND),
];

describeOnEngines('the label in change events', (engine) => {
  let table: StreamedTable;
  let time: number;
  let operations: string[];
  let labels: ReadLabels;
  beforeEach(async () => {
    table = await streamedTable(engine);
    time = NOW;
    operations = [];
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const read = tableReader('us-east-1', engine.endpoint);
    const counting: ReadTable = (operation, input) => {
      operations.push(operation);
      return read(operation, input);
    };
    labels = createLabelReader(counting, table.tableName, () => time);
    return () => table.close();
  });

  const live = async () => {
    const ledger = createLedger(table.client, table.tableName);
    for (const observation of LIFE) await ledger.apply(OWNER, observation);
  };
  const expectTask = (body: object) => writeApi(table).request(EXPECT, body, 0, { ...OWNER, taskId: 'task' });
  const events = async (from = 0, batchSize = 100) =>
    published((await table.records()).slice(from), [], batchSize, labels);
  const labelsIn = (sent: ChangeEvent[]) =>
    sent.map(({ data }) => ('task' in data ? data.task.label : undefined));

  it('is in every event of the task, of its files and of their attention items', async () => {
    await expectTask({ label: 'lesson-7' });
    await live();
    const sent = await events();
    const types = ['rtc.task.expected', 'rtc.file.uploaded', 'rtc.attention.raised', 'rtc.attention.cleared'];
    expect(sent.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
    expect(new Set(labelsIn(sent))).toEqual(new Set(['lesson-7']));
  });

  it('is left out of events of tasks without one, also after it was withdrawn, and costs no reads', async () => {
    await live();
    expect(new Set(labelsIn(await events(0, 1)))).toEqual(new Set([undefined]));
    time += 59 * SECOND;
    await events(0, 1);
    expect(operations).toEqual(['Query']);
    await expectTask({ label: 'lesson-7' });
    await writeApi(table).request(WITHDRAW, {}, 1, { ...OWNER, taskId: 'task/expected' });
    time += SECOND;
    const files = (await events()).filter(({ type }) => type.startsWith('rtc.file'));
    expect(new Set(labelsIn(files))).toEqual(new Set([undefined]));
  });

  it('is seen with the first label of an app, whenever the apps were read', async () => {
    const ledger = createLedger(table.client, table.tableName);
    await ledger.apply(OWNER, uploaded('earlier', 'a.mp4', 0));
    await events();
    const before = (await table.records()).length;
    await expectTask({ label: 'lesson-7' });
    await live();
    expect(new Set(labelsIn(await events(before, 1)))).toEqual(new Set(['lesson-7']));
  });
});
