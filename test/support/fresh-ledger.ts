import type { Observation } from '../../lib/callback/observation.ts';
import { createLedger, type Ledger } from '../../lib/ledger/ledger.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import type { ConsumerTable } from './consumer.ts';
import type { Engine } from './engines.ts';
import { type Reader, readerOf } from './reader.ts';

/** An empty ledger with a table to itself. */
export interface FreshLedger extends ConsumerTable {
  ledger: Ledger;
  reader: Reader;
  /** Applies observations one after the other; returns whether each changed the state. */
  applyAll(owner: Owner, observations: readonly Observation[]): Promise<boolean[]>;
}

export async function freshLedger({ client, newTable }: Engine): Promise<FreshLedger> {
  const table = { client, tableName: await newTable() };
  const ledger = createLedger(client, table.tableName);
  return {
    ...table,
    ledger,
    reader: readerOf(table),
    async applyAll(owner, observations) {
      const changed: boolean[] = [];
      for (const observation of observations) changed.push(await ledger.apply(owner, observation));
      return changed;
    },
  };
}
