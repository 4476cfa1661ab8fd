import type { Observed } from '../../callback/callback.ts';
import type { FileDetails, Observation, TaskUpload } from '../../callback/observation.ts';
import { RANK } from '../../callback/rank.ts';
import { isoTime, timeMs } from '../../callback/time.ts';
import { field, firstField, isObject, type Json, number, text } from '../../platform/json.ts';
import { codeOf, fileSegment, fileStart, fileUpload, taskUpload } from '../common/observations.ts';
import {
  leaveOutcome,
  type Observe,
  type Phase,
  phaseByStatus,
  phaseObservation,
  statusOf,
  type TaskEvent,
  taskGroup,
} from './task.ts';

/** `Status` of 301 */
const START_PHASES: ReadonlyMap<number | undefined, Phase> = new Map([
  [0, { facet: 'start', status: 'started' }],
  [1, { facet: 'start', status: 'failed' }],
]);

/** 302, whatever its `LeaveCode` */
const ENDED: Phase = { facet: 'end', status: 'ended', filesFollow: true };

/** The upload of all files of a task that no callback names one by one. */
type Uploads = Pick<TaskUpload, 'status' | 'recovered' | 'suffixes'>;

/** The files of HLS. An MP4 has callbacks of its own, 310 and 311. */
const HLS = { suffixes: ['.m3u8', '.ts'] };

const FAILED: Uploads = { status: 'upload_failed' };
const HLS_FAILED: Uploads = { ...FAILED, ...HLS };
const HLS_UPLOADED: Uploads = { status: 'uploaded', ...HLS };
const HLS_RECOVERED: Uploads = { ...HLS_UPLOADED, recovered: true };

/** `Status` of 303: an upload that has started is no outcome yet. */
const UPLOAD_STARTS: ReadonlyMap<number | undefined, Uploads> = new Map([[1, HLS_FAILED]]);

/** `Status` or `LeaveCode` of 305 */
const HLS_UPLOADS: ReadonlyMap<number | undefined, Uploads> = new Map([
  [0, HLS_UPLOADED],
  [1, HLS_FAILED],
  [2, HLS_RECOVERED],
]);

/** `Status` of 312 */
const VOD_TASKS: ReadonlyMap<number | undefined, Uploads> = new Map([
  [0, HLS_UPLOADED],
  [1, FAILED],
]);

/** `Status` of 310 and 311: 1 is left on the server or in backup storage, 2 an abnormal end. */
const FILE_UPLOADS: ReadonlyMap<number | undefined, 'uploaded' | 'upload_failed'> = new Map([
  [0, 'uploaded'],
  [1, 'upload_failed'],
  [2, 'upload_failed'],
]);

/** The types with facts of the task or its files. A failover (306) and an image that failed (309) have none. */
const TYPES: ReadonlyMap<number, Observe> = new Map([
  [301, phaseByStatus(START_PHASES, (payload) => ({ code: statusOf(payload) }))],
  [302, recorderLeft],
  [303, uploadsByStatus(UPLOAD_STARTS)],
  [304, indexMade],
  [305, uploadsByStatus(HLS_UPLOADS)],
  [307, firstSliceMade],
  [308, uploadError],
  [310, mp4Uploaded],
  [311, vodCommitted],
  [312, uploadsByStatus(VOD_TASKS)],
]);

/**
 * Group 3, cloud recording to object storage or to video on demand (VOD). The vendor does not say how long it
 * keeps files that it could not upload.
 * https://trtc.io/document/54914, 308: https://trtc.io/document/45169
 */
export const recordingGroup = taskGroup('recording', TYPES);

function recorderLeft(event: TaskEvent): Observed {
  return [phaseObservation(event, ENDED, leaveOutcome(event.payload))];
}

function uploadsByStatus(outcomes: ReadonlyMap<number | undefined, Uploads>): Observe {
  return (event) => {
    const code = statusOf(event.payload);
    const uploads = outcomes.get(code);
    return uploads === undefined ? [] : [taskUpload(event, { ...uploads, code })];
  };
}

function uploadError(event: TaskEvent): Observed {
  const code = codeOf(field(event.payload, 'Code'));
  return [taskUpload(event, { ...FAILED, code, message: text(field(event.payload, 'Message')) })];
}

