import { batchesOf, recordAbout } from './batches.ts';
import { USUAL_CALLBACKS } from './callbacks.ts';
import { tableEnvironment } from './environments.ts';
import { packageForBench } from './packaged.ts';
import { startService, warmConsumer } from './processes.ts';
import type { Part, PartResult, RunOptions } from './report.ts';
import { medianOf } from './statistics.ts';

const CALLBACKS = { usual: 20_000, full: 1_000_000 };

/** How often the memory is looked at. */
const STEPS = 20;

/** Callbacks that are made and handed over at once. */
const PORTION = 1_000;
const BATCH_SIZE = 10;

export const memory: Part = {
  name: 'memory',
  method:
    'The heap of one packaged consumer that goes on and on, after a garbage collection, on a table that answers at once.',
  run: measure,
};

async function measure({ full, progress }: RunOptions): Promise<PartResult> {
  progress('packaging the service');
  const service = await packageForBench();
  const engine = await startService('quick-table');
  const environment = tableEnvironment(service, 'consumer', engine.origin);
  const product = warmConsumer(service.bundleOf('consumer'), environment);
  const callbacks = full ? CALLBACKS.full : CALLBACKS.usual;
  const heaps: number[] = [];
  let errors = 0;
  try {
    for (let task = 0; task < callbacks; task += PORTION) {
      const applied = await product.apply(batchesOf(recordsFrom(task), BATCH_SIZE));
      errors += applied.errors;
      if ((task + PORTION) % (callbacks / STEPS) !== 0) continue;
      heaps.push(applied.memory.heapUsed / 1e6);
      progress(`${(task + PORTION).toLocaleString('en-US')} callbacks: ${heaps.at(-1)?.toFixed(1)} MB`);
    }
  } finally {
    await Promise.all([product.stop(), engine.stop(), service.remove()]);
  }
  const [early, late] = [medianOf(heaps.slice(0, STEPS / 2)), medianOf(heaps.slice(STEPS / 2))];
  return {
    distributions: [],
    figures: [
      {
        what: `heap, second half of ${callbacks.toLocaleString('en-US')} callbacks / first half`,
        value: late / early,
        unit: '×',
        target: { atMost: 1.1 },
        note: `${early.toFixed(1)} and ${late.toFixed(1)} MB`,
      },
      { what: 'callbacks that failed', value: errors, unit: '', target: { atMost: 0 } },
    ],
  };
}

function recordsFrom(task: number) {
  const [{ source, event }] = USUAL_CALLBACKS;
  return Array.from({ length: PORTION }, (_, index) => recordAbout(source, event, { task: task + index }));
}
