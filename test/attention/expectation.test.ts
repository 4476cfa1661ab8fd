import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  decide,
  type Expectations,
  fileExpectations,
  isStillExpected,
  taskExpectations,
} from '../../lib/attention/expectation.ts';
import type { ExpectationThresholds } from '../../lib/attention/settings.ts';
import type { FileFacet, TaskFacet, TaskUpload } from '../../lib/callback/observation.ts';
import type { FileFacets, Stored, TaskFacets } from '../../lib/ledger/facets.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const times = fc.integer({ min: 0, max: 10 * DAY });
const thresholds: fc.Arbitrary<ExpectationThresholds> = fc.record({
  uploadMissingMs: fc.constantFrom(0, MINUTE, HOUR),
  taskSilentMs: fc.constantFrom(0, HOUR, DAY),
  screenshotMissingMs: fc.constantFrom(0, MINUTE, 30 * MINUTE),
});
const keepMs = fc.constantFrom(DAY, 7 * DAY, Number.POSITIVE_INFINITY);

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const stored = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Stored<Value>> =>
  fc.record({ at: times, value });
const task = fc.constantFrom({ kind: 'recording' } as const, { kind: 'screenshot' } as const);
const starts = fc.record({
  status: fc.constantFrom<TaskFacet['status']>('started', 'failed'),
  task,
  pictureIntervalMs: maybe(fc.constantFrom(30_000, HOUR)),
});
const ends = fc.record({
  status: fc.constantFrom<TaskFacet['status']>('ended', 'failed'),
  task,
  filesFollow: maybe(fc.constant(true)),
  file: maybe(fc.constant({ name: 'a.mp4' })),
});
const uploads = fc.record({
  status: fc.constantFrom<TaskUpload['status']>('uploaded', 'upload_failed'),
  task,
});
const taskFacets: fc.Arbitrary<TaskFacets> = fc.record({
  start: maybe(stored(starts)),
  end: maybe(stored(ends)),
  upload: maybe(stored(uploads)),
});
const facet = (status: FileFacet['status']) => stored(fc.record({ status: fc.constant(status), task }));
const fileFacets: fc.Arbitrary<FileFacets> = fc.record({
  start: maybe(facet('recording')),
  segment: maybe(facet('closed')),
  upload: maybe(facet('uploaded')),
});

const ofTasks = fc
  .record({ facets: taskFacets, lastHeardAt: times, isFileKnown: fc.boolean() })
  .map(taskExpectations);
const ofFiles = fc
  .tuple(fileFacets, taskFacets, fc.boolean())
  .map(([file, ofTask, isTaskWatched]) => fileExpectations('a.m3u8', file, ofTask, isTaskWatched));
const anyExpectations: fc.Arbitrary<Expectations> = fc.oneof(ofTasks, ofFiles);

const at = (ms: number) => ({ at: ms, value: { status: 'started', task: { kind: 'recording' } } as const });
const ended = (ms: number, changes: Partial<TaskFacet> = { filesFollow: true }) => ({
  at: ms,
  value: { status: 'ended', task: { kind: 'recording' }, ...changes } as const,
});
const ofFile = (ms: number, status: FileFacet['status']) => ({
  at: ms,
  value: { status, task: { kind: 'recording' } } as const,
});

