import type { Observed } from '../../callback/callback.ts';
import type { FileDetails, Observation, TaskKind } from '../../callback/observation.ts';
import { RANK } from '../../callback/rank.ts';
import {
  field,
  firstField,
  isObject,
  type Json,
  type JsonObject,
  number,
  text,
} from '../../platform/json.ts';
import {
  type TaskEvent as CommonEvent,
  codeOf,
  fileSegment,
  fileStart,
  fileUpload,
  taskPhase,
  taskUpload,
} from '../common/observations.ts';
import { type EventKind, OTHER_EVENT, type TaskEvent, taskEvent, unpacked } from './event.ts';
import { isAbsent, isoTimeOf, listOf, resolutionOf } from './values.ts';

/** `status` of a file that is not complete yet. */
const STILL_RECORDING = 1;

/** `status` of a file that is in the storage of the customer. */
const IN_YOUR_STORAGE = 3;

/** How long the vendor keeps a copy in its backup storage, in ms. */
export const RETENTION_MS = 3 * 24 * 60 * 60_000;

/** What is wrong with a file, by `status`, and how long the vendor keeps a copy. */
const UPLOAD_FAILURES: ReadonlyMap<number, { message: string; retentionMs?: number }> = new Map([
  [4, { message: 'only in the backup storage of ZEGOCLOUD, for 3 days', retentionMs: RETENTION_MS }],
  [5, { message: 'neither in your storage nor in the backup storage of ZEGOCLOUD' }],
]);

const TRACK_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'audio'],
  [2, 'video'],
  [3, 'audio_video'],
]);

/** `quit_reason` of "abnormal" ends that are none: idle for too long, and as long as allowed. */
const ORDINARY_QUIT_REASONS = [3, 4];

/** What the vendor says of each `quit_reason`. */
const QUIT_REASONS: ReadonlyMap<number, string> = new Map([
  [1, 'start failed'],
  [2, 'room login failed'],
  [3, 'idle for longer than MaxIdleTime'],
  [4, 'MaxRecordTime reached'],
  [5, 'engine start failed'],
  [6, 'connection lost'],
  [1001, 'unknown error'],
  [1002, 'file name too long'],
  [1003, 'cannot open file'],
  [1004, 'disk full'],
  [1005, 'engine initialisation failed'],
  [1006, 'header write failed'],
  [1007, 'file write failed: EBADF'],
  [1008, 'file write failed: EIO'],
  [1009, 'internal channel error'],
  [1010, 'format not supported'],
  [1011, 'illegal state'],
]);

/** Why a recording has ended is not hidden by its "stopped" or "ended", whichever order they come in. */
const QUIT_RANKS = { ended: RANK.specific, failed: RANK.decisive };

/**
 * The callbacks of cloud recording that turn into state, by `event_type`. The rest (3 image not found, 4 no
 * stream in the room, 6 stream not found, 201 paused, 202 resumed) are events of the task. No callback
 * reports a start. The time of all is `timestamp`, in seconds; `sequence` only counts.
 * https://www.zegocloud.com/docs/cloud-recording-server/recording-status-callback
 */
export const recordingEvents: ReadonlyMap<string, EventKind> = new Map([
  ['1', taskEvent(kindOf, observeUploads)],
  ['2', taskEvent('recording', observeQuit)],
  ['5', taskEvent('recording', observeEnd)],
  ['7', taskEvent('recording', observeEnd)],
  ['102', taskEvent('recording', observePlaylist)],
]);

/** Every other callback of cloud recording. */
export const otherRecordingEvent: EventKind = { ...OTHER_EVENT, kindOf: () => 'recording' };

/** Says nothing of a file that another callback named. */
const NOTHING_TO_UPLOAD = { status: 'uploaded', suffixes: [] } as const;

/** 1: the upload of the files is over. An empty list says that nothing was recorded. */
function observeUploads(event: TaskEvent): Observed {
  const files = fileInfoOf(event.body);
  if (files === undefined) return 'unreadable_file_list';
  if (files.length === 0) return [taskUpload(event, NOTHING_TO_UPLOAD)];
  const observations = files.map((file) => fileOf(event, file));
  return observations.every((observation) => observation !== undefined) ? observations : 'missing_file_name';
}

