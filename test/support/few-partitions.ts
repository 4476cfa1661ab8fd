import { vi } from 'vitest';
import { quickOrWhole } from './suite.ts';

/** How many partitions each list of an index is spread over. */
const PARTITIONS = quickOrWhole(2, Number.POSITIVE_INFINITY);

/**
 * Queries of empty partitions would take most of the time of these tests. In `npm test` only the tests of bundled functions
 * and of the stack have as many partitions as a deployment.
 */
vi.mock(import('../../lib/ledger/keys.ts'), async (importKeys) => {
  const keys = await importKeys();
  const few = (shards: readonly string[]) => shards.slice(0, PARTITIONS);
  return {
    ...keys,
    ATTENTION_SHARDS: few(keys.ATTENTION_SHARDS),
    EXPECTATION_SHARDS: few(keys.EXPECTATION_SHARDS),
    OVERDUE_SHARDS: few(keys.OVERDUE_SHARDS),
    UNCONFIRMED_SHARDS: few(keys.UNCONFIRMED_SHARDS),
    placeShards: (...list) => few(keys.placeShards(...list)),
  };
});