describe('a decision', () => {
  it('is overdue exactly from the threshold on, until it is dropped', () => {
    const everything = { uploadMissingMs: HOUR, taskSilentMs: DAY, screenshotMissingMs: 30 * MINUTE };
    const expectations: Expectations = {
      expected: [{ reason: 'upload_missing', since: 5, threshold: 'uploadMissingMs' }],
    };
    const states = [0, HOUR + 4, HOUR + 5, HOUR + 6].map((now) =>
      decide(expectations, everything, now, undefined, DAY),
    );
    const overdue = { state: 'overdue', reason: 'upload_missing', since: 5 };
    const waiting = { state: 'waiting', until: HOUR + 5 };
    expect(states).toEqual([waiting, waiting, overdue, overdue]);
    expect(decide(expectations, everything, 3 * DAY, 2 * DAY + 1, DAY)).toEqual(overdue);
    expect(decide(expectations, everything, 3 * DAY, 2 * DAY, DAY)).toEqual({ state: 'dropped' });
  });

  it('that waits is the same at every time before its end, and another one from then on', () => {
    fc.assert(
      fc.property(anyExpectations, thresholds, times, keepMs, (expectations, settings, now, keep) => {
        const decision = decide(expectations, settings, now, undefined, keep);
        if (decision.state !== 'waiting') return;
        expect(decision.until).toBeGreaterThan(now);
        if (!expectations.expected.some((one) => 'due' in one || settings[one.threshold] > 0)) return;
        expect(decide(expectations, settings, decision.until - 1, undefined, keep)).toEqual(decision);
        expect(decide(expectations, settings, decision.until, undefined, keep).state).toBe('overdue');
      }),
    );
  });

  it('that is overdue stays it while nothing comes, and is then dropped', () => {
    fc.assert(
      fc.property(
        anyExpectations,
        thresholds,
        times,
        times,
        keepMs,
        (expectations, settings, now, later, keep) => {
          const decision = decide(expectations, settings, now, undefined, keep);
          if (decision.state !== 'overdue') return;
          const next: Decision = decide(expectations, settings, now + later, now, keep);
          expect(next.state).toBe(later >= keep ? 'dropped' : 'overdue');
          expect(isStillExpected(expectations, decision.reason, decision.since)).toBe(true);
        },
      ),
    );
  });

  it('never misses what is switched off', () => {
    const off = { uploadMissingMs: 0, taskSilentMs: 0, screenshotMissingMs: 0 };
    fc.assert(
      fc.property(anyExpectations, times, times, (expectations, now, raisedAt) => {
        const { state } = decide(expectations, off, now, raisedAt, DAY);
        expect(['settled', 'waiting']).toContain(state);
      }),
    );
  });

  it('looks again after an hour at what runs with its thresholds off, until that was silent for too long', () => {
    const off = { uploadMissingMs: 0, taskSilentMs: 0, screenshotMissingMs: 0 };
    const at = (now: number) => decide({ expected: [], runningSince: MINUTE }, off, now, undefined, DAY);
    expect(at(DAY)).toEqual({ state: 'waiting', until: DAY + HOUR });
    expect(at(DAY + MINUTE)).toEqual({ state: 'settled' });
    expect(decide({ expected: [] }, off, 0, undefined, DAY)).toEqual({ state: 'settled' });
  });

  it('comes to an end for everything that nothing more is heard of', () => {
    fc.assert(
      fc.property(ofTasks, thresholds, (expectations, settings) => {
        const { state } = decide(expectations, settings, 100 * DAY, 90 * DAY, 7 * DAY);
        expect(['settled', 'dropped']).toContain(state);
      }),
    );
  });
});

it('an attention item is still expected for its own reason, and since then or before', () => {
  const expectations: Expectations = {
    expected: [{ reason: 'upload_missing', since: 5, threshold: 'uploadMissingMs' }],
  };
  expect([4, 5, 6].map((since) => isStillExpected(expectations, 'upload_missing', since))).toEqual([
    ...[false, true, true],
  ]);
  expect(isStillExpected(expectations, 'task_silent', 5)).toBe(false);
  expect(isStillExpected({ expected: [] }, 'upload_missing', 5)).toBe(false);
});

