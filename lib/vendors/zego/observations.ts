import type { FileDetails, FileFacet, Observation, Outcome, TaskFacet } from '../../callback/observation.ts';
import { isoTime } from '../../callback/time.ts';
import { field, type Json, type JsonObject, number, text } from '../../platform/json.ts';
import { type TaskEvent, timeOf, unpacked } from './event.ts';

/** What a callback says of the start or the end of its task. */
interface Phase extends Outcome {
  status: TaskFacet['status'];
  userId?: string | undefined;
  /** Of an end: whether the uploads of the task's files follow it. */
  filesFollow?: boolean;
  /** An outcome of a higher rank is not hidden by a later one of a lower rank. */
  rank?: number;
}

/** That a task was started, or ended well or not. */
export function phaseOf(
  { taskId, at, task }: TaskEvent,
  facet: 'start' | 'end',
  { rank = 0, userId, ...outcome }: Phase,
): Observation {
  return { entity: 'task', taskId, facet, rank, at, value: { ...outcome, task: { ...task, userId } } };
}

/** That nothing of the task is left to upload. */
export function nothingToUpload({ taskId, at, task }: TaskEvent): Observation {
  return { entity: 'task', taskId, facet: 'upload', rank: 1, at, value: { status: 'uploaded', task } };
}

/** That a file is where it belongs. */
export function uploaded(
  { taskId, at, task }: TaskEvent,
  name: string,
  details: FileDetails & Pick<FileFacet, 'endsTask'>,
): Observation {
  const value = { status: 'uploaded', task, ...details } as const;
  return { entity: 'file', taskId, name, facet: 'upload', rank: 1, at, value };
}

/** That a file is not where it belongs. The vendor deletes its own copy after `retentionMs`, if it has one. */
export function uploadFailed(
  { taskId, at, task }: TaskEvent,
  name: string,
  details: FileDetails & Outcome,
  retentionMs?: number,
): Observation {
  const value = { status: 'upload_failed', task, ...details } as const;
  return { entity: 'file', taskId, name, facet: 'upload', rank: 0, at, value, retentionMs };
}

/** The vendor's code as it came. */
export function codeOf(value: Json | undefined): Outcome['code'] {
  return typeof value === 'number' ? value : text(value);
}

/** A code that is `0`, as a number or as text, is success; so is none. */
export function isSuccess(code: Outcome['code']): boolean {
  return code === undefined || number(code) === 0;
}

/** Whether a member is missing, `null` or empty text, which all say the same. */
export function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** The list in a member, which may be JSON inside a string; empty when absent, `undefined` when it is none. */
export function listOf(holder: JsonObject, name: string): Json[] | undefined {
  const list = unpacked(field(holder, name));
  if (isAbsent(list)) return [];
  return Array.isArray(list) ? list : undefined;
}

/** `1280x720`; audio has no size, or one of zero. */
export function resolutionOf(width: Json | undefined, height: Json | undefined): string | undefined {
  const [columns, rows] = [number(width), number(height)];
  return columns && rows ? `${columns}x${rows}` : undefined;
}

/** A duration in seconds, in ms. */
export function durationMs(seconds: Json | undefined): number | undefined {
  return number(Math.round((number(seconds) ?? Number.NaN) * 1000));
}

/** A Unix time in seconds or ms as ISO 8601. */
export function isoTimeOf(value: Json | undefined): string | undefined {
  const time = timeOf(value);
  return time === undefined ? undefined : isoTime(time);
}
