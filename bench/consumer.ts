import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchesOf, bodyAbout, type QueueRecord, recordAbout, recordOf } from './batches.ts';
import { sourceNamed, USUAL_CALLBACKS } from './callbacks.ts';
import { type Counts, startCountingProxy } from './counting-proxy.ts';
import { bundleBaseline, type PackagedService, packageForBench } from './packaged.ts';
import { firstCall, type ServiceProcess, startService, type WarmConsumer, warmConsumer } from './processes.ts';
import type { Distribution, Figure, Part, PartResult, RunOptions } from './report.ts';
import { medianOf, percentilesOf } from './statistics.ts';
import { clientOf, consumerEnvironment, newLedgerTable } from './tables.ts';

const BATCH_SIZES = [10, 100];
const ROUNDS = 10;
const CALLBACKS_PER_ROUND = 300;
const STARTS = 11;

/** Credential, state and event. */
const WRITES_PER_CALLBACK = 3;

const SOURCE = USUAL_CALLBACKS[0];

export const consumer: Part = {
  name: 'consumer',
  method:
    'The packaged consumer and as many plain UpdateItem calls, batch by batch in turns, on one dynalite in another process; ' +
    'write units and calls are counted by a proxy that asks for the consumed capacity.',
  run: measure,
};

async function measure(options: RunOptions): Promise<PartResult> {
  options.progress('packaging the service');
  const service = await packageForBench();
  const table = await startService('table');
  try {
    const throughput = await measureThroughput(service, table, options);
    const counts = await countWrites(service, table, options);
    const starts = await measureStarts(service, table, options);
    return {
      distributions: [...throughput.distributions, ...starts.distributions],
      figures: [...throughput.figures, ...counts, ...starts.figures],
    };
  } finally {
    await Promise.all([table.stop(), service.remove()]);
  }
}

async function measureThroughput(
  service: PackagedService,
  { origin }: ServiceProcess,
  { progress }: RunOptions,
): Promise<PartResult> {
  const client = clientOf(origin);
  const tableName = await newLedgerTable(client);
  const bareTable = await newLedgerTable(client);
  client.destroy();
  const product = warmConsumer(service.bundleOf('consumer'), consumerEnvironment(origin, tableName));
  const bare = warmConsumer(await bundleBaseline('update-items'), {
    ...consumerEnvironment(origin, bareTable),
    UPDATES_PER_RECORD: String(WRITES_PER_CALLBACK),
  });
  const result: PartResult = { distributions: [], figures: [] };
  let task = 0;
  const nextRecords = (): QueueRecord[] =>
    Array.from({ length: CALLBACKS_PER_ROUND }, () => {
      task += 1;
      return recordAbout(SOURCE.source, SOURCE.event, { task });
    });
  try {
    for (const size of BATCH_SIZES) {
      progress(`batches of ${size}`);
      const apply = (one: WarmConsumer) => one.apply(batchesOf(nextRecords(), size));
      await apply(product);
      await apply(bare);
      const [ours, theirs] = [emptyTotals(), emptyTotals()];
      for (let round = 0; round < ROUNDS; round += 1) {
        // The one that goes second finds a larger table and a warmer engine.
        for (const first of round % 2 === 0 ? [true, false] : [false, true]) {
          add(first ? ours : theirs, await apply(first ? product : bare));
        }
      }
      result.distributions.push(
        { what: `batch of ${size}, consumer`, unit: 'ms', errors: ours.errors, ...percentilesOf(ours.latencies) },
        { what: `batch of ${size}, bare`, unit: 'ms', errors: theirs.errors, ...percentilesOf(theirs.latencies) },
      );
      const callbacks = ROUNDS * CALLBACKS_PER_ROUND;
      result.figures.push(
        {
          what: `batches of ${size}: callbacks per second / bare`,
          value: medianOf(theirs.latencies) / medianOf(ours.latencies),
          unit: '×',
          target: { atLeast: 0.8 },
          note: `${Math.round((1000 * size) / medianOf(ours.latencies))} and ${Math.round((1000 * size) / medianOf(theirs.latencies))} callbacks per second`,
        },
        { what: `batches of ${size}: CPU per callback`, value: ours.cpuMs / callbacks, unit: 'ms' },
        { what: `batches of ${size}: CPU per callback, bare`, value: theirs.cpuMs / callbacks, unit: 'ms' },
      );
    }
  } finally {
    await Promise.all([product.stop(), bare.stop()]);
  }
  return result;
}

