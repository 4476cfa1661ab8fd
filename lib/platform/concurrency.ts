/** Runs `work` on every item, at most `limit` at a time; rejects with the first rejection. */
export async function forEachConcurrently<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of rest) await work(item);
  });
  await Promise.all(workers);
}

/** Runs `work` when its `cost` is left of a budget, and gives it back at the end. */
export type Budget = <Result>(cost: number, work: () => Promise<Result>) => Promise<Result>;

/** A budget of `total` that works share, first come, first served. One that costs more than all of it runs alone. */
export function createBudget(total: number): Budget {
  let left = total;
  const waiting: { cost: number; start: () => void }[] = [];

  function startNext(): void {
    for (let next = waiting[0]; next !== undefined && next.cost <= left; next = waiting[0]) {
      waiting.shift();
      left -= next.cost;
      next.start();
    }
  }

  return async (cost, work) => {
    const taken = Math.min(cost, total);
    await new Promise<void>((start) => {
      waiting.push({ cost: taken, start });
      startNext();
    });
    try {
      return await work();
    } finally {
      left += taken;
      startNext();
    }
  };
}
