import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileObservation, Observation } from '../../lib/callback/observation.ts';
import { ANSWER_RANK, STORAGE_RANK } from '../../lib/callback/rank.ts';
import { isoTime } from '../../lib/callback/time.ts';
import { HOUR, iso, NOW, ownerOf } from '../support/callbacks.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { closed, endOf, otherFiles, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { settingsOf, startWatch } from '../support/watch.ts';
import { EXPECT, WITHDRAW, writeApi } from '../support/write-api.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const RUNS = 4;
const OWNER = ownerOf('zego');
const TASK = 'task';

/** After all that is said, so that what is missing by then is overdue. */
const LATER = 32 * HOUR;

const inHours = fc.integer({ min: 0, max: 5 }).map((hours) => hours * HOUR);
const name = fc.constantFrom('a.mp4', 'b.mp4');
const room = fc.constantFrom('room', 'other');

const look = (file: string, at: number, status: 'uploaded' | 'missing'): FileObservation => ({
  ...{ entity: 'file', taskId: TASK, name: file, facet: 'storage', rank: STORAGE_RANK[status], at: NOW + at },
  value: { status, task: { kind: 'recording' }, checkedAt: isoTime(NOW + at), tries: 1 },
});

const lookOfTask = (at: number, status: 'uploaded' | 'missing'): Observation => ({
  ...{ entity: 'task', taskId: TASK, facet: 'storage', rank: STORAGE_RANK[status], at: NOW + at },
  value: { status, task: { kind: 'recording' }, checkedAt: isoTime(NOW + at) },
});

const answered = (
  file: string,
  at: number,
  status: 'recording' | 'closed' | 'uploaded' | 'upload_failed',
): FileObservation => ({
  ...{ entity: 'file', taskId: TASK, name: file, facet: 'answer', rank: ANSWER_RANK[status], at: NOW + at },
  value: { status, task: { kind: 'recording' }, askedAt: isoTime(NOW + at) },
  ...(status === 'upload_failed' ? { retentionMs: 72 * HOUR } : {}),
});

const taskAnswer = (at: number, status: 'started' | 'ended'): Observation => ({
  ...{ entity: 'task', taskId: TASK, facet: 'answer', rank: ANSWER_RANK[status], at: NOW + at },
  value: { status, task: { kind: 'recording', roomId: 'room' }, beganAt: NOW, askedAt: isoTime(NOW + at) },
});

/** What callbacks, the bucket and the vendor may say of one task with two files. */
const said: fc.Arbitrary<Observation> = fc.oneof(
  fc.tuple(inHours, room).map(([at, roomId]) => startOf(TASK, at, { roomId })),
  inHours.map((at) => endOf(TASK, at, { filesFollow: true })),
  fc.tuple(name, inHours).map(([file, at]) => closed(TASK, file, at)),
  fc.tuple(name, inHours).map(([file, at]) => uploaded(TASK, file, at)),
  fc.tuple(name, inHours).map(([file, at]) => uploadFailed(TASK, file, at)),
  fc
    .tuple(inHours, fc.constantFrom('upload_failed', 'uploaded', 'recovered'))
    .map(([at, fate]) => otherFiles(TASK, at, fate)),
  fc.tuple(name, inHours, fc.constantFrom('uploaded', 'missing')).map((parts) => look(...parts)),
  fc.tuple(inHours, fc.constantFrom('uploaded', 'missing')).map((parts) => lookOfTask(...parts)),
  fc
    .tuple(name, inHours, fc.constantFrom('recording', 'closed', 'uploaded', 'upload_failed'))
    .map((parts) => answered(...parts)),
  fc.tuple(inHours, fc.constantFrom('started', 'ended')).map((parts) => taskAnswer(...parts)),
);

/** What your backend says: a body to expect the task by, or that it is expected no more. */
const request = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record(
      {
        roomId: room,
        label: fc.constantFrom('lesson-1', 'lesson-2'),
        startedAt: inHours.map(iso),
        expectedBy: inHours.map(iso),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.constant('withdraw' as const) },
);

type Request = object | 'withdraw';
type Step = { said: Observation } | { request: Request; at: number };