function emptyTotals(): { latencies: number[]; errors: number; cpuMs: number } {
  return { latencies: [], errors: 0, cpuMs: 0 };
}

function add(
  totals: ReturnType<typeof emptyTotals>,
  { latencies, errors, cpuMs }: Awaited<ReturnType<WarmConsumer['apply']>>,
): void {
  totals.latencies.push(...latencies);
  totals.errors += errors;
  totals.cpuMs += cpuMs;
}

/** What one callback after the other costs. */
async function countWrites(
  service: PackagedService,
  { origin }: ServiceProcess,
  { progress }: RunOptions,
): Promise<Figure[]> {
  progress('counting writes');
  const figures: Figure[] = [];
  for (const days of [30, 0]) {
    const client = clientOf(origin);
    const tableName = await newLedgerTable(client);
    client.destroy();
    const proxy = await startCountingProxy(origin);
    const product = warmConsumer(
      service.bundleOf('consumer'),
      consumerEnvironment(proxy.origin, tableName, days),
    );
    const costOf = async (record: QueueRecord): Promise<Counts> => {
      const { errors } = await product.apply(batchesOf([record], 1));
      if (errors > 0) throw new Error('A callback was not applied.');
      return proxy.read();
    };
    const setting = days === 0 ? 'without history' : 'with history';
    try {
      for (const { source, event } of USUAL_CALLBACKS) {
        const record = recordAbout(source, event, { task: 1 });
        const again = recordOf(sourceNamed(source), bodyAbout(source, event, { task: 1 }));
        const what = `${source} ${event}, ${setting}`;
        const isSigned = source === 'tencent';
        const stateUnits = source === 'zego' ? 2 : 1;
        const newUnits = stateUnits + (days === 0 ? 0 : 1) + (isSigned ? 0 : 1);
        figures.push(
          unitFigure(`${what}: new`, await costOf(record), Math.max(newUnits, days === 0 ? 1 : 3)),
          unitFigure(`${what}: delivered again`, await costOf(record), 2),
          unitFigure(`${what}: signed and sent again`, await costOf(again)),
        );
      }
    } finally {
      await Promise.all([product.stop(), proxy.stop()]);
    }
  }
  return figures;
}

function unitFigure(what: string, { calls, writeUnits }: Counts, atMost?: number): Figure {
  const names = Object.entries(calls).map(([name, count]) => `${count} ${name}`);
  const reads = Object.keys(calls).filter((name) => !['UpdateItem', 'PutItem'].includes(name));
  if (reads.length > 0) throw new Error(`${what} reads: ${reads.join(', ')}.`);
  return {
    what,
    value: writeUnits,
    unit: 'write units',
    note: names.join(', '),
    ...(atMost === undefined ? {} : { target: { atMost } }),
  };
}

async function measureStarts(
  service: PackagedService,
  { origin }: ServiceProcess,
  { progress }: RunOptions,
): Promise<PartResult> {
  progress('starting consumer and query');
  const client = clientOf(origin);
  const tableName = await newLedgerTable(client);
  client.destroy();
  const scratch = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-consumer-'));
  const distributions: Distribution[] = [];
  try {
    const emptyBatch = join(scratch, 'batch.json');
    const query = join(scratch, 'query.json');
    await writeFile(emptyBatch, JSON.stringify({ Records: [] }));
    await writeFile(query, JSON.stringify({ routeKey: 'GET /attention', queryStringParameters: {} }));
    const environment = consumerEnvironment(origin, tableName);
    for (const [name, eventFile] of [
      ['consumer', emptyBatch],
      ['query', query],
    ] as const) {
      const runnable = { bundle: service.bundleOf(name), eventFile, environment };
      const loads: number[] = [];
      for (let start = 0; start < STARTS; start += 1) loads.push((await firstCall(runnable)).loadMs);
      distributions.push({ what: `${name}, load`, unit: 'ms', errors: 0, ...percentilesOf(loads) });
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
  const figures = ['consumer', 'query'].map((name): Figure => {
    const { bundleBytes = 0, zipBytes = 0 } = service.sizes.get(name) ?? {};
    return { what: `${name}: bundle`, value: bundleBytes / 1000, unit: 'kB', note: `zip ${(zipBytes / 1000).toFixed(1)} kB` };
  });
  return { distributions, figures };
}
