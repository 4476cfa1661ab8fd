import { setImmediate } from 'node:timers/promises';

/** By this part of the requests everything is compiled and connected; the heap is measured from here on. */
const MEASURED_FROM = 0.4;

/** How many times the heap is measured. */
const POINTS = 11;

/** Fewer requests than this say nothing: what is compiled and cached for the first time outweighs a leak. */
export const FEWEST_FOR_HEAP = 10_000;

/**
 * What the heap may grow by while it is measured, in bytes: so much in any case (the engine goes on compiling for a
 * while), and so much with each request. In a run of 100,000 requests that is 55 bytes a request; a leak of 100 is over it.
 */
const ALLOWED_BYTES = 1_500_000;
const ALLOWED_BYTES_PER_REQUEST = 30;

/** The heap over a run. */
export interface HeapWatch {
  /** Measures where the run has come to a point. */
  after(requests: number): Promise<void>;
  /**
   * Bytes by which the heap grew with each request: the median of the stretches between the points, because once in a
   * while several megabytes go at once (compiled code that the engine gives up), in which a leak would be lost.
   */
  growthPerRequest(): number;
  /** Whether that is more than can be explained without a leak. */
  isLeak(): boolean;
}

/** Watches the heap of a run of `total` requests. */
export function watchHeap(total: number): HeapWatch {
  const points: { requests: number; bytes: number }[] = [];
  const next = () => total * (MEASURED_FROM + ((1 - MEASURED_FROM) * points.length) / (POINTS - 1));
  const watch: HeapWatch = {
    async after(requests) {
      if (requests >= Math.floor(next())) points.push({ requests, bytes: await usedBytes() });
    },
    growthPerRequest() {
      const growths = points.slice(1).map((point, index) => {
        const before = points[index] ?? point;
        return (point.bytes - before.bytes) / (point.requests - before.requests);
      });
      return growths.sort((a, b) => a - b)[Math.floor(growths.length / 2)] ?? 0;
    },
    isLeak() {
      const measured = total * (1 - MEASURED_FROM);
      return watch.growthPerRequest() * measured > ALLOWED_BYTES + ALLOWED_BYTES_PER_REQUEST * measured;
    },
  };
  return watch;
}

/** The bytes in use after everything was collected that can be. Needs `--expose-gc`. */
async function usedBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
