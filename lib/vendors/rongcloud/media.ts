import type { Observed } from '../../callback/callback.ts';
import type { FileDetails, Observation, Outcome, TaskFacet } from '../../callback/observation.ts';
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
  codeOf,
  fileEnd,
  fileSegment,
  fileStart,
  fileUpload,
  taskPhase,
  taskUpload,
} from '../common/observations.ts';
import {
  CAMEL_CASE,
  type Recognise,
  type Service,
  type ServiceCallback,
  serviceRecogniser,
} from './service.ts';

/** `code` of success: 200, or 10000 where a screenshot's `output.fileState` stands in for it. */
const SUCCESS_CODES = ['200', '10000'];

/** The `mode`s in which every user of a task has a start, an end and a file of their own; the others mix all users. */
const USER_MODES = [0, 1, 2, 6];

/** After a failed upload RongCloud tries again every 10 s and keeps the file for 24 hours. */
export const RETENTION_MS = 24 * 60 * 60_000;

/** What each `type` of callback says. Screenshots have no type 2. */
const TYPES: Service['types'] = new Map([
  [1, startOf],
  [2, segmentOf],
  [3, endOf],
  [4, uploadOf],
]);

/** Cloud Recording: https://docs.rongcloud.io/server-rtc-api/record/callback */
export const recogniseRecording = mediaRecogniser('recording', 'recordId');

/** Cloud Screenshot: https://docs.rongcloud.io/server-rtc-api/screenshot/callback */
export const recogniseScreenshot = mediaRecogniser('screenshot', 'imageId');

function mediaRecogniser(kind: 'recording' | 'screenshot', taskIdField: 'recordId' | 'imageId'): Recognise {
  return serviceRecogniser({
    kind,
    names: CAMEL_CASE,
    taskIdOf: (body) => text(field(body, taskIdField)),
    detailsOf: (body) => ({ mode: number(field(body, 'mode')), extra: text(field(body, 'extra')) }),
    types: TYPES,
    keepsRoomEvents: false,
  });
}

/** The name of a start is temporary; a recording that could not start has no file. */
function startOf(callback: ServiceCallback): Observed {
  const { body } = callback;
  const isStarted = isSuccess(body);
  const name = isStarted ? fileNameOf(body) : undefined;
  const task = phase(callback, 'start', isStarted ? 'started' : 'failed');
  if (name === undefined) return [task];
  return [task, fileStart(ofUser(callback), name, { ...detailsOf(body), isProvisional: true })];
}

function endOf(callback: ServiceCallback): Observed {
  const { body } = callback;
  const name = fileNameOf(body);
  const task = phase(callback, 'end', isSuccess(body) ? 'ended' : 'failed');
  return name === undefined
    ? [task]
    : [task, fileEnd(ofUser(callback), name, { kind: callback.task.kind, ...detailsOf(body) })];
}

/** Spares a file's item what the same callback says of its task: an item of up to 1 KB costs one write unit. */
function ofUser(callback: ServiceCallback): ServiceCallback {
  return { ...callback, task: { userId: callback.task.userId } };
}

/**
 * The start or the end of a task. Where every user's recording is one of its own, one that runs goes before one that
 * could not start.
 */
function phase(callback: ServiceCallback, facet: 'start' | 'end', status: TaskFacet['status']): Observation {
  const { body, task } = callback;
  const config = field(body, 'config');
  const isOfUser = USER_MODES.includes(task.mode ?? -1);
  const value = {
    status,
    ...outcomeOf(body),
    config: isObject(config) ? config : undefined,
    pictureIntervalMs: facet === 'start' ? pictureIntervalMs(config) : undefined,
    parts: isOfUser ? ('files' as const) : undefined,
  };
  return taskPhase(callback, facet, value, isOfUser && status === 'started' ? RANK.specific : RANK.ordinary);
}

/** `slicesSec` of a screenshot's configuration, a number or text. */
function pictureIntervalMs(config: Json | undefined): number | undefined {
  const seconds = Number(text(field(config, 'slicesSec')));
  return seconds > 0 ? number(seconds * 1000) : undefined;
}

function segmentOf(callback: ServiceCallback): Observed {
  const { body } = callback;
  const name = fileNameOf(body);
  if (name === undefined) return 'missing_file_name';
  return [fileSegment(callback, name, { ...outcomeOf(body), ...detailsOf(body) })];
}

function uploadOf(callback: ServiceCallback): Observed {
  const { body } = callback;
  const [name, outcome, details] = [fileNameOf(body), outcomeOf(body), detailsOf(body)];
  if (!isSuccess(body)) {
    const value = { status: 'upload_failed', ...outcome } as const;
    if (name === undefined) return [taskUpload(callback, value, RETENTION_MS)];
    return [fileUpload(callback, name, { ...value, ...details }, RETENTION_MS)];
  }
  if (name === undefined) return 'missing_file_name';
  // Without a code and a URL nothing says that the file has arrived.
  const isKnown = outcome.code !== undefined || details.url !== undefined;
  return isKnown
    ? [fileUpload(callback, name, { status: 'uploaded', ...outcome, ...details })]
    : [fileSegment(callback, name, { ...outcome, ...details })];
}

function fileNameOf(body: JsonObject): string | undefined {
  return text(field(field(body, 'output'), 'fileName'));
}

/** Whether the callback reports success: `code`, or `output.fileState` where there is no code. */
function isSuccess(body: JsonObject): boolean {
  const code = text(firstField(body, 'code')) ?? text(field(field(body, 'output'), 'fileState'));
  return code === undefined || SUCCESS_CODES.includes(code);
}

function outcomeOf(body: JsonObject): Outcome {
  const output = field(body, 'output');
  return {
    code: codeOf(firstField(body, 'code') ?? field(output, 'fileState')),
    message: text(field(body, 'errorMessage')) ?? text(field(output, 'fileMsg')),
  };
}

/** `videoResoulation` is the vendor's spelling; the unit of `fileSize` is not stated, bytes are assumed. */
function detailsOf(body: JsonObject): FileDetails {
  const output = field(body, 'output');
  return {
    url: text(field(output, 'fileUrl')),
    sizeBytes: number(field(output, 'fileSize')),
    resolution: text(firstField(output, 'videoResoulation', 'videoResolution')),
  };
}
