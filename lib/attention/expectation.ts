import { filesFollow } from '../ledger/updates.ts';
import { effectiveUpload, type FileFacets, phaseOf, type TaskFacets } from '../ledger/view.ts';
import type { MissingReason } from './entries.ts';
import type { Patience } from './settings.ts';

/** A callback that should come. */
export interface Expectation {
  /** What it is called when it does not come. */
  reason: MissingReason;
  /** Since when it is waited for, Unix time in ms. */
  since: number;
  /** How long it may take. */
  patience: keyof Patience;
  /** How long it takes at least, in ms, whatever the settings say. */
  atLeastMs?: number;
}

/** What is still waited for of a task or a file. */
export interface Matter {
  /** The most telling first. */
  expected: Expectation[];
  /**
   * Since when it is open although nothing expected of it may ever be missed, Unix time in ms; absent when all is
   * settled besides.
   */
  openSince?: number;
}

/** All that a task's matter depends on. */
export interface TaskState {
  facets: TaskFacets;
  /** When the task was last heard of, Unix time in ms. */
  lastHeardAt: number;
  /** Whether there is an item of the file that its end names, or of any file when it names none. */
  isFileKnown: boolean;
}

/** What is to be done with the matter of an item. */
export type Decision =
  | { state: 'settled' }
  /** It is given up: it has been an entry for long enough. */
  | { state: 'dropped' }
  /** Nothing is overdue before this time, Unix time in ms. */
  | { state: 'waiting'; until: number }
  | { state: 'overdue'; reason: MissingReason; since: number };

/** A picture that comes late is not missing before so many should have come. */
const MISSED_PICTURES = 3;

/** How often that is looked at of which nothing can be missed before its task ends, in ms. */
const OPEN_LOOK_MS = 60 * 60_000;

const SETTLED: Matter = { expected: [] };

/** Of a file whose task runs: the task's matter says for how long. */
const OPEN_WITH_TASK: Matter = { expected: [], openSince: Number.POSITIVE_INFINITY };

/**
 * What is waited for of a task. While it runs: its next callback. Once it has ended, and the vendor tells of uploads
 * after that: a first word of its files. A file that has an item is a matter of its own.
 */
export function taskMatter({ facets, lastHeardAt, isFileKnown }: TaskState): Matter {
  const phase = phaseOf(facets);
  if (phase?.value.status === 'started') {
    const silence: Expectation = { reason: 'task_silent', since: lastHeardAt, patience: 'taskSilentMs' };
    if (phase.value.task.kind !== 'screenshot') return { expected: [silence], openSince: lastHeardAt };
    const picture: Expectation = {
      reason: 'screenshot_missing',
      since: lastHeardAt,
      patience: 'screenshotMissingMs',
      atLeastMs: MISSED_PICTURES * (phase.value.pictureIntervalMs ?? 0),
    };
    return { expected: [silence, picture], openSince: lastHeardAt };
  }
  const { end, upload } = facets;
  const isTold = upload !== undefined || isFileKnown;
  if (end === undefined || !filesFollow(end.value) || isTold) return SETTLED;
  return expectedUpload(end.at);
}

/**
 * What is waited for of a file: word of its upload, once it or its task was closed. `isTaskWatched` is whether the
 * running task is a matter itself.
 */
export function fileMatter(file: FileFacets, task: TaskFacets, isTaskWatched: boolean): Matter {
  if (effectiveUpload(file.upload, task.upload) !== undefined) return SETTLED;
  if (file.segment !== undefined) return expectedUpload(file.segment.at);
  if (file.start === undefined) return SETTLED;
  const phase = phaseOf(task);
  if (phase?.value.status === 'started') return isTaskWatched ? OPEN_WITH_TASK : SETTLED;
  // Where neither start nor end of the task is known, it may run for as long as any other.
  if (phase === undefined) {
    return { expected: [{ ...uploadSince(file.start.at), patience: 'taskSilentMs' }] };
  }
  return expectedUpload(Math.max(phase.at, file.start.at));
}

function expectedUpload(since: number): Matter {
  return { expected: [uploadSince(since)] };
}

function uploadSince(since: number): Expectation {
  return { reason: 'upload_missing', since, patience: 'uploadMissingMs' };
}

/**
 * What to do with a matter at `now`. An expectation whose patience is 0 is none. `raisedAt` is when its item became an
 * entry, if it is one; after `keepMs` it is dropped, and so is what was silent for as long unmissed. Times are Unix times in ms.
 */
export function decide(
  { expected, openSince }: Matter,
  patience: Patience,
  now: number,
  raisedAt: number | undefined,
  keepMs: number,
): Decision {
  const watched = expected
    .filter((expectation) => patience[expectation.patience] > 0)
    .map((expectation) => ({ ...expectation, due: dueAt(expectation, patience) }));
  const overdue = watched.find(({ due }) => due <= now);
  if (overdue !== undefined) {
    if (raisedAt !== undefined && now - raisedAt >= keepMs) return { state: 'dropped' };
    return { state: 'overdue', reason: overdue.reason, since: overdue.since };
  }
  if (watched.length > 0) return { state: 'waiting', until: Math.min(...watched.map(({ due }) => due)) };
  const isOpen = openSince !== undefined && now - openSince < keepMs;
  return isOpen ? { state: 'waiting', until: now + OPEN_LOOK_MS } : { state: 'settled' };
}

function dueAt({ since, patience, atLeastMs = 0 }: Expectation, settings: Patience): number {
  return since + Math.max(settings[patience], atLeastMs);
}

/** Whether what an entry was raised for, as of `since` in ms, has not come in the meantime. */
export function isStillMissing({ expected }: Matter, reason: string, since: number): boolean {
  return expected.some((expectation) => expectation.reason === reason && expectation.since <= since);
}
