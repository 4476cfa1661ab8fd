import type { Observed } from '../../callback/callback.ts';
import { RANK } from '../../callback/rank.ts';
import { field, number, text } from '../../platform/json.ts';
import { codeOf, taskPhase } from '../common/observations.ts';
import { type EventKind, type TaskEvent, taskEvent, withUser } from './event.ts';

/** `Status` of a start that is one; with `TranscodeUpdated` a running task has only been changed. */
const STARTED = 'TranscodeStarted';

/** `StopReason` when the task broke off; 0 is the user's wish. */
const TASK_EXCEPTION = 1;

/**
 * Transcoding of a single stream. The name of the event distinguishes start and stop: the vendor's sample of
 * a stop has the `Status` of a start.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/transcoding/on-demand-transcoding-started
 * https://www.zegocloud.com/docs/real-time-video-server/callback/transcoding/on-demand-transcoding-stopped
 */
export const transcodeEvents: ReadonlyMap<string, EventKind> = new Map([
  ['transcode_start', taskEvent('live', observeStart, { repeats: true })],
  ['transcode_stop', taskEvent('live', observeStop, { repeats: true })],
]);

/** The start outranks an update, which stands in for it when it is lost. */
function observeStart(event: TaskEvent): Observed {
  const rank = text(field(event.body, 'Status')) === STARTED ? RANK.specific : RANK.ordinary;
  return [taskPhase(ofItsUser(event), 'start', { status: 'started' }, rank)];
}

function observeStop(event: TaskEvent): Observed {
  const stopReason = field(event.body, 'StopReason');
  const failed = number(stopReason) === TASK_EXCEPTION;
  const outcome = { code: codeOf(stopReason), message: failed ? 'task exception' : undefined };
  return [taskPhase(ofItsUser(event), 'end', { status: failed ? 'failed' : 'ended', ...outcome })];
}

function ofItsUser(event: TaskEvent): TaskEvent {
  return withUser(event, text(field(event.body, 'UserId')));
}