function indexMade(event: TaskEvent): Observed {
  return observeFiles(event, (name, details) => fileStart(event, name, details));
}

/** Ranks above 304, which names the same file without its user and track. */
function firstSliceMade(event: TaskEvent): Observed {
  const name = text(field(event.payload, 'FileName'));
  if (name === undefined) return 'missing_file_name';
  return [fileStart(event, name, detailsOf(event.payload), RANK.specific)];
}

/** Without a name, a failure is one of the task's files; the callback does not say which. */
function mp4Uploaded(event: TaskEvent): Observed {
  const observed = observeFiles(event, (name, details) => uploadOf(event, name, details));
  return observed === 'missing_file_name' ? (failureOfTask(event) ?? observed) : observed;
}

/** The failed upload of a file that the callback does not name. */
function failureOfTask(event: TaskEvent, message?: string): Observation[] | undefined {
  const code = statusOf(event.payload);
  return FILE_UPLOADS.get(code) === 'upload_failed'
    ? [taskUpload(event, { ...FAILED, code, message })]
    : undefined;
}

/** One file. A failure names it by `CacheFile` alone: so does a success that has it, to be of the same file. */
function vodCommitted(event: TaskEvent): Observed {
  const { payload } = event;
  const nested = field(payload, 'TencentVod');
  // The vendor's table lists the members of `TencentVod` beside `Status`.
  const file = isObject(nested) ? nested : payload;
  const name = text(firstField(file, 'CacheFile', 'FileId', 'VideoUrl'));
  const message = text(field(payload, 'Errmsg'));
  if (name === undefined) return failureOfTask(event, message) ?? 'missing_file_name';
  const url = text(field(file, 'VideoUrl'));
  const vodFileId = text(field(file, 'FileId'));
  return [uploadOf(event, name, { ...detailsOf(file), url, vodFileId }, message)];
}

/** A file whose `Status` is not in the table is there, but what became of it is not known. */
function uploadOf(event: TaskEvent, name: string, details: FileDetails, message?: string): Observation {
  const code = statusOf(event.payload);
  const status = FILE_UPLOADS.get(code);
  const value = { ...details, code, message };
  return status === undefined
    ? fileSegment(event, name, value)
    : fileUpload(event, name, { ...value, status });
}

/** An observation for every file that the payload names. */
function observeFiles(
  { payload }: TaskEvent,
  observe: (name: string, details: FileDetails) => Observation,
): Observed {
  const observations: Observation[] = [];
  for (const [name, details] of filesOf(payload)) {
    if (name === undefined) return 'unreadable_file_list';
    observations.push(observe(name, details));
  }
  return observations.length === 0 ? 'missing_file_name' : observations;
}

/**
 * The files of `FileList`, a name in 304 and a list of names in 310, and of `FileMessage`, which says more of
 * them. A name may be in either or in both; it is `undefined` where it cannot be read.
 */
function filesOf(payload: Json | undefined): ReadonlyMap<string | undefined, FileDetails> {
  const listed = listOf(firstField(payload, 'FileList'));
  const described = listOf(firstField(payload, 'FileMessage'));
  return new Map([
    ...listed.map((name) => [text(name), {}] as const),
    ...described.map((file) => [text(field(file, 'FileName')), detailsOf(file)] as const),
  ]);
}

function listOf(value: Json | undefined): Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** `UserId` is the recorded user here, and empty when several are mixed. Time stamps are Unix times in ms. */
function detailsOf(file: Json | undefined): FileDetails {
  const begin = timeMs(number(firstField(file, 'StartTimeStamp', 'BeginTimeStamp')));
  const end = timeMs(number(field(file, 'EndTimeStamp')));
  return {
    userId: text(field(file, 'UserId')),
    trackType: text(field(file, 'TrackType')),
    mediaId: text(field(file, 'MediaId')),
    beginsAt: begin === undefined ? undefined : isoTime(begin),
    endsAt: end === undefined ? undefined : isoTime(end),
    durationMs: begin === undefined || end === undefined || end < begin ? undefined : end - begin,
  };
}
