import type { Ledger } from '../ledger/ledger.ts';
import type { IsErased } from '../ledger/tombstones.ts';
import { partitionOf, roomKeyOf } from '../ledger/updates.ts';

/**
 * A ledger that takes nothing of a task or a room that was erased: a bucket and a vendor still have it. The objects of a
 * later lesson in the same room are taken.
 */
export function withoutErased(ledger: Pick<Ledger, 'apply'>, isErased: IsErased): Pick<Ledger, 'apply'> {
  return {
    async apply(owner, observation, expiresAt) {
      // An object has a time of its own. A vendor's answer may be of a task that was erased after the time that it gives.
      const at = observation.facet === 'storage' ? observation.at : 0;
      if (await isErased([partitionOf(owner, observation)], at)) return false;
      const room = roomKeyOf(owner, observation);
      if (room !== undefined && (await isErased([room], observation.at))) return false;
      return ledger.apply(owner, observation, expiresAt);
    },
  };
}
