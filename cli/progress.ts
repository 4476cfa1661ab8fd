/**
 * Reports how far long work has come, on one line of a terminal that is written anew; elsewhere only at the end, and
 * only where the total is known.
 */
export function createProgress(what: string, total?: number): { step(): void; done(): void } {
  const isTerminal = process.stderr.isTTY;
  let count = 0;
  const line = (): string => `${what} ${count}${total === undefined ? '' : `/${total}`}`;
  return {
    step() {
      count += 1;
      if (isTerminal) process.stderr.write(`\r${line()}`);
    },
    done() {
      if (isTerminal && count > 0) process.stderr.write(`\r${line()}\n`);
      else if (!isTerminal && total !== undefined) process.stderr.write(`${line()}\n`);
    },
  };
}
