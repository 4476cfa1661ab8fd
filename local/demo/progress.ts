/** Reports how far long work has come, on one line of a terminal that is written anew. */
export function createProgress(what: string, total: number): { step(): void; done(): void } {
  let count = 0;
  const line = (): string => `${what} ${count}/${total}`;
  return {
    step() {
      count += 1;
      if (process.stderr.isTTY) process.stderr.write(`\r${line()}`);
    },
    done() {
      process.stderr.write(process.stderr.isTTY ? `\r${line()}\n` : `${line()}\n`);
    },
  };
}
