import type { Observed } from '../../callback/callback.ts';
import { RANK, RISK_RANKS } from '../../callback/rank.ts';
import { timeMs } from '../../callback/time.ts';
import { field, type Json, type JsonObject, number, text } from '../../platform/json.ts';
import { codeOf, taskPhase, taskRisk } from '../common/observations.ts';
import { type EventKind, type TaskEvent, taskEvent, timeOf, unpacked, withUser } from './event.ts';
import { isSuccess } from './values.ts';

/** `Status` of a task that has finished. */
const FINISHED = 0;

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
function observeResult(event: TaskEvent): Observed {
  const riskLevel = text(field(unpacked(field(event.body, 'Detail')), 'RiskLevel'));
  if (riskLevel === undefined) return [];
  const userId = text(field(auxInfoOf(event.body), 'UserId'));
  // A level that the vendor may add is below the two that are risks.
  return [taskRisk(withUser(event, userId), riskLevel, RISK_RANKS.get(riskLevel) ?? 0)];
}

/** A failed end of a part of a task is not hidden by a good end of the other part. */
function observeStatus(event: TaskEvent): Observed {
  const { body } = event;
  if (number(field(body, 'Status')) !== FINISHED) return [];
  const outcome = { code: codeOf(field(body, 'Code')), message: text(field(body, 'Message')) };
  return [
    isSuccess(outcome.code)
      ? taskPhase(event, 'end', { status: 'ended', ...outcome })
      : taskPhase(event, 'end', { status: 'failed', ...outcome }, RANK.specific),
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
