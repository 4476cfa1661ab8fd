import type { ExpectedTask } from '../callback/observation.ts';
import {
  effectiveUpload,
  type FileFacets,
  hasCallback,
  phaseOf,
  type Stored,
  type TaskFacets,
} from '../ledger/facets.ts';
import { filesFollow } from '../ledger/updates.ts';
import type { ExpectationReason } from './attention-item.ts';
import type { ExpectationThresholds } from './settings.ts';

/** A callback that should come. */
export type Expectation = {
  /** The reason of the attention item when it does not come. */
  reason: ExpectationReason;
  /** Start of the wait, Unix time in ms. */
  since: number;
} & (WithThreshold | WithDeadline);

interface WithThreshold {
  /** The threshold after which it is overdue. */
  threshold: keyof ExpectationThresholds;
  /** Lower bound of the threshold in ms, whatever the settings say. */
  atLeastMs?: number;
}

interface WithDeadline {
  /** When it is overdue, Unix time in ms. */
  due: number;
}

/** What a task or a file still expects. */
export interface Expectations {
  /** The most telling first. */
  expected: Expectation[];
  /**
   * Last sign of life of a running task, Unix time in ms. The task is checked again even when all its thresholds are
   * off; absent when nothing runs.
   */
  runningSince?: number;
}

/** All that a task's expectations depend on. */
export interface TaskState {
  facets: TaskFacets;
  /** When the task's last callback happened, Unix time in ms. */
  lastHeardAt: number;
  /** Whether a part of the task runs on after the end of another. */
  isRunning?: boolean;
  /** Whether a file is known that its end lets expect. */
  isFileKnown: boolean;
  /** Whether anything but its own item came of it: a file, a target or an event. */
  isCalled?: boolean;
}

/** What the watch does with the expectations of an item. */
export type Decision =
  | { state: 'settled' }
  /** It has been an attention item for long enough. */
  | { state: 'dropped' }
  /** Nothing is overdue before this time, Unix time in ms. */
  | { state: 'waiting'; until: number }
  | { state: 'overdue'; reason: ExpectationReason; since: number };

/** So many pictures in a row have to fail to come before one is overdue. */
const LATE_PICTURES = 3;

/** How long after its start a task's first callback is overdue, where your backend does not say, in ms. */
const FIRST_CALLBACK_MS = 15 * 60_000;

/** How often a running task with all thresholds off is checked, in ms. */
const RUNNING_CHECK_MS = 60 * 60_000;

const SETTLED: Expectations = { expected: [] };

/** For a file whose task runs: the task's own expectations bound the wait. */
const RUNNING_WITH_TASK: Expectations = { expected: [], runningSince: Number.POSITIVE_INFINITY };

/**
 * What a task expects. Before the first callback of one that your backend started: that. While it runs: its next. After its end, where the vendor reports uploads after that:
 * a first callback of its files. A file that has an item has expectations of its own.
 */
export function taskExpectations(state: TaskState): Expectations {
  const { facets, lastHeardAt, isRunning, isFileKnown, isCalled = false } = state;
  if (facets.expected !== undefined && !hasCallback(facets) && !isCalled) {
    return { expected: [firstCallback(facets.expected)] };
  }
  const phase = phaseOf(facets, isRunning);
  if (phase?.value.status === 'started') {
    const silence: Expectation = { reason: 'task_silent', since: lastHeardAt, threshold: 'taskSilentMs' };
    if (phase.value.task.kind !== 'screenshot') return { expected: [silence], runningSince: lastHeardAt };
    const picture: Expectation = {
      reason: 'screenshot_missing',
      since: lastHeardAt,
      threshold: 'screenshotMissingMs',
      atLeastMs: LATE_PICTURES * (phase.value.pictureIntervalMs ?? 0),
    };
    return { expected: [silence, picture], runningSince: lastHeardAt };
  }
  const { end, upload } = facets;
  const hasFileNews = upload !== undefined || isFileKnown;
  if (end === undefined || !filesFollow(end.value) || hasFileNews) return SETTLED;
  return expectedUpload(end.at);
}

/**
 * What a file expects: the callback of its upload, once it or its task was closed. `isTaskWatched` is whether the
 * running task has expectations itself.
 */
export function fileExpectations(
  name: string,
  file: FileFacets,
  task: TaskFacets,
  isTaskWatched: boolean,
): Expectations {
  if (effectiveUpload(name, file.upload, task.upload) !== undefined) return SETTLED;
  const closed = file.segment ?? file.end;
  if (closed !== undefined) return expectedUpload(closed.at);
  // The final name of a temporary one has expectations of its own.
  if (file.start === undefined || file.start.value.isProvisional) return SETTLED;
  const phase = phaseOf(task);
  if (phase?.value.status === 'started') return isTaskWatched ? RUNNING_WITH_TASK : SETTLED;
  // Where neither start nor end of the task is known, it may run for as long as any other.
  if (phase === undefined) {
    return { expected: [{ ...uploadSince(file.start.at), threshold: 'taskSilentMs' }] };
  }
  return expectedUpload(Math.max(phase.at, file.start.at));
}

function firstCallback({ at, value }: Stored<ExpectedTask>): Expectation {
  const since = value.startedAt ?? at;
  return { reason: 'callback_missing', since, due: value.expectedBy ?? since + FIRST_CALLBACK_MS };
}

function expectedUpload(since: number): Expectations {
  return { expected: [uploadSince(since)] };
}

function uploadSince(since: number): Expectation {
  return { reason: 'upload_missing', since, threshold: 'uploadMissingMs' };
}

/**
 * What to do with an item's expectations at `now`. A threshold of 0 switches its expectation off. `raisedAt` is when
 * the item became an attention item, if it is one. After `keepMs` it is dropped, and so is a running task that was
 * silent for as long with its thresholds off. Times are Unix times in ms.
 */
export function decide(
  { expected, runningSince }: Expectations,
  thresholds: ExpectationThresholds,
  now: number,
  raisedAt: number | undefined,
  keepMs: number,
): Decision {
  const active = expected
    .filter((expectation) => 'due' in expectation || thresholds[expectation.threshold] > 0)
    .map((expectation) => ({ ...expectation, due: dueAt(expectation, thresholds) }));
  const overdue = active.find(({ due }) => due <= now);
  if (overdue !== undefined) {
    if (raisedAt !== undefined && now - raisedAt >= keepMs) return { state: 'dropped' };
    return { state: 'overdue', reason: overdue.reason, since: overdue.since };
  }
  if (active.length > 0) return { state: 'waiting', until: Math.min(...active.map(({ due }) => due)) };
  const isRunning = runningSince !== undefined && now - runningSince < keepMs;
  return isRunning ? { state: 'waiting', until: now + RUNNING_CHECK_MS } : { state: 'settled' };
}

function dueAt(expectation: Expectation, thresholds: ExpectationThresholds): number {
  if ('due' in expectation) return expectation.due;
  const { since, threshold, atLeastMs = 0 } = expectation;
  return since + Math.max(thresholds[threshold], atLeastMs);
}

/** Whether the callback that an attention item waits for, since `since` in ms, is still expected. */
export function isStillExpected({ expected }: Expectations, reason: string, since: number): boolean {
  return expected.some((expectation) => expectation.reason === reason && expectation.since <= since);
}
