import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { LAST_TIME } from '../../lib/callback/time.ts';
import { facetOrder, hasReplacedTime, rankPrefix } from '../../lib/ledger/order.ts';

const times = fc.integer({ min: 0, max: LAST_TIME });
const kinds = fc.constantFrom<Partial<Observation>>({}, { isSendingTime: true });
const ranks = fc.integer({ min: 0, max: 9 });

function observation(rank: number, at: number, changes: Partial<Observation>): Observation {
  const value = { status: 'started', task: { kind: 'recording' } } as const;
  return { entity: 'task', taskId: 'task', facet: 'start', rank, at, value, ...changes } as Observation;
}

const REPLACED = { isReplacedTime: true };

describe('the order of a replaced time', () => {
  it('is below every claimed time of its rank, and above every lower rank', () => {
    fc.assert(
      fc.property(ranks, times, times, kinds, (rank, replaced, claimed, kind) => {
        const order = facetOrder(observation(rank, replaced, REPLACED));
        expect(order < facetOrder(observation(rank, claimed, kind))).toBe(true);
        if (rank > 0) expect(order > facetOrder(observation(rank - 1, claimed, kind))).toBe(true);
        expect(order.startsWith(rankPrefix(rank))).toBe(true);
      }),
    );
  });

  it('is the higher the earlier it is', () => {
    fc.assert(
      fc.property(ranks, times, times, (rank, a, b) => {
        fc.pre(a < b);
        const [early, late] = [a, b].map((at) => facetOrder(observation(rank, at, REPLACED)));
        expect((early ?? '') > (late ?? '')).toBe(true);
      }),
    );
  });

  it('reports that it was replaced', () => {
    fc.assert(
      fc.property(ranks, times, kinds, (rank, at, kind) => {
        expect(hasReplacedTime(facetOrder(observation(rank, at, REPLACED)))).toBe(true);
        expect(hasReplacedTime(facetOrder(observation(rank, at, kind)))).toBe(false);
      }),
    );
  });
});

it('orders that are stored already stay what they are', () => {
  expect(facetOrder(observation(1, 1_690_000_000_123, {}))).toBe('1#001690000000123#d33ae9e866c84283');
  expect(facetOrder(observation(0, 1_690_000_000_123, { isSendingTime: true }))).toMatch(
    /^0#251680764799876#/,
  );
});