describe('what is missing of a task', () => {
  const reasonsOf = (facets: TaskFacets, isFileKnown = false) =>
    taskExpectations({ facets, lastHeardAt: 7, isFileKnown }).expected.map(
      ({ reason, since }) => `${reason} ${since}`,
    );

  it.each<[string, TaskFacets, string[]]>([
    ['nothing while nothing is known', {}, []],
    ['the next callback of one that runs', { start: at(1) }, ['task_silent 7']],
    [
      'and its pictures',
      { start: { at: 1, value: { status: 'started', task: { kind: 'screenshot' } } } },
      ['task_silent 7', 'screenshot_missing 7'],
    ],
    [
      'nothing of one that did not start',
      { start: { at: 1, value: { ...at(1).value, status: 'failed' } } },
      [],
    ],
    ['the files of one that has ended', { start: at(1), end: ended(2) }, ['upload_missing 2']],
    ['the file that its end names', { end: ended(2, { file: { name: 'a' } }) }, ['upload_missing 2']],
    ['nothing where the vendor reports no uploads', { start: at(1), end: ended(2, {}) }, []],
    ['the next callback of one that has started again', { start: at(3), end: ended(2) }, ['task_silent 7']],
    [
      'nothing once its uploads were reported',
      { end: ended(2), upload: { at: 1, value: { status: 'upload_failed', task: { kind: 'recording' } } } },
      [],
    ],
  ])('%s', (_name, facets, reasons) => expect(reasonsOf(facets)).toEqual(reasons));

  it('no file that is known, which is a expectations of its own', () => {
    expect(reasonsOf({ end: ended(2) }, true)).toEqual([]);
  });

  it('no picture before three should have come', () => {
    const value = { status: 'started', task: { kind: 'screenshot' }, pictureIntervalMs: HOUR } as const;
    const expectations = taskExpectations({
      facets: { start: { at: 0, value } },
      lastHeardAt: 0,
      isFileKnown: false,
    });
    const settings = { uploadMissingMs: 0, taskSilentMs: 0, screenshotMissingMs: 30 * MINUTE };
    expect(decide(expectations, settings, 3 * HOUR - 1, undefined, DAY).state).toBe('waiting');
    expect(decide(expectations, settings, 3 * HOUR, undefined, DAY).state).toBe('overdue');
  });
});

describe('what is missing of a file', () => {
  const upload = ofFile(9, 'uploaded');
  const [start, segment] = [ofFile(3, 'recording'), ofFile(4, 'closed')];
  const ofTask = { at: 9, value: { status: 'uploaded', task: { kind: 'recording' } } as const };

  it.each<[string, FileFacets, TaskFacets, Expectations]>([
    ['nothing once it is uploaded', { start, segment, upload }, {}, { expected: [] }],
    ['nothing once its task’s files are', { segment }, { upload: ofTask }, { expected: [] }],
    [
      'its upload once it was closed',
      { start, segment },
      { start: at(1) },
      { expected: [{ reason: 'upload_missing', since: 4, threshold: 'uploadMissingMs' }] },
    ],
    [
      'nothing while its task runs',
      { start },
      { start: at(1) },
      { expected: [], runningSince: Number.POSITIVE_INFINITY },
    ],
    [
      'its upload once its task has ended',
      { start },
      { start: at(1), end: ended(5, {}) },
      { expected: [{ reason: 'upload_missing', since: 5, threshold: 'uploadMissingMs' }] },
    ],
    [
      'its upload when its task ended before it began',
      { start },
      { end: ended(2, {}) },
      { expected: [{ reason: 'upload_missing', since: 3, threshold: 'uploadMissingMs' }] },
    ],
    ['nothing where no callback of it is known', {}, { end: ended(2) }, { expected: [] }],
    [
      'nothing under a name that its end will replace',
      { start: { ...start, value: { ...start.value, isProvisional: true } } },
      { end: ended(5) },
      { expected: [] },
    ],
    [
      'its upload, much later, when nothing is known of its task',
      { start },
      {},
      { expected: [{ reason: 'upload_missing', since: 3, threshold: 'taskSilentMs' }] },
    ],
  ])('%s', (_name, file, facets, expectations) =>
    expect(fileExpectations('a.m3u8', file, facets, true)).toEqual(expectations),
  );

  it('nothing when its running task is not waited for any more', () => {
    expect(fileExpectations('a.m3u8', { start }, { start: at(1) }, false)).toEqual({ expected: [] });
  });
});
