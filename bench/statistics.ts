/** The percentiles that are reported of a distribution. */
export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  p999: number;
}

/** The percentiles of values (nearest rank). Throws when there are none. */
export function percentilesOf(values: Iterable<number>): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
    if (value === undefined) throw new Error('There is nothing to take percentiles of.');
    return value;
  };
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
}

/** The middle of the values. Throws when there are none. */
export function medianOf(values: Iterable<number>): number {
  return percentilesOf(values).p50;
}
