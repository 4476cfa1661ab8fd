import { expect, test } from 'vitest';
import type { BusEntry, PutResult } from '../../lib/changes/bus.ts';
import type { ReadLabels } from '../../lib/changes/labels.ts';
import { publishChanges, type StreamRecord } from '../../lib/changes/publish.ts';
import { facetUpdate } from '../../lib/ledger/updates.ts';
import type { LogFields } from '../../lib/platform/log.ts';
import type { ChangeEvent, FileChangeEvent } from '../../types/index.d.ts';
import { NOW, ownerOf } from '../support/callbacks.ts';
import { roomObservation, startOf, uploaded, uploadFailed } from '../support/observations.ts';

const OWNER = ownerOf('rongcloud');
const SETTINGS = { busName: 'bus', source: '/rtc-callbacks/test' };
const BYTES = 256 * 1024;

const WRITTEN_AT = Date.UTC(2026, 0, 15, 13);

type Observed = Parameters<typeof facetUpdate>[1];

/** The stream record of an item's first write. */
function recordOf(observation: Observed, sequenceNumber: number, url?: string): StreamRecord {
  const value = url === undefined ? observation.value : { ...observation.value, url };
  const {
    Key,
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  } = facetUpdate(OWNER, { ...observation, value } as Observed);
  const image: Record<string, unknown> = { ...Key };
  for (const name of ['#facet', '#order'])
    image[names[name] ?? ''] = values[name === '#facet' ? ':value' : ':order'];
  for (const name of ['attention', 'attentionAt', 'failedSince']) {
    if (values[`:${name}`]) image[name] = values[`:${name}`];
  }
  // Earlier versions stored values of any size.
  const { at, facet } = observation;
  image[facet] = { S: JSON.stringify({ at, ...value }) };
  return {
    dynamodb: {
      SequenceNumber: String(sequenceNumber),
      ApproximateCreationDateTime: WRITTEN_AT / 1000 + 0.5,
      NewImage: image,
    },
  };
}

function uploads(count: number, url?: string): StreamRecord[] {
  return Array.from({ length: count }, (_, index) =>
    recordOf(uploaded('task', `${index}.mp4`, 0), index + 1, url),
  );
}

/** A bus that answers each call as given. */
function busOf(
  answer: (entries: readonly BusEntry[], call: number) => PutResult = (entries) =>
    entries.map(() => undefined),
  labels: ReadonlyMap<string, string> = new Map(),
) {
  const calls: BusEntry[][] = [];
  const lines: { level: string; message: string; fields: LogFields }[] = [];
  let time = NOW;
  const services = {
    labels: async () => labels,
    put: async (entries: readonly BusEntry[]) => {
      calls.push([...entries]);
      return answer(entries, calls.length - 1);
    },
    log: (level: string, message: string, fields: LogFields) => void lines.push({ level, message, fields }),
    now: () => time,
    pause: async (ms: number) => {
      time += ms;
    },
  };
  return {
    calls,
    lines,
    publish: (records: StreamRecord[], ms = 10_000, read: ReadLabels = services.labels) =>
      publishChanges(records, { ...services, labels: read }, SETTINGS, time + ms),
    events: () => calls.flat().map(({ Detail }) => JSON.parse(Detail) as ChangeEvent),
  };
}

test('while labels cannot be read, the whole batch comes again', async () => {
  const bus = busOf();
  const fail = async () => {
    throw new Error('The table is out.');
  };
  expect(await bus.publish(uploads(3), 10_000, fail)).toBe('1');
  expect([bus.calls, bus.lines[0]?.level]).toEqual([[], 'error']);
});

test('an event that is too large keeps its label', async () => {
  const bus = busOf(undefined, new Map([['task#rongcloud#e0x9wycfx7flq#task', 'lesson-7']]));
  await bus.publish(uploads(1, 'u'.repeat(BYTES)));
  expect(bus.events()).toMatchObject([{ truncated: true, data: { task: { label: 'lesson-7' } } }]);
});

test('an event is a CloudEvents 1.0 event, and its entry can be matched by rules', async () => {
  const bus = busOf();
  const name = 'a/b#ü.mp4';
  expect(await bus.publish([recordOf(uploadFailed('task 1', name, 0, { code: 20001 }), 7)])).toBeUndefined();
  expect(bus.calls).toEqual([
    [
      {
        Source: 'rtc-callbacks',
        DetailType: 'rtc.file.upload_failed',
        EventBusName: 'bus',
        Detail: expect.any(String),
      },
      expect.objectContaining({ DetailType: 'rtc.attention.raised' }),
    ],
  ]);
  const [failed, raised] = bus.events();
  const common = {
    specversion: '1.0',
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    source: `/rtc-callbacks/test/rongcloud/${OWNER.appId}`,
    datacontenttype: 'application/json',
    sequence: '7'.padStart(40, '0'),
  };
  const subject = `tasks/task%201/files/${encodeURIComponent(name)}`;
  const data = {
    file: {
      ...OWNER,
      taskId: 'task 1',
      name,
      kind: 'recording',
      status: 'upload_failed',
      code: 20001,
      failedAt: '2026-01-15T12:00:00.000Z',
      purgeAt: '2026-01-16T12:00:00.000Z',
      lastEventAt: '2026-01-15T12:00:00.000Z',
    },
    task: { ...OWNER, taskId: 'task 1', kind: 'recording' },
  };
  const time = '2026-01-15T12:00:00.000Z';
  expect(failed).toEqual({ ...common, type: 'rtc.file.upload_failed', subject, time, data });
  expect(raised).toEqual({
    ...common,
    type: 'rtc.attention.raised',
    subject: `${subject}/attention`,
    time: '2026-01-15T13:00:00.000Z',
    data: { ...data, reason: 'upload_failed', since: time },
  });
  expect(raised?.id).not.toBe(failed?.id);
});

