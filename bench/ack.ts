import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vendor } from '../lib/callback/callback.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleSecret, sourceNamed, USUAL_CALLBACKS, writeSampleEvent } from './callbacks.ts';
import { ingestEnvironment } from './environments.ts';
import { bundleBaseline, packageForBench } from './packaged.ts';
import {
  type Calls,
  firstCall,
  type Runnable,
  startService,
  type WarmFunction,
  warmFunction,
} from './processes.ts';
import type { Distribution, Figure, Part, PartResult, RunOptions } from './report.ts';
import { medianOf, percentilesOf } from './statistics.ts';

const STARTS = 21;
const ROUNDS = 30;
const CALLS_PER_ROUND = 100;

/** Calls before any is counted, until the code is compiled. */
const WARM_UP_CALLS = 2000;

/** As long as the product's own. */
const LOG_LINE = `${'x'.repeat(280)}\n`;

const KILOBYTE = 1000;

/** A function to compare, and what was measured of it. */
interface Variant {
  name: string;
  vendor: Vendor;
  kind: 'product' | 'sdk' | 'floor' | 'floor with a log line';
  runnable: Runnable;
  loadMs: number[];
  firstMs: number[];
  latencies: number[];
  errors: number;
  cpuMs: number;
}

export const ack: Part = {
  name: 'ack',
  method:
    'Each start is a fresh Node.js process, timed from the load of the bundle to its first answer. Warm calls run one after ' +
    'the other, 1 ms apart, in processes that stay. All variants take turns; the queue is an HTTP server in another process.',
  run: measure,
};

async function measure({ progress }: RunOptions): Promise<PartResult> {
  progress('packaging the service');
  const service = await packageForBench();
  const queue = await startService('queue');
  const scratch = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-ack-'));
  try {
    const sdk = await bundleBaseline('sdk');
    const floor = await bundleBaseline('floor');
    const variants: Variant[] = [];
    for (const { source: name, event } of USUAL_CALLBACKS) {
      const source = sourceNamed(name);
      const eventFile = await writeSampleEvent(scratch, source, event);
      const environment = ingestEnvironment(service, name, queue.origin);
      const product = { bundle: service.bundleOf(name), eventFile, environment };
      const floorEnvironment = {
        ...environment,
        FLOOR_REQUEST: await recordedRequest(product, queue.origin),
        FLOOR_SECRET: sampleSecret(source),
        FLOOR_VENDOR: source.vendor,
      };
      variants.push(
        variant(`${name}`, source.vendor, 'product', product),
        variant(`${name}: floor`, source.vendor, 'floor', {
          bundle: floor,
          eventFile,
          environment: floorEnvironment,
        }),
        variant(`${name}: floor with a log line`, source.vendor, 'floor with a log line', {
          bundle: floor,
          eventFile,
          environment: { ...floorEnvironment, FLOOR_LOG_LINE: LOG_LINE },
        }),
        variant(`${name}: SDK`, source.vendor, 'sdk', { bundle: sdk, eventFile, environment }),
      );
    }
    await measureStarts(variants, progress);
    await measureWarm(variants, progress);
    return result(variants, service.sizes);
  } finally {
    await Promise.all([queue.stop(), service.remove(), rm(scratch, { recursive: true })]);
  }
}

function variant(name: string, vendor: Vendor, kind: Variant['kind'], runnable: Runnable): Variant {
  return { name, vendor, kind, runnable, loadMs: [], firstMs: [], latencies: [], errors: 0, cpuMs: 0 };
}

/** The request that a function sends to the queue, as JSON. */
async function recordedRequest(runnable: Runnable, origin: string): Promise<string> {
  const { status } = await firstCall(runnable);
  if (status !== 200) throw new Error(`${runnable.bundle} answered ${status}.`);
  const response = await fetch(origin);
  return response.text();
}

