import type { Observed } from '../../callback/callback.ts';
import type { FileDetails, Outcome } from '../../callback/observation.ts';
import { field, isObject, type Json, type JsonObject, number, text } from '../../platform/json.ts';
import { codeOf, fileUpload, taskPhase } from '../common/observations.ts';
import { type TaskEvent, taskEvent, unpacked } from './event.ts';
import { durationMs, isAbsent, isSuccess, listOf, resolutionOf } from './values.ts';

/** The vendor's `procedure` sample has this text in place of the results. */
const PLACEHOLDER = 'extra_params';

/**
 * `procedure`: the on-demand transcoding of a file has finished. Each result that succeeded is a file, named
 * by its URL: it has no id of its own, `file_id` is the source. One that failed fails the task.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/cdn/on-demand-transcoding-completed
 */
export const procedureEvent = taskEvent('recording', observeProcedure);

/**
 * `compose`: the merge of several files into one has finished. `code`, `message` and `file_id` come from
 * Tencent only.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/cdn/merge-media-completed
 */
export const composeEvent = taskEvent('recording', observeCompose);

function observeProcedure(event: TaskEvent): Observed {
  const results = resultsOf(event.body);
  if (results === undefined) return 'unreadable_file_list';
  const failure = procedureFailure(event.body, results);
  const files = results.filter((result) => isSuccess(resultOutcome(result).code));
  const urls = files.map((result) => text(field(result, 'replay_url')));
  if (!urls.every((url) => url !== undefined)) return 'missing_file_name';
  return [
    taskPhase(event, 'end', failure === undefined ? { status: 'ended' } : { status: 'failed', ...failure }),
    ...urls.map((url, index) =>
      fileUpload(event, url, { status: 'uploaded', url, ...resultDetails(files[index]) }),
    ),
  ];
}

/** `extra_params.media.transcode`; none when the vendor leaves the results out. */
function resultsOf(body: JsonObject): Json[] | undefined {
  const extraParams = unpacked(field(body, 'extra_params'));
  if (isAbsent(extraParams) || extraParams === PLACEHOLDER) return [];
  if (!isObject(extraParams)) return undefined;
  const media = field(extraParams, 'media');
  if (isAbsent(media)) return [];
  return isObject(media) ? listOf(media, 'transcode') : undefined;
}

/** Why the task failed: all of it, or its first result that did. */
function procedureFailure(body: JsonObject, results: readonly Json[]): Outcome | undefined {
  const result = results.map(resultOutcome).find(({ code }) => !isSuccess(code));
  const status = text(field(body, 'status'));
  return result ?? (status === 'FAILED' ? { code: status } : undefined);
}

function resultOutcome(result: Json): Outcome {
  return { code: codeOf(field(result, 'code')), message: text(field(result, 'message')) };
}

function resultDetails(result: Json | undefined): FileDetails {
  const video = field(result, 'video');
  return {
    sizeBytes: number(field(result, 'size')),
    durationMs: durationMs(field(result, 'duration')),
    resolution: resolutionOf(field(video, 'width'), field(video, 'height')),
  };
}

function observeCompose(event: TaskEvent): Observed {
  const { body } = event;
  const [code, message] = [codeOf(field(body, 'code')), text(field(body, 'message'))];
  if (!isSuccess(code)) return [taskPhase(event, 'end', { status: 'failed', code, message })];
  const url = text(field(body, 'replay_url'));
  const vodFileId = text(field(body, 'file_id'));
  const name = url ?? vodFileId;
  return [
    taskPhase(event, 'end', { status: 'ended', code, message }),
    ...(name === undefined ? [] : [fileUpload(event, name, { status: 'uploaded', url, vodFileId })]),
  ];
}
