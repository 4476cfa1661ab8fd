import type { Ledger } from '../ledger/ledger.ts';
import type { IsErased } from '../ledger/tombstones.ts';
import { partitionOf, roomKeyOf } from '../ledger/updates.ts';

/**
 * A ledger that takes nothing of a task that was erased, or of a room that was erased after it: a bucket and a vendor
 * still have it.
 */
export function withoutErased(ledger: Pick<Ledger, 'apply'>, isErased: IsErased): Pick<Ledger, 'apply'> {
  return {
    async apply(owner, observation, expiresAt) {
      // Whatever the time: what is found now may have happened before.
      if (await isErased([partitionOf(owner, observation)], undefined)) return false;
      const room = roomKeyOf(owner, observation);
      if (room !== undefined && (await isErased([room], observation.at))) return false;
      return ledger.apply(owner, observation, expiresAt);
    },
  };
}