/** What a callback says of one file. `undefined` for a file that has neither a name nor a failed upload. */
export function fileOf(event: CommonEvent, file: Json): Observation | undefined {
  const name = text(firstField(file, 'file_id', 'file_url', 'video_id'));
  const status = field(file, 'status');
  const code = codeOf(status);
  const failure = UPLOAD_FAILURES.get(number(status) ?? 0);
  if (failure !== undefined) {
    const { message, retentionMs } = failure;
    const value = { status: 'upload_failed', code, message } as const;
    if (name === undefined) return taskUpload(event, value, retentionMs);
    return fileUpload(event, name, { ...value, ...detailsOf(file) }, retentionMs);
  }
  if (name === undefined) return undefined;
  if (number(status) === IN_YOUR_STORAGE) {
    return fileUpload(event, name, { status: 'uploaded', ...detailsOf(file) });
  }
  // The vendor may add values: whatever this one means, there is a file, and its upload is not over.
  return number(status) === STILL_RECORDING
    ? fileStart(event, name, detailsOf(file))
    : fileSegment(event, name, { code, ...detailsOf(file) });
}

/** `file_size` is in bytes, `duration` and `begin_timestamp` in ms. */
function detailsOf(file: Json): FileDetails {
  return {
    kind: isPicture(file) ? 'screenshot' : undefined,
    url: text(field(file, 'file_url')),
    sizeBytes: number(field(file, 'file_size')),
    durationMs: number(field(file, 'duration')),
    resolution: resolutionOf(field(file, 'resolution_width'), field(file, 'resolution_height')),
    userId: text(field(file, 'user_id')),
    trackType: trackTypeOf(file),
    vodFileId: text(field(file, 'video_id')),
    beginsAt: isoTimeOf(field(file, 'begin_timestamp')),
  };
}

function trackTypeOf(file: Json | undefined): string | undefined {
  return TRACK_TYPES.get(number(field(file, 'media_track_type')) ?? 0);
}

/** 2: the recording has ended "abnormally", which includes two ordinary ends. */
function observeQuit(event: TaskEvent): Observed {
  const quitReason = field(unpacked(field(event.body, 'detail')), 'quit_reason');
  const reason = number(quitReason) ?? 0;
  const status = ORDINARY_QUIT_REASONS.includes(reason) ? 'ended' : 'failed';
  const message = QUIT_REASONS.get(reason) ?? messageOf(event);
  const outcome = { status, code: codeOf(quitReason), message } as const;
  const ended = status === 'ended' ? { ...outcome, filesFollow: true } : outcome;
  return [taskPhase(event, 'end', ended, QUIT_RANKS[status])];
}

/** 5: the recording has ended. 7: it has stopped, and the upload of its files is running. */
function observeEnd(event: TaskEvent): Observed {
  return [taskPhase(event, 'end', { status: 'ended', message: messageOf(event), filesFollow: true })];
}

function messageOf({ body }: TaskEvent): string | undefined {
  return text(field(body, 'message'));
}

/** 102: the address of a playlist that grows while the recording runs. */
function observePlaylist(event: TaskEvent): Observed {
  const detail = unpacked(field(event.body, 'detail'));
  const name = text(field(detail, 'file_id'));
  if (name === undefined) return 'missing_file_name';
  const details = { url: text(field(detail, 'file_url')), trackType: trackTypeOf(detail) };
  return [fileStart(event, name, details)];
}

/**
 * A recording has files of every format but `jpg`. Pictures alone do not say what the task is: a screenshot session
 * reports them like this, and so does a running recording with a picture.
 */
function kindOf(body: JsonObject): TaskKind | undefined {
  const files = fileInfoOf(body) ?? [];
  return files.length > 0 && files.every(isPicture) ? undefined : 'recording';
}

export function isPicture(file: Json): boolean {
  return text(field(file, 'output_file_format')) === 'jpg';
}

/** The entries of `file_info`; `undefined` when it is no list. */
function fileInfoOf(body: JsonObject): Json[] | undefined {
  const detail = unpacked(field(body, 'detail'));
  if (isAbsent(detail)) return [];
  return isObject(detail) ? listOf(detail, 'file_info') : undefined;
}
