/** The moment at which waiting ends. */
export interface Deadline {
  /** Rejects at that moment; never resolves. */
  passed: Promise<never>;
  hasPassed(): boolean;
  /** Forgets it; call it when the work is done, or the timer keeps the process alive. */
  clear(): void;
}

/** A deadline in `ms`; without a number one that never passes. */
export function deadlineIn(ms: number | undefined): Deadline {
  const { promise, reject } = Promise.withResolvers<never>();
  // Nobody has to wait for it.
  promise.catch(() => {});
  let hasPassed = false;
  const pass = () => {
    hasPassed = true;
    reject(new DeadlineError());
  };
  const timer = ms === undefined ? undefined : setTimeout(pass, Math.max(0, ms));
  return { passed: promise, hasPassed: () => hasPassed, clear: () => clearTimeout(timer) };
}

/** The time is up. */
class DeadlineError extends Error {
  override name = 'DeadlineError';
  override message = 'not finished in time';
}
