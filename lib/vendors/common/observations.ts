import { createHash } from 'node:crypto';
import type {
  FileDetails,
  FileFacet,
  Observation,
  Outcome,
  RoomFacet,
  RoomObservation,
  TaskContext,
  TaskFacet,
  TaskUpload,
} from '../../callback/observation.ts';
import { RANK, UPLOAD_RANK } from '../../callback/rank.ts';
import { type Json, text } from '../../platform/json.ts';

/** What every observation of a task and its files repeats. */
export interface TaskEvent {
  taskId: string;
  /** Unix time in ms. */
  at: number;
  task: TaskContext;
}

/** The start or the end of a task. */
export function taskPhase(
  { taskId, at, task }: TaskEvent,
  facet: 'start' | 'end',
  value: Omit<TaskFacet, 'task'>,
  rank: number = RANK.ordinary,
): Observation {
  return { entity: 'task', taskId, facet, rank, at, value: { ...value, task } };
}

/** What became of those files of a task that no callback names. `retentionMs` as in `fileUpload`. */
export function taskUpload(
  { taskId, at, task }: TaskEvent,
  value: Omit<TaskUpload, 'task'>,
  retentionMs?: number,
): Observation {
  const rank = UPLOAD_RANK[value.recovered ? 'recovered' : value.status];
  return { entity: 'task', taskId, facet: 'upload', rank, at, value: { ...value, task }, retentionMs };
}

/** The highest risk that a callback of moderation names. */
export function taskRisk({ taskId, at, task }: TaskEvent, riskLevel: string, rank: number): Observation {
  return { entity: 'task', taskId, facet: 'risk', rank, at, value: { task, riskLevel } };
}

/** A file whose recording has begun. */
export function fileStart(
  { taskId, at, task }: TaskEvent,
  name: string,
  details: FileDetails & Pick<FileFacet, 'isProvisional'>,
  rank: number = RANK.ordinary,
): Observation {
  const value = { ...details, status: 'recording', task } as const;
  return { entity: 'file', taskId, name, facet: 'start', rank, at, value };
}

/** A file that is complete at the vendor. */
export function fileSegment(
  { taskId, at, task }: TaskEvent,
  name: string,
  details: FileDetails & Outcome,
): Observation {
  const value = { ...details, status: 'closed', task } as const;
  return { entity: 'file', taskId, name, facet: 'segment', rank: RANK.ordinary, at, value };
}

/** A file whose recording has ended, and with it the recording of its user. */
export function fileEnd({ taskId, at, task }: TaskEvent, name: string, details: FileDetails): Observation {
  const value = { ...details, status: 'closed', task } as const;
  return { entity: 'file', taskId, name, facet: 'end', rank: RANK.ordinary, at, value };
}

/**
 * Whether a file has reached its storage. If it has not, the vendor deletes its own copy after `retentionMs`, where it
 * keeps one and says for how long.
 */
export function fileUpload(
  { taskId, at, task }: TaskEvent,
  name: string,
  value: Omit<FileFacet, 'task'> & { status: 'uploaded' | 'upload_failed' },
  retentionMs?: number,
): Observation {
  const rank = UPLOAD_RANK[value.status];
  return { entity: 'file', taskId, name, facet: 'upload', rank, at, value: { ...value, task }, retentionMs };
}

/** The start or the end of a relay to a URL: of what may be a stream key, only the host and the end are kept. */
export function targetPhase(
  { taskId, at, task }: TaskEvent,
  url: string,
  facet: 'start' | 'end',
  value: Pick<TaskFacet, 'status' | keyof Outcome>,
  rank: number = RANK.ordinary,
): Observation {
  const [address = ''] = url.split(/[?#]/);
  const targetId = createHash('sha256').update(address).digest('hex').slice(0, 32);
  const { status, code, message } = value;
  const shown = { host: hostOf(address), urlEnd: [...address].slice(-4).join('') };
  return {
    ...{ entity: 'target', taskId, targetId, facet, rank, at },
    value: { status, code, message, task, ...shown },
  };
}

/** The host without user, password and port. */
function hostOf(address: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/]*@)?([^/:@]+)/i.exec(address)?.[1];
}

/** A room that was opened or closed, or in which something else happened. */
export function roomEvent(
  roomId: string,
  at: number,
  facet: RoomObservation['facet'],
  value: RoomFacet = {},
): Observation {
  return { entity: 'room', roomId, facet, rank: RANK.ordinary, at, value };
}

/** A vendor's code as it came: a number or text. */
export function codeOf(value: Json | undefined): Outcome['code'] {
  return typeof value === 'number' ? value : text(value);
}
