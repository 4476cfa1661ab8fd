import type {
  FileReport,
  RoomObservation,
  TaskFacet,
  TaskObservation,
} from '../../lib/callback/observation.ts';
import { HOUR, NOW } from './callbacks.ts';

/** What a test says of a task; times are ms after `NOW`. */
export interface TaskChanges extends Partial<TaskFacet> {
  roomId?: string;
}

/** The start of a recording, `at` ms after `NOW`. */
export function startOf(taskId: string, at: number, changes: TaskChanges = {}): TaskObservation {
  return taskObservation(taskId, 'start', at, { status: 'started', ...changes });
}

/** The end of a recording, `at` ms after `NOW`. */
export function endOf(taskId: string, at: number, changes: TaskChanges = {}): TaskObservation {
  return taskObservation(taskId, 'end', at, { status: 'ended', ...changes });
}

function taskObservation(
  taskId: string,
  facet: 'start' | 'end',
  at: number,
  { roomId, ...facetChanges }: TaskChanges & Pick<TaskFacet, 'status'>,
): TaskObservation {
  const value = { task: { kind: 'recording', roomId }, ...facetChanges } as const;
  return { entity: 'task', taskId, facet, rank: 0, at: NOW + at, value };
}

/** What a test says of an upload. */
export interface UploadChanges {
  code?: number;
  roomId?: string;
  /** `undefined` where the vendor does not state it. */
  retentionMs?: number | undefined;
}

/** An upload that succeeded `at` ms after `NOW`. */
export function uploaded(taskId: string, name: string, at: number, changes: UploadChanges = {}): FileReport {
  return upload(taskId, name, at, 'uploaded', changes);
}

/** An upload that failed `at` ms after `NOW`; the vendor keeps the file for 24 hours. */
export function uploadFailed(
  taskId: string,
  name: string,
  at: number,
  changes: UploadChanges = {},
): FileReport {
  return upload(taskId, name, at, 'upload_failed', { retentionMs: 24 * HOUR, ...changes });
}

function upload(
  taskId: string,
  name: string,
  at: number,
  status: 'uploaded' | 'upload_failed',
  { code, roomId, retentionMs }: UploadChanges,
): FileReport {
  return {
    entity: 'file',
    taskId,
    name,
    facet: 'upload',
    rank: status === 'uploaded' ? 1 : 0,
    at: NOW + at,
    value: { status, task: { kind: 'recording', roomId }, code },
    ...(retentionMs === undefined ? {} : { retentionMs }),
  };
}

/** What became `at` ms after `NOW` of those files of a task that have no callbacks of their own. */
export function otherFiles(
  taskId: string,
  at: number,
  outcome: 'upload_failed' | 'uploaded' | 'recovered',
): TaskObservation {
  return {
    entity: 'task',
    taskId,
    facet: 'upload',
    rank: ['upload_failed', 'uploaded', 'recovered'].indexOf(outcome),
    at: NOW + at,
    value: {
      status: outcome === 'upload_failed' ? 'upload_failed' : 'uploaded',
      ...(outcome === 'recovered' ? { recovered: true } : {}),
      task: { kind: 'recording' },
    },
  };
}

/** That a file is being recorded since `at` ms after `NOW`. */
export function fileStart(taskId: string, name: string, at: number): FileReport {
  return fileObservation(taskId, name, 'start', 'recording', at);
}

/** That a file was closed `at` ms after `NOW`. */
export function closed(taskId: string, name: string, at: number): FileReport {
  return fileObservation(taskId, name, 'segment', 'closed', at);
}

function fileObservation(
  taskId: string,
  name: string,
  facet: 'start' | 'segment',
  status: 'recording' | 'closed',
  at: number,
): FileReport {
  const value = { status, task: { kind: 'recording' } } as const;
  return { entity: 'file', taskId, name, facet, rank: 0, at: NOW + at, value };
}

/** That a room was opened or closed `at` ms after `NOW`. */
export function roomObservation(
  roomId: string,
  facet: 'open' | 'close',
  at: number,
  sessionId?: string,
): RoomObservation {
  return { entity: 'room', roomId, facet, rank: 0, at: NOW + at, value: { sessionId } };
}
