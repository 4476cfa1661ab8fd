import { medianOf } from './statistics.ts';

/** About how much CPU time one turn of a function takes, in µs. */
const TURN_MICROSECONDS = 5_000;

/** The CPU time of one run of each function, in µs: medians of turns, which the functions take one after the other. */
export function cpuMicroseconds(
  functions: readonly (() => unknown)[],
  { turns, warmUpRuns }: { turns: number; warmUpRuns: number },
): number[] {
  const samples = functions.map((run) => {
    for (let count = 0; count < warmUpRuns; count += 1) run();
    const aRun = cpuOf(run, Math.ceil(warmUpRuns / 10));
    return { run, runs: Math.max(1, Math.round(TURN_MICROSECONDS / aRun)), times: [] as number[] };
  });
  for (let turn = 0; turn < turns; turn += 1) {
    for (const { run, runs, times } of samples) times.push(cpuOf(run, runs));
  }
  return samples.map(({ times }) => medianOf(times));
}

/** The CPU time of one of many runs, in µs. */
function cpuOf(run: () => unknown, runs: number): number {
  const before = process.cpuUsage();
  for (let count = 0; count < runs; count += 1) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}