/** Two orders of the same facts. Of what your backend says the last is what counts: that keeps its order. */
const lives = fc
  .tuple(fc.array(said, { minLength: 1, maxLength: 10 }), fc.array(request, { maxLength: 3 }))
  .chain(([life, requests]) => {
    const steps: Step[] = [
      ...requests.map((one, index) => ({ request: one, at: index * HOUR })),
      ...life.map((one) => ({ said: one })),
    ];
    const all = fc.shuffledSubarray(steps, { minLength: steps.length });
    return fc.record({ life: fc.constant(life), one: all.map(inTurn), other: all.map(inTurn) });
  });

/** The same steps with those of your backend in their order. */
function inTurn(steps: readonly Step[]): Step[] {
  const requests = steps.filter((step) => 'request' in step).sort((a, b) => a.at - b.at);
  return steps.map((step) => ('request' in step ? (requests.shift() as Step) : step));
}

describeOnEngines('with all sources', (engine) => {
  const ledgerAfter = async (steps: readonly Step[]): Promise<FreshLedger> => {
    const store = await freshLedger(engine);
    const api = writeApi(store);
    for (const step of steps) {
      if ('said' in step) await store.applyAll(OWNER, [step.said]);
      else if (step.request === 'withdraw')
        await api.request(WITHDRAW, {}, step.at, { ...OWNER, taskId: `${TASK}/expected` });
      else await api.request(EXPECT, step.request, step.at, { ...OWNER, taskId: TASK });
    }
    return store;
  };

  /** All that readers see, at once and once the watch has looked. */
  const answersOf = async (store: FreshLedger) => {
    const { reader } = store;
    const attention = await reader.attention({ now: NOW + 6 * HOUR });
    const seen = {
      task: await reader.task(OWNER, TASK),
      rooms: [await reader.room(OWNER, 'room'), await reader.room(OWNER, 'other')],
      lists: [await reader.list('tasks', OWNER), await reader.list('files', OWNER)],
      attention,
    };
    await startWatch(store, settingsOf()).run(LATER);
    const overdue = await reader.attention({ now: NOW + LATER });
    return JSON.parse(JSON.stringify({ ...seen, overdue }));
  };

  interface SeenFile {
    name: string;
    status: string;
    purgeAt?: string;
  }
  const filesOf = (answers: { task: { files: SeenFile[] }[] }) => answers.task.flatMap(({ files }) => files);

  it('the state is the same whatever the order, and a success anywhere is the state', () =>
    fc.assert(
      fc.asyncProperty(lives, async ({ life, one, other }) => {
        const answers = await answersOf(await ledgerAfter(one));
        const repeated = [...other, ...other.filter((step) => 'said' in step).slice(0, 2)];
        expect(await answersOf(await ledgerAfter(repeated))).toEqual(answers);
        for (const observation of life) {
          if (observation.entity !== 'file' || observation.value.status !== 'uploaded') continue;
          const file = filesOf(answers).filter((each) => each.name === observation.name);
          expect(file).toEqual([expect.objectContaining({ status: 'uploaded' })]);
          expect(file[0]?.purgeAt).toBeUndefined();
        }
      }),
      { seed: SEED, numRuns: runsOn(engine, RUNS) },
    ));

  it('what is not in the bucket undoes nothing', () =>
    fc.assert(
      fc.asyncProperty(lives, async ({ one }) => {
        const isAbsence = (step: Step) =>
          'said' in step && step.said.facet === 'storage' && step.said.value.status === 'missing';
        const statusesOf = async (steps: readonly Step[]) => {
          const { reader } = await ledgerAfter(steps);
          const files = (await reader.task(OWNER, TASK)).flatMap((page) => page.files);
          return new Map(files.map(({ name: file, status, purgeAt }) => [file, `${status} ${purgeAt}`]));
        };
        const looked = await statusesOf(one);
        for (const [file, status] of await statusesOf(one.filter((step) => !isAbsence(step))))
          expect([file, looked.get(file)]).toEqual([file, status]);
      }),
      { seed: SEED, numRuns: runsOn(engine, RUNS) },
    ));
});
