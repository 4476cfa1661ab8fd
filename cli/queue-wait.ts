import { setTimeout } from 'node:timers/promises';
import type { Json } from '../lib/platform/json.ts';
import type { Connection } from './connection.ts';
import { textOf } from './log-lines.ts';

/** How long to wait for the consumer, in ms: it takes a message again after its visibility timeout. */
const LONGEST_WAIT_MS = 5 * 60_000;

/** What the consumer's log says of a replayed message. */
export interface Consumed {
  /** `applied`, `duplicate`, `event` or `quarantined`; `retrying` or `not seen` when the time was up first. */
  became: string;
  reason?: string;
}

/** Follows the consumer's log from now on, for what becomes of replayed messages. */
export async function followConsumer(
  connection: Connection,
  signal: AbortSignal,
): Promise<(loggedIds: readonly string[]) => Promise<ReadonlyMap<string, Consumed>>> {
  const log = connection.logLines({ functions: ['consumer'], messages: ['consumed', 'retry'] });
  await log.next();
  return async (loggedIds) => {
    const giveUpAt = performance.now() + LONGEST_WAIT_MS;
    const known = new Map(loggedIds.map((id): [string, Consumed] => [id, { became: 'not seen' }]));
    const isSettled = ({ became }: Consumed) => became !== 'not seen' && became !== 'retrying';
    while (![...known.values()].every(isSettled) && !signal.aborted && performance.now() < giveUpAt) {
      for (const line of (await log.next()).lines) {
        const id = textOf(line, 'replayOf') ?? '';
        if (known.has(id)) known.set(id, consumedOf(line));
      }
      await setTimeout(log.pauseMs, undefined, { signal }).catch(() => {});
    }
    return known;
  };
}

function consumedOf(line: Json): Consumed {
  const reason = textOf(line, 'reason');
  return {
    became: textOf(line, 'verdict') ?? 'retrying',
    ...(reason === undefined ? {} : { reason }),
  };
}
