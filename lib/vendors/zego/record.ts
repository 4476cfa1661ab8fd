import type { Observed } from '../../callback/callback.ts';
import type { FileDetails } from '../../callback/observation.ts';
import { isoTime } from '../../callback/time.ts';
import { field, isObject, type JsonObject, number, text } from '../../platform/json.ts';
import { fileUpload } from '../common/observations.ts';
import { type TaskEvent, taskEvent, timeOf, unpacked } from './event.ts';
import { durationMs } from './values.ts';

/**
 * `record`: the CDN has recorded a stream into a file. Each format of the same content, such as MP4 and FLV,
 * has a callback of its own. There is no failure form.
 *
 * Only Tencent names the task, in `extra_params`. Elsewhere it is the stream and the time at which the
 * recording of it begins: `<stream_alias>/<begin_time>`, so that all formats of a recording are of one task.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/cdn/cdn-record-completed
 */
export const recordEvent = taskEvent('recording', observe, { taskIdOf });

function taskIdOf(body: JsonObject): string | undefined {
  const taskId = text(field(extraParamsOf(body), 'TaskId'));
  const stream = text(field(body, 'stream_alias'));
  const beginTime = text(field(body, 'begin_time'));
  return taskId ?? (stream === undefined || beginTime === undefined ? stream : `${stream}/${beginTime}`);
}

function observe(event: TaskEvent): Observed {
  const url = text(field(event.body, 'replay_url'));
  if (url === undefined) return 'missing_file_name';
  return [fileUpload(event, url, { status: 'uploaded', url, ...detailsOf(event.body) })];
}

/** `FileSize` is in bytes, `Duration` in seconds; the times are in seconds in the sample, which nothing states. */
function detailsOf(body: JsonObject): FileDetails {
  const extraParams = extraParamsOf(body);
  const begin = timeOf(field(body, 'begin_time'));
  const end = timeOf(field(body, 'end_time'));
  const hasLength = begin !== undefined && end !== undefined && end > begin;
  return {
    sizeBytes: number(field(extraParams, 'FileSize')),
    durationMs: durationMs(field(extraParams, 'Duration')) ?? (hasLength ? end - begin : undefined),
    vodFileId: text(field(extraParams, 'FileID')),
    beginsAt: begin === undefined ? undefined : isoTime(begin),
    endsAt: end === undefined ? undefined : isoTime(end),
  };
}

/** What the CDN vendor adds; other text, as in the sample, adds nothing. */
function extraParamsOf(body: JsonObject): JsonObject | undefined {
  const extraParams = unpacked(field(body, 'extra_params'));
  return isObject(extraParams) ? extraParams : undefined;
}
