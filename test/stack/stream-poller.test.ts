import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { startStreamPoller } from '../../stack/stream-poller.ts';
import type { StreamSource } from '../../stack/template.ts';

const SOURCE: StreamSource = {
  batchSize: 4,
  maximumRecordAgeSeconds: 60,
  bisectsBatch: true,
  reportsBatchItemFailures: true,
  patterns: [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'task#' }] } } } }],
};

function record(number: number, changes: Partial<DynamoDBRecord> = {}): DynamoDBRecord {
  return {
    eventName: 'INSERT',
    dynamodb: {
      SequenceNumber: String(number),
      Keys: { pk: { S: 'task#1' } },
      ApproximateCreationDateTime: Date.now() / 1000,
    },
    ...changes,
  };
}

type Batch = string[];

/** Runs records through the mapping, until record `last` is done, to a function that answers each batch as given. */
async function run(
  records: DynamoDBRecord[],
  last: string,
  answer: (batch: Batch, call: number) => unknown,
  source: Partial<StreamSource> = {},
): Promise<{ batches: Batch[]; lines: string[] }> {
  const [batches, lines]: [Batch[], string[]] = [[], []];
  const done = new Set<string>();
  const poller = startStreamPoller({
    source: { ...SOURCE, ...source },
    invoke: async ({ Records }: DynamoDBStreamEvent) => {
      const batch = Records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
      batches.push(batch);
      const result = await answer(batch, batches.length);
      if (result === null) for (const each of batch) done.add(each);
      return result;
    },
    log: (line) => lines.push(line),
  });
  for (const each of records) poller.add(each);
  await expect.poll(() => done.has(last)).toBe(true);
  await poller.stop();
  return { batches, lines };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => record(from + index));
const failure = (itemIdentifier: string) => ({ batchItemFailures: [{ itemIdentifier }] });

test('records come in order, as many at once as a batch takes', async () => {
  const { batches } = await run(numbers(1, 6), '6', () => null);
  expect(batches).toEqual([
    ['1', '2', '3', '4'],
    ['5', '6'],
  ]);
});

test('the function goes on at the record that it named', async () => {
  const { batches, lines } = await run(numbers(1, 4), '4', (_batch, call) =>
    call === 1 ? failure('3') : null,
  );
  expect(batches[0]).toEqual(['1', '2', '3', '4']);
  expect(batches[1]?.[0]).toBe('3');
  expect([...new Set(batches.flat())]).toEqual(['1', '2', '3', '4']);
  expect(lines).toHaveLength(1);
});

test('a batch that fails as a whole comes again in halves, and holds up those behind it', async () => {
  const { batches } = await run(numbers(1, 5), '5', (_batch, call) => {
    if (call <= 2) throw new Error('no answer');
    return null;
  });
  expect(batches.slice(0, 3)).toEqual([['1', '2', '3', '4'], ['1', '2'], ['1']]);
  expect(batches.slice(3).flat()).toEqual(['2', '3', '4', '5']);
});

test('an unknown sequence number fails the whole batch', async () => {
  const { batches } = await run(numbers(1, 2), '2', (_batch, call) => (call === 1 ? failure('') : null), {
    bisectsBatch: false,
  });
  expect(batches).toEqual([
    ['1', '2'],
    ['1', '2'],
  ]);
});

test('records that are too old are given up', async () => {
  const old = { ...record(1).dynamodb, ApproximateCreationDateTime: Date.now() / 1000 - 61 };
  const { batches, lines } = await run([record(1, { dynamodb: old }), record(2)], '2', (batch) => {
    if (batch.includes('1')) throw new Error('no answer');
    return null;
  });
  expect(batches.at(-1)).toEqual(['2']);
  expect(lines.at(-1)).toBe('1 stream records were given up');
});

test('only what a pattern asks for comes, and keys alone show what never would', async () => {
  const other = { ...record(2).dynamodb, Keys: { pk: { S: 'credential#1' } } };
  const records = [
    record(1),
    record(2, { eventName: 'REMOVE' }),
    record(3, { dynamodb: other, eventName: 'MODIFY' }),
  ];
  const { batches } = await run(records, '1', () => null);
  expect(batches).toEqual([['1']]);
  const wants = (patterns: object[], pk: string) =>
    startStreamPoller({ source: { ...SOURCE, patterns }, invoke: async () => null, log: () => {} }).wants({
      pk: { S: pk },
    });
  expect(wants(SOURCE.patterns, 'task#1')).toBe(true);
  expect(wants(SOURCE.patterns, 'credential#1')).toBe(false);
  expect(wants([{ eventName: ['INSERT'] }], 'credential#1')).toBe(true);
  expect(wants([], 'credential#1')).toBe(true);
});
