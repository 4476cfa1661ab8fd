import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Observation, RoomObservation } from '../../lib/callback/observation.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import type { ChangeEvent } from '../../types/index.d.ts';
import { HOUR, iso, ownerOf, SECOND } from '../support/callbacks.ts';
import { streamedTable } from '../support/change-stream.ts';
import { faultyClient } from '../support/commands.ts';
import { deliver, deliveries, faults, messagesOf, placesOf } from '../support/deliveries.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import {
  endOf,
  roomObservation,
  startOf,
  type TaskChanges,
  uploaded,
  uploadFailed,
} from '../support/observations.ts';
import { type BusFault, distinct, published } from '../support/published.ts';
import { readerOf } from '../support/reader.ts';
import {
  fileStatusFromEvents,
  isAttention,
  stateFromEvents,
  taskStatusFromEvents,
} from '../support/state-from-events.ts';
import { quickOrWhole } from '../support/suite.ts';
import { settingsOf, startWatch } from '../support/watch.ts';

/** PROPERTY_SEED=… runs another sample; a failure prints its seed and path. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);

const busFaults = fc.array(fc.constantFrom<BusFault>('entry', 'before', 'after', undefined), {
  maxLength: 20,
});

function dataOf({ type, data }: ChangeEvent): string {
  return JSON.stringify(
    { ...data, entry: type.startsWith('rtc.attention.') ? type : undefined },
    (name, value) => (name === 'lastEventAt' || name === 'previousStatus' ? undefined : value),
  );
}

const OWNER = ownerOf('rongcloud');

/** A watch that raises nothing but what is lost. */
const NOTHING_OVERDUE = {
  ...{ uploadMissingMs: 0, taskSilentMs: 0, screenshotMissingMs: 0 },
  ...{ purgeNearMs: 0, appSilentMs: 0 },
};

const fails = (at: number, retentionMs: number | undefined = 24 * HOUR) =>
  uploadFailed('task', 'a.mp4', at * SECOND, { retentionMs });
const succeeds = (at: number) => uploaded('task', 'a.mp4', at * SECOND);
const starts = (at: number, changes?: TaskChanges) => startOf('task', at * SECOND, changes);
const ends = (at: number, changes?: TaskChanges) => endOf('task', at * SECOND, changes);
const room = (facet: RoomObservation['facet'], at: number): RoomObservation => ({
  ...roomObservation('room', 'open', at * SECOND),
  facet,
});

/** Observations in the order they are applied, and their events: the type and the seconds after `NOW`. */
const CASES: [
  name: string,
  observations: Observation[],
  expected: [type: ChangeEvent['type'], at: number][],
][] = [
  [
    'a task runs',
    [starts(0), ends(1)],
    [
      ['rtc.task.started', 0],
      ['rtc.task.ended', 1],
    ],
  ],
  ['it fails', [starts(0, { status: 'failed', code: 1 })], [['rtc.task.failed', 0]]],
  [
    'its start is late news',
    [ends(1), starts(0)],
    [
      ['rtc.task.ended', 1],
      ['rtc.task.updated', 0],
    ],
  ],
  [
    'it runs again',
    [starts(0), ends(1), starts(2)],
    [
      ['rtc.task.started', 0],
      ['rtc.task.ended', 1],
      ['rtc.task.started', 2],
    ],
  ],
  ['it comes again', [starts(0), starts(0)], [['rtc.task.started', 0]]],
  [
    'its callbacks disagree on its room, which moves it to another list',
    [starts(0, { roomId: 'a' }), ends(1, { roomId: 'b' })],
    [
      ['rtc.task.started', 0],
      ['rtc.task.ended', 1],
    ],
  ],
  ['a file is uploaded', [succeeds(0)], [['rtc.file.uploaded', 0]]],
  [
    'after failures',
    [fails(0), fails(10), succeeds(5)],
    [
      ['rtc.file.upload_failed', 0],
      ['rtc.file.updated', 10],
      ['rtc.file.uploaded', 5],
    ],
  ],
  ['a failure is older than the success', [succeeds(5), fails(0)], [['rtc.file.uploaded', 5]]],
  [
    'an earlier failure brings the deadline nearer',
    [fails(10), fails(5), fails(0)],
    [
      ['rtc.file.upload_failed', 10],
      ['rtc.file.updated', 5],
      ['rtc.file.updated', 0],
    ],
  ],
  [
    'an earlier failure with the same deadline changes nothing',
    [fails(10, 0), fails(0, 10 * SECOND)],
    [['rtc.file.upload_failed', 10]],
  ],
  [
    'a room',
    [room('activity', 0), room('open', 1), room('activity', 2), room('close', 3), room('activity', 4)],
    [
      ['rtc.room.opened', 1],
      ['rtc.room.closed', 3],
    ],
  ],
];

describeOnEngines('the events of changes', (engine) => {
  it.each(CASES)('%s', async (_name, observations, expected) => {
    const table = await streamedTable(engine);
    const ledger = createLedger(table.client, table.tableName);
    for (const observation of observations) await ledger.apply(OWNER, observation);
    const events = (await published(await table.records())).filter((event) => !isAttention(event));
    expect(events.map(({ type, time }) => [type, time])).toEqual(
      expected.map(([type, at]) => [type, iso(at * SECOND)]),
    );
    expect(distinct(events)).toEqual(events);
    await table.close();
  });

  it('give the state, each change once, in any order of delivery and whatever fails', () =>
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
          // It finds which end of a part is that of the whole task.
          await startWatch(table, settingsOf(NOTHING_OVERDUE)).run(2 * HOUR);
          const records = await table.records();
          const all = await published(records, busLost, size);
          const events = distinct(all);

          // A repeated id is the same event; without faults no id is repeated.
          expect(new Set(all.map((event) => JSON.stringify(event))).size).toBe(events.length);
          const undisturbed = await published(records);
          expect(undisturbed).toHaveLength(events.length);
          expect(distinct(undisturbed)).toEqual(events);
          // No event of a subject repeats the one before it.
          for (const subject of new Set(events.map((event) => event.source + event.subject))) {
            const ofSubject = events.filter((event) => event.source + event.subject === subject).map(dataOf);
            expect(ofSubject.filter((data, index) => data === ofSubject[index - 1])).toEqual([]);
          }
          const reader = readerOf(table);
          for (const { owner, kind, id } of places) {
            const own = events.filter(({ source }) => source.endsWith(`/${owner.vendor}/${owner.appId}`));
            const known = stateFromEvents(own, id);
            if (kind === 'room') {
              const room = (await reader.room(owner, id))[0]?.room;
              expect(known.room?.data.room.status ?? 'unknown').toBe(room?.status);
              continue;
            }
            const [answer] = await reader.task(owner, id);
            expect(taskStatusFromEvents(known)).toBe(answer?.task.status);
            const named = (answer?.files ?? []).filter(
              ({ name, isProvisional }) => name !== '' && !isProvisional,
            );
            expect(fileStatusFromEvents(known)).toEqual(
              new Map(named.map(({ name, status }) => [name, status])),
            );
          }

          // A second delivery of everything makes no new event.
          await deliver({ client: table.client, tableName }, messages, 1);
          expect(await table.records()).toEqual(records);
          await table.close();
          faulty.destroy();
        },
      ),
      { seed: SEED, numRuns: runsOn(engine, quickOrWhole(4, 10)) },
    ));
});
