import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf } from '../test/support/engine-servers.ts';
import { batchesOf, bodyAbout, type QueueRecord, recordAbout, recordOf } from './batches.ts';
import { sourceNamed, USUAL_CALLBACKS } from './callbacks.ts';
import { type CountingProxy, type Counts, startCountingProxy } from './counting-proxy.ts';
import { tableEnvironment } from './environments.ts';
import { beat } from './heartbeat.ts';
import { bundleBaseline, type PackagedService, packageForBench } from './packaged.ts';
import {
  firstCall,
  type ServiceProcess,
  startService,
  type WarmConsumer,
  warmConsumer,
} from './processes.ts';
import type { Distribution, Figure, Part, PartResult, RunOptions } from './report.ts';
import { medianOf, percentilesOf } from './statistics.ts';
import { newLedgerTable, startCountingEngine } from './tables.ts';

const BATCH_SIZES = [10, 100];
const ROUNDS = 6;
const CALLBACKS_PER_ROUND = 300;
const STARTS = 11;

/** Credential, state and event. */
const WRITES_PER_CALLBACK = 3;

const SOURCE = USUAL_CALLBACKS[0];

export const consumer: Part = {
  name: 'consumer',
  method:
    'The packaged consumer and as many plain UpdateItem calls, in turns, on a server in another ' +
    'process: one that answers at once, and dynalite; ' +
    'write units are counted by a proxy that asks for the consumed capacity.',
  run: measure,
};

async function measure(options: RunOptions): Promise<PartResult> {
  options.progress('packaging the service');
  const service = await packageForBench();
  const table = await startService('table');
  const quickTable = await startService('quick-table');
  try {
    const throughputs = [
      await measureThroughput('no-op table', service, quickTable, options),
      await measureThroughput('dynalite', service, table, options),
    ];
    const counts = await countWrites(service, options);
    const starts = await measureStarts(service, table, options);
    return {
      distributions: [...throughputs.flatMap((one) => one.distributions), ...starts.distributions],
      figures: [...throughputs.flatMap((one) => one.figures), ...counts, ...starts.figures],
    };
  } finally {
    await Promise.all([table.stop(), quickTable.stop(), service.remove()]);
  }
}

async function measureThroughput(
  engine: string,
  service: PackagedService,
  { origin }: ServiceProcess,
  { progress }: RunOptions,
): Promise<PartResult> {
  const client = clientOf(origin);
  const hasTables = engine === 'dynalite';
  const tableName = hasTables ? await newLedgerTable(client) : 'ledger';
  const bareTable = hasTables ? await newLedgerTable(client) : 'bare';
  client.destroy();
  const product = warmConsumer(
    service.bundleOf('consumer'),
    tableEnvironment(service, 'consumer', origin, tableName),
  );
  const bare = warmConsumer(await bundleBaseline('update-items'), {
    ...tableEnvironment(service, 'consumer', origin, bareTable),
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
      progress(`${engine}, batches of ${size}`);
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
        {
          what: `${engine}, batch of ${size}, consumer`,
          unit: 'ms',
          errors: ours.errors,
          ...percentilesOf(ours.latencies),
        },
        {
          what: `${engine}, batch of ${size}, bare`,
          unit: 'ms',
          errors: theirs.errors,
          ...percentilesOf(theirs.latencies),
        },
      );
      const callbacks = ROUNDS * CALLBACKS_PER_ROUND;
      result.figures.push(
        {
          what: `${engine}, batches of ${size}: callbacks per second / bare`,
          value: medianOf(theirs.latencies) / medianOf(ours.latencies),
          unit: '×',
          target: { atLeast: 0.8 },
          note: `${Math.round((1000 * size) / medianOf(ours.latencies))} and ${Math.round((1000 * size) / medianOf(theirs.latencies))} callbacks per second`,
        },
        {
          what: `${engine}, batches of ${size}: CPU per callback`,
          value: ours.cpuMs / callbacks,
          unit: 'ms',
        },
        {
          what: `${engine}, batches of ${size}: CPU per callback, bare`,
          value: theirs.cpuMs / callbacks,
          unit: 'ms',
        },
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
async function countWrites(service: PackagedService, { progress }: RunOptions): Promise<Figure[]> {
  const engine = await startCountingEngine();
  progress(`counting writes on ${engine.name}`);
  const proxy = await startCountingProxy(engine.endpoint);
  const figures: Figure[] = [];
  try {
    for (const days of [30, 0]) {
      const client = clientOf(engine.endpoint);
      const tableName = await newLedgerTable(client);
      client.destroy();
      const environment = {
        ...tableEnvironment(service, 'consumer', proxy.origin, tableName),
        EVENT_HISTORY_DAYS: String(days),
      };
      const product = warmConsumer(service.bundleOf('consumer'), environment);
      try {
        for (const { source, event } of USUAL_CALLBACKS) {
          figures.push(...(await writesOf(source, event, days > 0, product, proxy)));
        }
      } finally {
        await product.stop();
      }
    }
  } finally {
    await Promise.all([proxy.stop(), engine.stop()]);
  }
  return figures;
}

async function writesOf(
  sourceName: string,
  event: string,
  keepsHistory: boolean,
  product: WarmConsumer,
  proxy: CountingProxy,
): Promise<Figure[]> {
  const source = sourceNamed(sourceName);
  const body = bodyAbout(sourceName, event, { task: 1 });
  const [record, signedAgain] = [recordOf(source, body), recordOf(source, body)];
  const costOf = async (one: QueueRecord): Promise<Counts> => {
    const { errors } = await product.apply(batchesOf([one], 1));
    if (errors > 0) throw new Error(`A callback of ${sourceName} was not applied.`);
    return proxy.read();
  };
  const others = (keepsHistory ? 1 : 0) + (source.vendor === 'tencent' ? 0 : 1);
  await beat(product, sourceName, proxy);
  const what = `${sourceName} ${event}, ${keepsHistory ? 'all on' : 'no history'}`;
  return [
    unitFigure(`${what}: new`, await costOf(record), 1 + others),
    unitFigure(`${what}: delivered again`, await costOf(record), 2),
    unitFigure(`${what}: signed and sent again`, await costOf(signedAgain)),
  ];
}

function unitFigure(what: string, { calls, writeUnits, indexUnits }: Counts, atMost?: number): Figure {
  const names = Object.entries(calls).map(([name, count]) => `${count} ${name}`);
  const reads = Object.keys(calls).filter((name) => !['UpdateItem', 'PutItem'].includes(name));
  if (reads.length > 0) throw new Error(`${what} reads: ${reads.join(', ')}.`);
  return {
    what,
    value: writeUnits,
    unit: 'write units',
    note: `${names.join(', ')}; ${indexUnits} in indexes`,
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
    for (const [name, eventFile] of [
      ['consumer', emptyBatch],
      ['query', query],
    ] as const) {
      const environment = tableEnvironment(service, name, origin, tableName);
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
    return {
      what: `${name}: bundle`,
      value: bundleBytes / 1000,
      unit: 'kB',
      note: `zip ${(zipBytes / 1000).toFixed(1)} kB`,
    };
  });
  return { distributions, figures };
}
