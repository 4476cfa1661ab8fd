import { setImmediate, setTimeout } from 'node:timers/promises';
import type { EngineOrigins } from './engines.ts';
import { type Invoke, type TakeLines, takeSlowest } from './function.ts';
import { FEWEST_FOR_HEAP, watchHeap } from './heap.ts';
import { addReport, emptyReport, fail, type Report } from './report.ts';

/** How many requests are made, sent and checked together. */
export const CHUNK = 200;

/**
 * An invocation takes a few ms. One of more than this, in ms, met a machine that stood still, where calls run into their
 * time-outs: they are sent again and what was sent may arrive twice, which is as it should be, but not what is checked.
 */
const STALL_MS = 900;

/** How often the same requests are repeated after a stall; what is slow each time is slow itself. */
const MOST_REPEATS = 4;

/** Until every call of the stalled requests has arrived or run into its time-out, in ms. */
const SETTLE_MS = 2_500;

/** What a run works with. */
export interface World {
  seed: number;
  engines: EngineOrigins;
  /** Loads a function by its name in `serverless.yml`. */
  load(name: string): Invoke;
  /** The routes of a function, such as `POST /attention/dismiss`. */
  routes(name: string): string[];
  /** The name of a queue by its logical id in `serverless.yml`. */
  queueName(logicalId: string): string;
  tableName: string;
  takeLines: TakeLines;
}

/** How requests to one handler are made and checked. */
export interface Run {
  /** Makes the requests of these numbers, sends them, and writes down what became of them. */
  send(indexes: readonly number[], report: Report): Promise<void>;
  /** Takes away what requests have left behind that nobody looked at. */
  clear(): Promise<void>;
}

/** Which requests to make. */
export interface Extent {
  requests: number;
  /** The number of the one request to make instead. */
  only?: number | undefined;
}

/** The rejections that nobody handled, and exceptions that nobody caught, since the process began. */
export function watchRejections(): { count: number; last: string } {
  const seen = { count: 0, last: '' };
  const note = (error: unknown) => {
    seen.count += 1;
    seen.last = error instanceof Error ? (error.stack ?? error.message) : String(error);
  };
  process.on('unhandledRejection', note).on('uncaughtException', note);
  return seen;
}

/** Runs all requests to a handler in chunks; watches the heap meanwhile. */
export async function runAll(
  handler: string,
  run: Run,
  { requests, only }: Extent,
  rejections: { count: number; last: string },
  progress: (done: number) => void,
): Promise<Report> {
  const report = emptyReport(handler);
  const startedAt = performance.now();
  const heap = only === undefined && requests >= FEWEST_FOR_HEAP ? watchHeap(requests) : undefined;
  const [first, end] = only === undefined ? [0, requests] : [only, only + 1];
  for (let from = first; from < end; from += CHUNK) {
    const indexes = Array.from({ length: Math.min(CHUNK, end - from) }, (_, offset) => from + offset);
    await runWatched(run, indexes, report, rejections);
    await heap?.after(from + indexes.length);
    progress(from + indexes.length - first);
  }
  if (heap !== undefined) {
    report.heapGrowth = heap.growthPerRequest();
    if (heap.isLeak())
      fail(report, `the heap grew by ${Math.round(report.heapGrowth)} bytes with each request`);
  }
  report.seconds = (performance.now() - startedAt) / 1000;
  return report;
}

/** Where a rejection was not handled, the requests of the chunk are repeated one by one to find whose it was. */
async function runWatched(
  run: Run,
  indexes: readonly number[],
  report: Report,
  rejections: { count: number; last: string },
): Promise<void> {
  const before = rejections.count;
  await runSteadily(run, indexes, report);
  await setImmediate();
  if (rejections.count === before) return;
  report.unhandledRejections += rejections.count - before;
  const range = `of the requests ${indexes[0]} to ${indexes.at(-1)}`;
  // Once is enough: this doubles the time.
  for (const index of report.failureCount === 0 ? indexes : []) {
    const count = rejections.count;
    await run.send([index], emptyReport(report.handler));
    await setImmediate();
    if (rejections.count > count)
      return fail(report, `a rejection was not handled: ${rejections.last}`, index);
  }
  fail(report, `a rejection ${range} was not handled: ${rejections.last}`);
}

/** Sends the requests, and again where the machine stood still meanwhile. */
export async function runSteadily(run: Run, indexes: readonly number[], report: Report): Promise<void> {
  for (let repeats = 0; ; repeats += 1) {
    const part = emptyReport(report.handler);
    takeSlowest();
    await run.send(indexes, part);
    const slowest = takeSlowest();
    if (part.failureCount === 0 || slowest < STALL_MS || repeats === MOST_REPEATS) {
      return addReport(report, part);
    }
    report.stalls += 1;
    await setTimeout(SETTLE_MS);
    await run.clear();
  }
}
