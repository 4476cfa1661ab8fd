import type { Observed } from '../../callback/callback.ts';
import { timeMs } from '../../callback/time.ts';
import { field, type Json, type JsonObject, number, text } from '../../platform/json.ts';
import { type EventKind, type TaskEvent, taskEvent, timeOf, unpacked } from './event.ts';
import { codeOf, isSuccess, phaseOf } from './observations.ts';

/** Levels that outrank `PASS`, and any that the vendor may add. */
const RISK_RANKS: ReadonlyMap<string, number> = new Map([
  ['REVIEW', 1],
  ['REJECT', 2],
]);

/** `Status` of a task that has finished. */
const FINISHED = 0;

/** A failed end of a part of a task is not hidden by a good end of the other part. */
const FAILED_RANK = 1;

/** Without a zone; the zone is Beijing's. */
const IMAGE_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,3})?)$/;

const resultEvent = taskEvent('moderation', observeResult, { happenedAt: processedAt });
const statusEvent = taskEvent('moderation', observeStatus);

/**
 * Moderation of audio and video streams: a result every few seconds, and the end of the task where
 * `ReturnFinishInfo` asked for it, for video once for the sound and once for the pictures.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/moderation/audio and `moderation/video`
 */
export const moderationEvents: ReadonlyMap<string, EventKind> = new Map([
  ['censor_audio_v2_result', resultEvent],
  ['censor_audio_v2_status', statusEvent],
  ['censor_video_v2_audio_result', resultEvent],
  ['censor_video_v2_audio_status', statusEvent],
  ['censor_video_v2_img_result', resultEvent],
  ['censor_video_v2_img_status', statusEvent],
]);

/** There is a level only when the moderation worked. The user is the one who was heard, in audio results. */
function observeResult({ body, taskId, task, at }: TaskEvent): Observed {
  const riskLevel = text(field(unpacked(field(body, 'Detail')), 'RiskLevel'));
  if (riskLevel === undefined) return [];
  const rank = RISK_RANKS.get(riskLevel) ?? 0;
  const userId = text(field(auxInfoOf(body), 'UserId'));
  const value = { riskLevel, task: { ...task, userId } };
  return [{ entity: 'task', taskId, facet: 'risk', rank, at, value }];
}

function observeStatus(event: TaskEvent): Observed {
  const { body } = event;
  if (number(field(body, 'Status')) !== FINISHED) return [];
  const outcome = { code: codeOf(field(body, 'Code')), message: text(field(body, 'Message')) };
  return [
    isSuccess(outcome.code)
      ? phaseOf(event, 'end', { status: 'ended', ...outcome })
      : phaseOf(event, 'end', { status: 'failed', rank: FAILED_RANK, ...outcome }),
  ];
}

/** When the segment was judged (ms), or the picture taken. */
function processedAt(body: JsonObject): number | undefined {
  const auxInfo = auxInfoOf(body);
  return timeOf(field(auxInfo, 'ProcessFinishTime')) ?? beijingTime(text(field(auxInfo, 'ImgTime')));
}

function auxInfoOf(body: JsonObject): Json | undefined {
  return unpacked(field(body, 'AuxInfo'));
}

function beijingTime(time: string | undefined): number | undefined {
  const parts = IMAGE_TIME.exec(time ?? '');
  return parts === null ? undefined : timeMs(Date.parse(`${parts[1]}T${parts[2]}+08:00`));
}
