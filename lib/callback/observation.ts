import type { FileDetails, StoredObject, TaskContext, TaskKind } from '../../types/index.d.ts';
import type { JsonObject } from '../platform/json.ts';

export type { FileDetails, StoredObject, TaskContext, TaskKind };

/**
 * What one callback says of one facet of a task, a file, a target or a room.
 *
 * @example
 * if (observation.entity === 'file' && observation.facet === 'upload')
 *   console.log(observation.name, observation.value.status, observation.value.url);
 */
export type Observation = TaskObservation | FileObservation | TargetObservation | RoomObservation;

/** A facet of a task. */
export type TaskObservation = {
  [Facet in keyof TaskFacetValues]: FacetReport<Facet, TaskFacetValues[Facet]> & {
    entity: 'task';
    taskId: string;
    /** Whether a file of the same callback stands for the task in the indexes, which spares the task entries of its own. */
    isListedByFile?: boolean | undefined;
  } & Retention;
}[keyof TaskFacetValues];

/** A facet of one file or picture of a task. */
export type FileObservation = FileReport | StorageReport;

/** What a callback or the vendor's answer says of a file. */
export type FileReport = FacetReport<'start' | 'segment' | 'end' | 'upload' | 'answer', FileFacet> & OfFile;

/** What the bucket has of a file. */
export type StorageReport = FacetReport<'storage', FileStorage> & OfFile;

interface OfFile extends Retention {
  entity: 'file';
  taskId: string;
  name: string;
  /** The room of its task, where the file stands for that in the indexes. */
  roomOfTask?: string | undefined;
}

/** The start or the end of a relay to one of the targets of a task. */
export type TargetObservation = FacetReport<'start' | 'end', TargetFacet> & {
  entity: 'target';
  taskId: string;
  /** What identifies the target within its task, without being a secret as its URL is. */
  targetId: string;
};

/** A facet of a room: that it was opened or closed, or the latest other event in it. */
export type RoomObservation = FacetReport<'open' | 'close' | 'activity', RoomFacet> & {
  entity: 'room';
  roomId: string;
};

interface FacetReport<Facet, Value> {
  facet: Facet;
  /** 0 to 9. An outcome of a higher rank wins whatever its time: an upload that succeeded is not undone. */
  rank: number;
  /** Unix time in ms that the vendor gives for it. */
  at: number;
  /**
   * Whether `at` is only the time of sending: then the same may be sent again with a later one, and of equal
   * rank the earliest stays. Otherwise the latest does.
   */
  isSendingTime?: boolean | undefined;
  /** Whether `at` replaces a time that nobody can mean: below every claimed time of its rank, the earliest stays. */
  isReplacedTime?: boolean | undefined;
  value: Value;
}

/** The facets of a task and what they hold. */
export interface TaskFacetValues {
  start: TaskFacet;
  end: TaskFacet;
  /** The upload of all files that no callback names one by one. */
  upload: TaskUpload;
  /** The highest risk that moderation has found. */
  risk: TaskRisk;
  /** What your backend says of it; no callback does. */
  expected: ExpectedTask;
  /** What the bucket has of those files. */
  storage: TaskStorage;
  /** What the vendor answered when it was asked. */
  answer: TaskAnswer;
}

/** Only for the facet `upload`, and `answer` where it says the same: there rank 0 is failure and every higher rank success. */
interface Retention {
  /** How long after the first failed upload the vendor deletes the file, in ms; absent when not stated. */
  retentionMs?: number | undefined;
  /** Unix time in ms from which that counts, where it is not `at`. */
  failedSince?: number | undefined;
}

/** What the vendor answered: its status code as it came, and its text. */
export interface Outcome {
  code?: number | string | undefined;
  message?: string | undefined;
}

/** The value of a task's `start` or `end`. */
export interface TaskFacet extends Outcome {
  status: 'started' | 'ended' | 'failed';
  /** Repeated in every facet, so that no callback depends on another's arrival. */
  task: TaskContext;
  config?: JsonObject | undefined;
  /** What runs on its own, so that the task runs on after the end of one of them. */
  parts?: 'files' | 'targets' | undefined;
  /** The file that the callback names along with the task; earlier versions gave it no item of its own. */
  file?: (FileDetails & { name: string }) | undefined;
  /** Of an end: whether the vendor sends uploads of the task's files after it. */
  filesFollow?: boolean | undefined;
  /** Of a start: how often a picture is taken while the task runs, in ms. */
  pictureIntervalMs?: number | undefined;
}

/** The value of a task's `upload`. */
export interface TaskUpload extends Outcome {
  status: 'uploaded' | 'upload_failed';
  task: TaskContext;
  /** Whether files that had failed one by one were uploaded after all. */
  recovered?: boolean | undefined;
  /** How the names of these files end; every file without an upload of its own when absent. */
  suffixes?: readonly string[] | undefined;
}

/** The value of a task's `expected`. Times are Unix times in ms. */
export interface ExpectedTask {
  task: TaskContext;
  /** Your own id of it, such as that of a lesson. */
  label?: string | undefined;
  startedAt?: number | undefined;
  /** When its first callback is overdue. */
  expectedBy?: number | undefined;
  /** Whether it is expected no more. */
  isWithdrawn?: boolean | undefined;
}

/** The value of a task's `risk`. */
export interface TaskRisk {
  task: TaskContext;
  /** As the vendor names it, such as `REJECT`. */
  riskLevel: string;
}

/** A look into the bucket; a later one of the same outcome replaces it. */
interface Look {
  /** `missing` never undoes what anybody else said. */
  status: 'uploaded' | 'missing';
  task: TaskContext;
  /** ISO time. */
  checkedAt: string;
  /** How often in a row the bucket did not have it. */
  tries?: number | undefined;
}

/** The value of a file's `storage`. */
export interface FileStorage extends Look {
  kind?: TaskKind | undefined;
  /** Where it is. */
  storage?: StoredObject | undefined;
  /** Whether somebody said that it was uploaded, so that its absence needs attention. */
  isUnexpected?: boolean | undefined;
}

/** The value of a task's `storage`: for all files that its failed upload covers. */
export interface TaskStorage extends Look {
  suffixes?: readonly string[] | undefined;
}

/** The value of a task's `answer`. */
export interface TaskAnswer extends TaskFacet {
  /** Unix time in ms. */
  beganAt?: number | undefined;
  /** ISO time. */
  askedAt: string;
}

/** The value of a target's `start` or `end`. */
export interface TargetFacet extends Outcome {
  status: TaskFacet['status'];
  task: TaskContext;
  host?: string | undefined;
  /** The last four characters of its URL without the query. */
  urlEnd: string;
}

/** The value of a file's `start`, `segment`, `end`, `upload` or `answer`. */
export interface FileFacet extends Outcome, FileDetails {
  status: 'recording' | 'closed' | 'uploaded' | 'upload_failed';
  task: TaskContext;
  /** Of a start: whether the vendor gives the final name at the end of the same user's recording. */
  isProvisional?: boolean | undefined;
  /** Of an upload: whether no other callback says that its task has ended. */
  endsTask?: boolean | undefined;
  /** Of an answer: ISO time. */
  askedAt?: string | undefined;
}

/** The value of a room's `open`, `close` or `activity`. */
export interface RoomFacet {
  sessionId?: string | undefined;
}
