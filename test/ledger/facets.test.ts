import { describe, expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { HOUR, iso, NOW, ownerOf, SECOND } from '../support/callbacks.ts';
import { describeOnEngines } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { endOf, roomObservation, startOf, uploaded, uploadFailed } from '../support/observations.ts';

const OWNER = ownerOf('rongcloud');
const DAY = 24 * HOUR;

/** Uploads of one file and times, both in seconds after `NOW`. */
const succeeds = (at: number) => uploaded('task', 'a.mp4', at * SECOND);
const fails = (at: number, code = 20001) => uploadFailed('task', 'a.mp4', at * SECOND, { code });

const UPLOADED_AT_10 = { status: 'uploaded', uploadedAt: iso(10 * SECOND), lastEventAt: iso(10 * SECOND) };
const FAILED_AT_20 = {
  status: 'upload_failed',
  failedAt: iso(20 * SECOND),
  code: 20002,
  lastEventAt: iso(20 * SECOND),
};
const purgeOf = (failedAt: number) => ({ purgeAt: iso(failedAt * SECOND + DAY) });

/** The uploads of a file in the order they arrive, whether each changes the state, and the file afterwards. */
const UPLOADS: [name: string, arrivals: [Observation, boolean][], file: object][] = [
  [
    'a success outranks a later failure',
    [
      [succeeds(10), true],
      [fails(20), false],
    ],
    UPLOADED_AT_10,
  ],
  [
    'an earlier success ends a failure',
    [
      [fails(20), true],
      [succeeds(10), true],
    ],
    UPLOADED_AT_10,
  ],
  [
    'a later success ends a failure',
    [
      [fails(0), true],
      [succeeds(10), true],
    ],
    UPLOADED_AT_10,
  ],
  [
    'a failure from before the success does not begin again',
    [
      [fails(20), true],
      [succeeds(10), true],
      [fails(5), false],
    ],
    UPLOADED_AT_10,
  ],
  [
    'a later failure replaces an earlier one, and the deadline counts from the earlier',
    [
      [fails(10, 20001), true],
      [fails(20, 20002), true],
    ],
    { ...FAILED_AT_20, ...purgeOf(10) },
  ],
  [
    'an earlier failure that arrives later moves only the deadline',
    [
      [fails(20, 20002), true],
      [fails(10, 20001), true],
    ],
    { ...FAILED_AT_20, ...purgeOf(10) },
  ],
  [
    'the deadline counts from the earliest of many failures',
    [
      [fails(10), true],
      [fails(0), true],
      [fails(20, 20002), true],
      [fails(15), false],
    ],
    { ...FAILED_AT_20, ...purgeOf(0) },
  ],
  [
    'an equal order changes nothing',
    [
      [fails(20, 20002), true],
      [fails(20, 20002), false],
    ],
    { ...FAILED_AT_20, ...purgeOf(20) },
  ],
];

const started = (at: number) => startOf('task', at, { message: `started ${at}` });
const startFails = (at: number) => startOf('task', at, { status: 'failed' });
const ended = (at: number) => endOf('task', at, { message: `ended ${at}` });

const TASKS: [name: string, observations: Observation[], task: object][] = [
  ['ended', [started(1), ended(2)], { status: 'ended', startedAt: iso(1), endedAt: iso(2) }],
  ['ended in the ms it started', [started(1), ended(1)], { status: 'ended', endedAt: iso(1) }],
  ['started again', [ended(1), started(2)], { status: 'started', startedAt: iso(2), endedAt: undefined }],
  ['a later end replaces an earlier one', [ended(1), ended(2)], { endedAt: iso(2), message: 'ended 2' }],
  ['a later start replaces an earlier one', [started(1), started(2)], { message: 'started 2' }],
  ['started again on another day', [started(1), started(30 * HOUR)], { message: `started ${30 * HOUR}` }],
  ['started in 1970 and again', [started(9 - NOW), started(2)], { message: 'started 2' }],
  ['a failed start did not start', [startFails(1)], { status: 'failed', startedAt: undefined }],
  ['started after a failed start', [startFails(1), started(2)], { status: 'started', startedAt: iso(2) }],
];

const opened = (at: number) => roomObservation('room', 'open', at, `session ${at}`);
const closed = (at: number) => roomObservation('room', 'close', at, `session ${at}`);

const ROOMS: [name: string, observations: Observation[], room: object][] = [
  ['open', [opened(1)], { status: 'open', openedAt: iso(1), sessionId: 'session 1' }],
  ['closed', [opened(1), closed(2)], { status: 'closed', openedAt: iso(1), closedAt: iso(2) }],
  ['closed in the ms it was opened', [opened(1), closed(1)], { status: 'closed' }],
  [
    'open again',
    [opened(1), closed(2), opened(3)],
    { status: 'open', openedAt: iso(3), closedAt: undefined },
  ],
  ['closed, seen from its end', [closed(2)], { status: 'closed', openedAt: undefined, lastEventAt: iso(2) }],
];

describeOnEngines('a facet is a last-writer-wins register', (engine) => {
  describe('of an upload', () => {
    it.each(UPLOADS)('%s', async (_name, arrivals, file) => {
      const { applyAll, reader } = await freshLedger(engine);
      const changed = await applyAll(
        OWNER,
        arrivals.map(([observation]) => observation),
      );
      expect(changed).toEqual(arrivals.map(([, changes]) => changes));

      const expected = { ...OWNER, taskId: 'task', name: 'a.mp4', kind: 'recording', ...file };
      expect(await reader.file(OWNER, 'task')).toEqual(expected);
      const needsAttention = 'purgeAt' in file;
      const entry = { ...expected, reason: 'upload_failed' };
      expect(await reader.attention()).toMatchObject([{ files: needsAttention ? [entry] : [] }]);
    });

    it('is at equal times the same failure in either order', async () => {
      const files = [];
      for (const order of [
        [fails(0, 1), fails(0, 2)],
        [fails(0, 2), fails(0, 1)],
      ]) {
        const { applyAll, reader } = await freshLedger(engine);
        await applyAll(OWNER, order);
        files.push(await reader.file(OWNER, 'task'));
      }
      expect(files[0]).toEqual(files[1]);
    });

    it('has no deadline where the vendor states no retention', async () => {
      const { applyAll, reader } = await freshLedger(engine);
      await applyAll(OWNER, [uploadFailed('task', 'a.mp4', 0, { retentionMs: undefined })]);
      const [{ files } = { files: [] }] = await reader.attention({ now: Date.UTC(9999, 0) });
      expect(files).toMatchObject([{ status: 'upload_failed', purgeAt: undefined }]);
    });
  });

  describe('of a task, in either order', () => {
    it.each(TASKS)('%s', async (_name, observations, task) => {
      for (const order of [observations, observations.toReversed()]) {
        const { applyAll, reader } = await freshLedger(engine);
        await applyAll(OWNER, order);
        expect((await reader.task(OWNER, 'task'))[0]?.task).toMatchObject(task);
      }
    });
  });

  describe('of a room, in either order', () => {
    it.each(ROOMS)('%s', async (_name, observations, room) => {
      for (const order of [observations, observations.toReversed()]) {
        const { applyAll, reader } = await freshLedger(engine);
        await applyAll(OWNER, order);
        expect((await reader.room(OWNER, 'room'))[0]?.room).toMatchObject(room);
      }
    });
  });
});
