import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBudget } from '../../lib/platform/concurrency.ts';

describe('a budget', () => {
  test('is never exceeded, and everything runs, in its order', async () => {
    const costs = fc.array(fc.nat(150), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(costs, fc.scheduler(), async (work, scheduler) => {
        const budget = createBudget(100);
        const started: number[] = [];
        let spent = 0;
        const results = work.map((cost, index) =>
          budget(cost, async () => {
            started.push(index);
            spent += Math.min(cost, 100);
            expect(spent).toBeLessThanOrEqual(100);
            await scheduler.schedule(Promise.resolve());
            spent -= Math.min(cost, 100);
            return index;
          }),
        );
        await scheduler.waitFor(Promise.all(results).then((all) => expect(all).toEqual(started)));
        expect(started).toHaveLength(work.length);
      }),
    );
  });

  test('is given back by work that fails', async () => {
    const budget = createBudget(1);
    await expect(budget(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await budget(1, async () => 'next')).toBe('next');
  });
});
