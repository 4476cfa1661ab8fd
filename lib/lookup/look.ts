import type { FileObservation, Observation, TaskContext, TaskKind } from '../callback/observation.ts';
import { STORAGE_RANK } from '../callback/rank.ts';
import { isoTime } from '../callback/time.ts';
import { fileFacets, type Item, isOfAnyTask, storageFacet, taskFacets } from '../ledger/facets.ts';
import { fileView, taskView } from '../ledger/view.ts';
import type { BucketObject } from './bucket.ts';
import type { Candidate } from './candidates.ts';

/*
 * When something is looked for again that the bucket does not have:
 *
 *   15 min ─▶ 30 min ─▶ 1 h ─▶ 2 h ─▶ 4 h ─▶ 8 h ─▶ 16 h ─▶ 24 h, then every 24 h
 */
const FIRST_PAUSE_MS = 15 * 60_000;
const LONGEST_PAUSE_MS = 24 * 60 * 60_000;

/** Whether it is time to look for an item. `now` is Unix time in ms. */
export function isDue(item: Item, now: number): boolean {
  const look = storageFacet(item);
  if (look?.value.status !== 'missing') return true;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (triesOf(item) - 1), LONGEST_PAUSE_MS);
  return now >= look.at + pause;
}

/** How often in a row an item was looked for in vain. */
function triesOf(item: Item): number {
  const look = storageFacet(item)?.value;
  return look?.status === 'missing' ? (look.tries ?? 1) : 0;
}

/** The bucket has a file. */
export function foundFile(
  candidate: Candidate,
  bucket: string,
  object: BucketObject,
  now: number,
): FileObservation {
  const { key, sizeBytes, etag, lastModified } = object;
  const checkedAt = isoTime(now);
  const storage = { bucket, key, sizeBytes, etag, lastModified: isoTime(lastModified), checkedAt };
  return {
    ...{ entity: 'file', taskId: candidate.taskId, name: candidate.fileName, facet: 'storage' },
    ...{ rank: STORAGE_RANK.uploaded, at: lastModified },
    value: { status: 'uploaded', kind: kindOf(candidate), task: contextOf(candidate), checkedAt, storage },
  };
}

/** The bucket does not have a file, which needs attention where somebody says that it was uploaded. */
export function missingFile(candidate: Candidate, now: number): FileObservation {
  const isUnexpected = statusOf(candidate, now) === 'uploaded' ? true : undefined;
  return {
    ...{ entity: 'file', taskId: candidate.taskId, name: candidate.fileName, facet: 'storage' },
    ...{ rank: STORAGE_RANK.missing, at: now },
    value: {
      status: 'missing',
      kind: kindOf(candidate),
      task: contextOf(candidate),
      checkedAt: isoTime(now),
      tries: triesOf(candidate.item) + 1,
      isUnexpected,
    },
  };
}

/** The bucket has, or does not have, the files that a task's failed upload speaks of. */
export function filesOfTask(candidate: Candidate, status: 'uploaded' | 'missing', now: number): Observation {
  const { suffixes } = taskFacets(candidate.head).upload?.value ?? {};
  const ofStatus = status === 'uploaded' ? { suffixes } : { tries: triesOf(candidate.item) + 1 };
  return {
    ...{ entity: 'task', taskId: candidate.taskId, facet: 'storage', rank: STORAGE_RANK[status], at: now },
    value: { status, task: contextOf(candidate), checkedAt: isoTime(now), ...ofStatus },
  };
}

/** What everybody else says of a file. */
export function statusOf({ owner, taskId, fileName, item, head }: Candidate, now: number): string {
  return fileView(owner, taskId, fileName, item, taskFacets(head), now).status;
}

/** What a file is, where somebody says so: pictures have a list of their own. */
function kindOf({ owner, taskId, fileName, item, head }: Candidate): TaskKind | undefined {
  return fileView(owner, taskId, fileName, item, taskFacets(head), 0).kind;
}

function contextOf({ owner, taskId, item, head }: Candidate): TaskContext {
  const { kind, roomId } = taskView(owner, taskId, taskFacets(head), { file: item });
  return { kind: isOfAnyTask(fileFacets(item)) ? undefined : kind, roomId };
}