test('items that are none of a task, a file, a room or an app make no events', async () => {
  const bus = busOf();
  const { NewImage = {} } = recordOf(startOf('task', 0), 1).dynamodb ?? {};
  const others = [
    { pk: { S: 'task#rongcloud#app#task' }, sk: { S: 'event#000000000000000#0' } },
    { pk: { S: 'credential#rongcloud#app#5bd5' }, sk: { S: 'head' } },
    { pk: { S: 'spill#1' }, sk: { S: 'head' } },
    { pk: { S: 'body#1' }, sk: { S: 'head' } },
  ];
  const records = others.map((keys) => ({
    dynamodb: { SequenceNumber: '1', NewImage: { ...NewImage, ...keys } },
  }));
  await bus.publish([...records, { dynamodb: { SequenceNumber: '2', OldImage: NewImage } }, {}]);
  expect(bus.calls).toEqual([]);
});

test('ten entries and 256 KB at most go in one call, in their order', async () => {
  const many = busOf();
  await many.publish(uploads(23));
  expect(many.calls.map((call) => call.length)).toEqual([10, 10, 3]);
  expect(many.events().map(({ sequence }) => Number(sequence))).toEqual(
    Array.from({ length: 23 }, (_, index) => index + 1),
  );

  const large = busOf();
  await large.publish(uploads(5, `https://example.com/${'x'.repeat(100_000)}`));
  expect(large.calls.map((call) => call.length)).toEqual([2, 2, 1]);
  for (const call of large.calls) {
    const bytes = call.map((entry) => Buffer.byteLength(entry.Source + entry.DetailType + entry.Detail));
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(BYTES);
  }
});

test('an event that no call takes is sent without its details', async () => {
  const bus = busOf();
  const running = startOf('task', 0);
  const { dynamodb } = recordOf(
    { ...running, value: { ...running.value, message: 'x'.repeat(BYTES) } } as Observed,
    5,
  );
  const entry = {
    watch: { S: 'overdue#1' },
    watchAt: { S: '2026-01-16T12:00:00.000Z' },
    watchReason: { S: 'task_silent' },
    watchSince: { S: '2026-01-15T12:00:00.000Z' },
  };
  const silent: StreamRecord = {
    dynamodb: { ...dynamodb, OldImage: dynamodb?.NewImage, NewImage: { ...dynamodb?.NewImage, ...entry } },
  };
  const records = [
    recordOf(uploaded('task', 'a.mp4', 0), 1, `https://example.com/${'x'.repeat(BYTES)}`),
    recordOf(
      {
        ...running,
        value: { ...running.value, message: 'x'.repeat(BYTES) },
      } as Observed,
      2,
    ),
    recordOf(roomObservation('room', 'open', 0, 'x'.repeat(BYTES)), 3),
    recordOf(uploadFailed('task', 'b.mp4', 0), 4, `https://example.com/${'x'.repeat(BYTES)}`),
    silent,
  ];
  await bus.publish(records);
  expect(bus.events().map(({ truncated, data }) => [truncated, data])).toMatchObject([
    [
      true,
      {
        file: { taskId: 'task', name: 'a.mp4', status: 'uploaded', uploadedAt: '2026-01-15T12:00:00.000Z' },
        task: { taskId: 'task' },
      },
    ],
    [true, { task: { taskId: 'task', status: 'started' }, files: [], otherFiles: { status: 'recording' } }],
    [true, { room: { roomId: 'room', status: 'open' } }],
    [true, { file: { name: 'b.mp4', status: 'upload_failed', purgeAt: '2026-01-16T12:00:00.000Z' } }],
    [true, { file: { name: 'b.mp4', purgeAt: '2026-01-16T12:00:00.000Z' }, reason: 'upload_failed' }],
    [true, { task: { taskId: 'task', status: 'started' }, files: [], reason: 'task_silent' }],
  ]);
  expect((bus.events()[0] as FileChangeEvent).data.file).not.toHaveProperty('url');
});

test('only the entries that failed are put again', async () => {
  const bus = busOf((entries, call) =>
    entries.map((_, index) => (call === 0 && index % 2 === 1 ? 'ThrottlingException' : undefined)),
  );
  expect(await bus.publish(uploads(4))).toBeUndefined();
  expect(bus.calls.map((call) => call.length)).toEqual([4, 2]);
});

test('what the bus does not take in time comes again, from the first record that failed', async () => {
  const bus = busOf((entries) =>
    entries.map(({ Detail }) => (Number(JSON.parse(Detail).sequence) > 11 ? 'InternalFailure' : undefined)),
  );
  expect(await bus.publish(uploads(25))).toBe('12');
  const taken = new Set(bus.events().map(({ sequence }) => Number(sequence)));
  expect(Math.max(...taken)).toBe(20);
  expect(bus.lines).toEqual([
    {
      level: 'error',
      message: 'changes',
      fields: { records: 25, events: 25, published: 10, reason: 'InternalFailure' },
    },
  ]);
});

test('a record that cannot be read holds nothing up, and its content reaches no log', async () => {
  const bus = busOf();
  const broken = {
    ...recordOf(uploaded('task', 'a.mp4', 0), 1).dynamodb?.NewImage,
    upload: { S: 'https://signed' },
  };
  const records = [{ dynamodb: { SequenceNumber: '1', NewImage: broken } }, ...uploads(1)];
  expect(await bus.publish(records)).toBeUndefined();
  expect(bus.calls.flat()).toHaveLength(1);
  expect(bus.lines[0]).toEqual({
    level: 'error',
    message: 'change_lost',
    fields: { sequenceNumber: '1', reason: 'SyntaxError', changesLost: 1 },
  });
});