async function measureStarts(variants: readonly Variant[], progress: RunOptions['progress']): Promise<void> {
  progress(`starting ${variants.length} variants ${STARTS} times each`);
  // The first start of all reads the files from disk.
  for (const { runnable } of variants) await firstCall(runnable);
  for (let start = 0; start < STARTS; start += 1) {
    for (const one of variants) {
      const { loadMs, firstMs, status } = await firstCall(one.runnable);
      one.loadMs.push(loadMs);
      one.firstMs.push(firstMs);
      if (status !== 200) one.errors += 1;
    }
  }
}

async function measureWarm(variants: readonly Variant[], progress: RunOptions['progress']): Promise<void> {
  progress(`calling ${variants.length} variants ${ROUNDS * CALLS_PER_ROUND} times each`);
  const functions = variants.map(({ runnable }) => warmFunction(runnable));
  try {
    for (const warm of functions) await warm.call(WARM_UP_CALLS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, warm] of functions.entries()) {
        const one = variants[index] as Variant;
        add(one, await warm.call(CALLS_PER_ROUND));
      }
    }
  } finally {
    await Promise.all(functions.map((warm: WarmFunction) => warm.stop()));
  }
}

function add(one: Variant, { latencies, errors, cpuMs }: Calls): void {
  one.latencies.push(...latencies);
  one.errors += errors;
  one.cpuMs += cpuMs;
}

type Sizes = Awaited<ReturnType<typeof packageForBench>>['sizes'];

function result(variants: readonly Variant[], sizes: Sizes): PartResult {
  const distributions = variants.flatMap(({ name, loadMs, firstMs, latencies, errors }): Distribution[] => [
    { what: `${name}, load`, unit: 'ms', errors: 0, ...percentilesOf(loadMs) },
    { what: `${name}, load to first ack`, unit: 'ms', errors: 0, ...percentilesOf(firstMs) },
    { what: `${name}, warm`, unit: 'ms', errors, ...percentilesOf(latencies) },
  ]);
  return {
    distributions,
    figures: [...variants.flatMap((one) => ratios(one, variants)), ...zipFigures(sizes)],
  };
}

function ratios(product: Variant, variants: readonly Variant[]): Figure[] {
  if (product.kind !== 'product') return [];
  const other = (kind: Variant['kind']): Variant =>
    variants.find((one) => one.vendor === product.vendor && one.kind === kind) as Variant;
  const [sdk, floor] = [other('sdk'), other('floor')];
  const warm = percentilesOf(product.latencies);
  const sdkWarm = percentilesOf(sdk.latencies);
  const ratio = (what: string, value: number, atMost: number): Figure => ({
    what: `${product.name}: ${what}`,
    value,
    unit: '×',
    target: { atMost },
  });
  return [
    ratio('load to first ack / SDK', medianOf(product.firstMs) / medianOf(sdk.firstMs), 0.4),
    ratio('warm p50 / SDK', warm.p50 / sdkWarm.p50, 0.7),
    ratio('warm p99 / SDK', warm.p99 / sdkWarm.p99, 1),
    ratio('warm p50 / floor', warm.p50 / medianOf(floor.latencies), 1.3),
    {
      what: `${product.name}: warm p50 / floor with a log line`,
      value: warm.p50 / medianOf(other('floor with a log line').latencies),
      unit: '×',
    },
    { what: `${product.name}: CPU per call`, value: product.cpuMs / product.latencies.length, unit: 'ms' },
    { what: `${floor.name}: CPU per call`, value: floor.cpuMs / floor.latencies.length, unit: 'ms' },
    { what: `${sdk.name}: CPU per call`, value: sdk.cpuMs / sdk.latencies.length, unit: 'ms' },
  ];
}

function zipFigures(sizes: Sizes): Figure[] {
  return [...sizes].map(([name, { bundleBytes, zipBytes }]) => ({
    what: `${name}: zip`,
    value: zipBytes / KILOBYTE,
    unit: 'kB',
    note: `bundle ${(bundleBytes / KILOBYTE).toFixed(1)} kB`,
    ...(SAMPLE_SOURCES.some((source) => source.name === name) ? { target: { atMost: 20 } } : {}),
  }));
}
