import { batchesOf, bodyAbout, recordAbout, recordOf } from './batches.ts';
import { sourceNamed, USUAL_CALLBACKS } from './callbacks.ts';
import { tableEnvironment } from './environments.ts';
import { packageForBench } from './packaged.ts';
import { startService, type WarmConsumer, warmConsumer } from './processes.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';
import { medianOf } from './statistics.ts';

const CALLBACKS = { usual: 20_000, full: 1_000_000 };

/** How often the memory is looked at. */
const STEPS = 20;

/** Callbacks that are made and handed over at once. */
const PORTION = 1_000;
const BATCH_SIZE = 10;

/** The largest batch of the largest bodies; compressed, Lambda hands it over in one piece. */
const LARGEST_BATCH = 100;
const LARGEST_BODY_BYTES = 1_048_576;

/** The consumer's memory on Lambda, in MB. */
const MEMORY_MB = 1_024;

/** JSON that takes a lot of memory or time to read, up to some number of bytes. */
const LARGE_CONTENTS: Readonly<Record<string, (bytes: number) => string>> = {
  text: (bytes) => `"${'x'.repeat(bytes - 2)}"`,
  'empty objects': (bytes) => `[${'{},'.repeat(bytes / 3 - 2)}{}]`,
  'small numbers and a long one': (bytes) => `[12345678901234567${',1'.repeat(bytes / 2 - 20)}]`,
};

export const memory: Part = {
  name: 'memory',
  method:
    'The heap of one packaged consumer that goes on and on, after a garbage collection, and the largest resident memory of one ' +
    `that applies a batch of ${LARGEST_BATCH} callbacks of 1 MiB; on a table that answers at once.`,
  run: measure,
};

async function measure({ full, progress }: RunOptions): Promise<PartResult> {
  progress('packaging the service');
  const service = await packageForBench();
  const engine = await startService('quick-table');
  const environment = tableEnvironment(service, 'consumer', engine.origin);
  const withConsumer = async (use: (consumer: WarmConsumer) => Promise<Figure[]>) => {
    const consumer = warmConsumer(service.bundleOf('consumer'), environment);
    return use(consumer).finally(() => consumer.stop());
  };
  const figures: Figure[] = [];
  try {
    for (const [name, content] of Object.entries(LARGE_CONTENTS)) {
      progress(`a batch of ${LARGEST_BATCH} callbacks of ${name}`);
      figures.push(...(await withConsumer((consumer) => largestBatch(consumer, name, content))));
    }
    const callbacks = full ? CALLBACKS.full : CALLBACKS.usual;
    figures.push(...(await withConsumer((consumer) => manyCallbacks(consumer, callbacks, progress))));
  } finally {
    await Promise.all([engine.stop(), service.remove()]);
  }
  return { distributions: [], figures };
}

async function largestBatch(
  consumer: WarmConsumer,
  name: string,
  content: (bytes: number) => string,
): Promise<Figure[]> {
  const [{ source, event }] = USUAL_CALLBACKS;
  const filling = JSON.parse(content(LARGEST_BODY_BYTES - 2_000));
  const records = Array.from({ length: LARGEST_BATCH }, (_, task) =>
    recordOf(sourceNamed(source), { ...bodyAbout(source, event, { task }), filling }),
  );
  const { largestBytes, errors, cpuMs } = await consumer.apply(batchesOf(records, LARGEST_BATCH));
  return [
    {
      what: `memory, ${LARGEST_BATCH} callbacks of 1 MiB of ${name}`,
      value: largestBytes / 1_048_576,
      unit: 'MB',
      target: { atMost: MEMORY_MB / 2 },
      note: `${errors} to be delivered again, ${(cpuMs / 1000).toFixed(1)} s of CPU time`,
    },
  ];
}

async function manyCallbacks(
  consumer: WarmConsumer,
  callbacks: number,
  progress: RunOptions['progress'],
): Promise<Figure[]> {
  const heaps: number[] = [];
  let errors = 0;
  for (let task = 0; task < callbacks; task += PORTION) {
    const applied = await consumer.apply(batchesOf(recordsFrom(task), BATCH_SIZE));
    errors += applied.errors;
    if ((task + PORTION) % (callbacks / STEPS) !== 0) continue;
    heaps.push(applied.memory.heapUsed / 1e6);
    progress(`${(task + PORTION).toLocaleString('en-US')} callbacks: ${heaps.at(-1)?.toFixed(1)} MB`);
  }
  const [early, late] = [medianOf(heaps.slice(0, STEPS / 2)), medianOf(heaps.slice(STEPS / 2))];
  return [
    {
      what: `heap, second half of ${callbacks.toLocaleString('en-US')} callbacks / first half`,
      value: late / early,
      unit: '×',
      target: { atMost: 1.1 },
      note: `${early.toFixed(1)} and ${late.toFixed(1)} MB`,
    },
    { what: 'callbacks that failed', value: errors, unit: '', target: { atMost: 0 } },
  ];
}

function recordsFrom(task: number) {
  const [{ source, event }] = USUAL_CALLBACKS;
  return Array.from({ length: PORTION }, (_, index) => recordAbout(source, event, { task: task + index }));
}
