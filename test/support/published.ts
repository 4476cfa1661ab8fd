import { expect } from 'vitest';
import type { BusEntry, PutResult } from '../../lib/changes/bus.ts';
import type { ReadLabels } from '../../lib/changes/labels.ts';
import { publishChanges, type StreamRecord } from '../../lib/changes/publish.ts';
import type { ChangeEvent } from '../../types/index.d.ts';
import { NOW } from './callbacks.ts';

/** How one call of the bus goes wrong: an entry is refused, or nothing is taken, or only the answer is lost. */
export type BusFault = 'entry' | 'before' | 'after' | undefined;

/** Publishes records until all of them are on the bus, `batchSize` at a time, the clock at a standstill. */
export async function published(
  records: readonly StreamRecord[],
  faultsOfRun: readonly BusFault[] = [],
  batchSize = 100,
  labels: ReadLabels = async () => new Map(),
): Promise<ChangeEvent[]> {
  const events: ChangeEvent[] = [];
  let calls = 0;
  const put = async (entries: readonly BusEntry[]): Promise<PutResult> => {
    const fault = faultsOfRun[calls++];
    const taken = fault === 'before' ? [] : entries.slice(fault === 'entry' ? 1 : 0);
    events.push(...taken.map(({ Detail }) => JSON.parse(Detail)));
    if (fault === 'entry') return entries.map((_, index) => (index === 0 ? 'InternalFailure' : undefined));
    return entries.map(() => (fault === undefined ? undefined : 'timeout'));
  };
  const services = { labels, put, log: () => {}, now: () => NOW, pause: async () => {} };
  const settings = { busName: 'bus', source: '/rtc-callbacks/test' };
  for (let next = 0; next < records.length; ) {
    const batch = records.slice(next, next + batchSize);
    const failed = await publishChanges(batch, services, settings, NOW);
    const position = batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed);
    expect(failed === undefined || position >= 0).toBe(true);
    next += failed === undefined ? batch.length : position;
  }
  return events;
}

/** Without repetitions of the same event, in the order of their sequence: the bus promises none. */
export function distinct(events: readonly ChangeEvent[]): ChangeEvent[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const place = ({ sequence, subject }: ChangeEvent) => `${sequence} ${subject}`;
  return [...byId.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}
