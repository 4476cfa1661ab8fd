import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BusEntry, PutResult } from '../../lib/changes/bus.ts';
import { publishChanges, type StreamRecord } from '../../lib/changes/publish.ts';
import type { ChangeEvent } from '../../types/index.d.ts';
import { NOW } from '../support/callbacks.ts';
import { streamedTable } from '../support/change-stream.ts';
import { faultyClient } from '../support/commands.ts';
import { deliver, deliveries, faults, messagesOf, placesOf } from '../support/deliveries.ts';
import { describeOnEngines } from '../support/engines.ts';
import { readerOf } from '../support/reader.ts';
import { toldFileStatus, toldState } from '../support/told-state.ts';

/** PROPERTY_SEED=… runs another sample; a failure prints its seed and path. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const SEARCH_MS = 10_000;
const RUNS = { dynalite: 10, 'DynamoDB Local': 10 };

/** How one call of the bus goes wrong: an entry is refused, or nothing is taken, or only the answer is lost. */
type BusFault = 'entry' | 'before' | 'after' | undefined;

const busFaults = fc.array(fc.constantFrom<BusFault>('entry', 'before', 'after', undefined), {
  maxLength: 20,
});

/** Publishes records until all of them are on the bus, `batchSize` at a time, the clock at a standstill. */
async function published(
  records: readonly StreamRecord[],
  faultsOfRun: readonly BusFault[],
  batchSize: number,
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
  const services = { put, log: () => {}, now: () => NOW, pause: async () => {} };
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

/** Without repetitions of the same event, in the order that their sequence tells: the bus promises none. */
function distinct(events: readonly ChangeEvent[]): ChangeEvent[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
}

function dataOf({ data }: ChangeEvent): string {
  return JSON.stringify(data, (name, value) =>
    name === 'lastEventAt' || name === 'previousStatus' ? undefined : value,
  );
}

describeOnEngines('the events of changes', (engine) => {
  it(
    'tell the state, each change once, whatever is delivered in whatever order and whatever fails',
    {
      timeout: 60_000,
    },
    () =>
      fc.assert(
        fc.asyncProperty(
          deliveries,
          faults,
          busFaults,
          fc.integer({ min: 1, max: 4 }),
          async ({ list, order }, lost, busLost, size) => {
            const table = await streamedTable(engine);
            const faulty = faultyClient(table.connect(), (_command, count) => lost[count]);
            const messages = messagesOf(list, order);
            const { tableName } = table;
            const places = placesOf(await deliver({ client: faulty, tableName }, messages, size));
            const records = await table.records();
            const all = await published(records, busLost, size);
            const events = distinct(all);

            // Every repetition of an id is the same event, and without faults there is none.
            expect(new Set(all.map((event) => JSON.stringify(event))).size).toBe(events.length);
            expect(await published(records, [], 100)).toEqual(events);
            // No event of a subject tells what the one before it has told.
            for (const subject of new Set(events.map((event) => event.source + event.subject))) {
              const told = events.filter((event) => event.source + event.subject === subject).map(dataOf);
              expect(told.filter((data, index) => data === told[index - 1])).toEqual([]);
            }
            const reader = readerOf(table);
            for (const { owner, kind, id } of places) {
              const own = events.filter(({ source }) => source.endsWith(`/${owner.vendor}/${owner.appId}`));
              const told = toldState(own, id);
              if (kind === 'room') {
                const room = (await reader.room(owner, id))[0]?.room;
                expect(told.room?.data.room.status ?? 'unknown').toBe(room?.status);
                continue;
              }
              const [answer] = await reader.task(owner, id);
              expect(told.task?.data.task.status ?? 'unknown').toBe(answer?.task.status);
              const named = (answer?.files ?? []).filter(({ name }) => name !== '');
              expect(toldFileStatus(told)).toEqual(new Map(named.map(({ name, status }) => [name, status])));
            }

            // Nothing new is told when everything is delivered again.
            await deliver({ client: table.client, tableName }, messages, 1);
            expect(await table.records()).toEqual(records);
            await table.close();
            faulty.destroy();
          },
        ),
        { seed: SEED, numRuns: RUNS[engine.name], interruptAfterTimeLimit: SEARCH_MS },
      ),
  );
});
