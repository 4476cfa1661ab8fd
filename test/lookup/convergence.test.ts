import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileObservation, Observation } from '../../lib/callback/observation.ts';
import { ANSWER_RANK, STORAGE_RANK } from '../../lib/callback/rank.ts';
import { isoTime } from '../../lib/callback/time.ts';
import { HOUR, NOW, ownerOf } from '../support/callbacks.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { closed, endOf, otherFiles, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { quickOrWhole } from '../support/suite.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const OWNER = ownerOf('zego');
const TASK = 'task';

const inHours = fc.integer({ min: 0, max: 5 }).map((hours) => hours * HOUR);
const name = fc.constantFrom('a.mp4', 'b.mp4');

const look = (file: string, at: number, status: 'uploaded' | 'missing'): FileObservation => ({
  ...{ entity: 'file', taskId: TASK, name: file, facet: 'storage', rank: STORAGE_RANK[status], at: NOW + at },
  value: { status, task: { kind: 'recording' }, checkedAt: isoTime(NOW + at), tries: 1 },
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
  inHours.map((at) => startOf(TASK, at)),
  inHours.map((at) => endOf(TASK, at, { filesFollow: true })),
  fc.tuple(name, inHours).map(([file, at]) => closed(TASK, file, at)),
  fc.tuple(name, inHours).map(([file, at]) => uploaded(TASK, file, at)),
  fc.tuple(name, inHours).map(([file, at]) => uploadFailed(TASK, file, at)),
  fc
    .tuple(inHours, fc.constantFrom('upload_failed', 'uploaded'))
    .map(([at, fate]) => otherFiles(TASK, at, fate)),
  fc.tuple(name, inHours, fc.constantFrom('uploaded', 'missing')).map((parts) => look(...parts)),
  fc
    .tuple(name, inHours, fc.constantFrom('recording', 'closed', 'uploaded', 'upload_failed'))
    .map((parts) => answered(...parts)),
  fc.tuple(inHours, fc.constantFrom('started', 'ended')).map((parts) => taskAnswer(...parts)),
);

const lives = fc
  .array(said, { minLength: 1, maxLength: 10 })
  .chain((life) => fc.tuple(fc.constant(life), fc.shuffledSubarray(life, { minLength: life.length })));

describeOnEngines('with all sources', (engine) => {
  const answersOf = async ({ reader }: FreshLedger) => {
    const attention = await reader.attention({ now: NOW + 6 * HOUR });
    return JSON.parse(JSON.stringify({ task: await reader.task(OWNER, TASK), attention }));
  };

  it('the state is the same whatever the order, and a success anywhere is the state', () =>
    fc.assert(
      fc.asyncProperty(lives, async ([life, shuffled]) => {
        const [inOrder, inAnyOrder] = [await freshLedger(engine), await freshLedger(engine)];
        await inOrder.applyAll(OWNER, life);
        await inAnyOrder.applyAll(OWNER, [...shuffled, ...life.slice(0, 2)]);
        const answers = await answersOf(inAnyOrder);
        expect(answers).toEqual(await answersOf(inOrder));
        const files: { name: string; status: string; purgeAt?: string }[] = answers.task.flatMap(
          (page: { files: object[] }) => page.files,
        );
        for (const observation of life) {
          if (observation.entity !== 'file' || observation.value.status !== 'uploaded') continue;
          const file = files.filter((one) => one.name === observation.name);
          expect(file).toEqual([expect.objectContaining({ status: 'uploaded' })]);
          expect(file[0]?.purgeAt).toBeUndefined();
        }
      }),
      { seed: SEED, numRuns: quickOrWhole(15, 150) },
    ));
});
