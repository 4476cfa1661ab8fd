import { currentOutput } from './output.ts';

/**
 * Reports how far long work has come, on one line of a terminal that is written anew; elsewhere only at the end, and
 * only where the total is known.
 */
export function createProgress(what: string, total?: number): { step(): void; done(): void } {
  const { stderr } = currentOutput();
  const isTerminal = stderr.isTTY === true;
  let count = 0;
  const line = (): string => `${what} ${count}${total === undefined ? '' : `/${total}`}`;
  return {
    step() {
      count += 1;
      if (isTerminal) stderr.write(`\r${line()}`);
    },
    done() {
      if (isTerminal && count > 0) stderr.write(`\r${line()}\n`);
      else if (!isTerminal && total !== undefined) stderr.write(`${line()}\n`);
    },
  };
}
