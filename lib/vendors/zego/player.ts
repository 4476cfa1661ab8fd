import type { Observed } from '../../callback/callback.ts';
import { field, firstField, type Json, type JsonObject, number, text } from '../../platform/json.ts';
import { codeOf, fileUpload, taskPhase, taskUpload } from '../common/observations.ts';
import { type EventKind, OTHER_EVENT, type TaskEvent, taskEvent, timeOf, unpacked } from './event.ts';

/** Why a player was destroyed, by `Detail.Reason` of `EventType` 2, and whether that is a failure. */
const END_REASONS: ReadonlyMap<number, { message: string; failed?: boolean }> = new Map([
  [1, { message: 'destroyed on request' }],
  [2, { message: 'idle for longer than MaxIdleTime' }],
  [3, { message: 'playback ended' }],
  [4, { message: 'streaming failed', failed: true }],
  [5, { message: 'could not enter the room or was removed from it', failed: true }],
]);

/** `Detail.Reason` of 10002: the upload has failed for good. */
const UPLOAD_FAILURES: ReadonlyMap<number, string> = new Map([
  [1, 'download of the source failed'],
  [2, 'upload failed, it is not tried again'],
  [3, 'file too large'],
]);

/** `Detail.Code` of 10005: the upload has failed for now. */
const UPLOAD_EXCEPTIONS: ReadonlyMap<number, string> = new Map([
  [1, 'unknown exception, the upload is tried again'],
  [2, 'upload failed, it is tried again'],
]);

/** The player, or the upload of a file for one. */
function taskIdOf(body: JsonObject): string | undefined {
  return text(firstField(body, 'PlayerId', 'UploadTaskId'));
}

/** In ms. */
function happenedAt(body: JsonObject): number | undefined {
  return timeOf(field(body, 'EventTime'));
}

/**
 * The callbacks of the cloud player that turn into state, by `EventType`: of a player, or of the upload of a
 * file for it. The rest (3 status, 4 exception, 10003 upload status, 10004 not cancelled, 10006 file expired)
 * are events of the task.
 * https://github.com/ZEGOCLOUD/docs_all/blob/main/extended_services/cloud_player/en/server/Callback/callback.mdx
 */
export const playerEvents: ReadonlyMap<string, EventKind> = new Map([
  ['1', playerEvent(observeStart)],
  ['2', playerEvent(observeEnd)],
  ['10001', playerEvent(observeUpload)],
  ['10002', playerEvent((event) => observeUploadFailure(event, 'Reason', UPLOAD_FAILURES))],
  ['10005', playerEvent((event) => observeUploadFailure(event, 'Code', UPLOAD_EXCEPTIONS))],
]);

/** Every other callback of the cloud player. */
export const otherPlayerEvent: EventKind = { ...OTHER_EVENT, taskIdOf, kindOf: () => 'player', happenedAt };

function playerEvent(observe: (event: TaskEvent) => Observed): EventKind {
  return taskEvent('player', observe, { taskIdOf, happenedAt });
}

function observeStart(event: TaskEvent): Observed {
  return [taskPhase(event, 'start', { status: 'started' })];
}

function observeEnd(event: TaskEvent): Observed {
  const code = codeOf(detailField(event, 'Reason'));
  const reason = END_REASONS.get(number(code) ?? 0);
  const status = reason?.failed ? 'failed' : 'ended';
  return [taskPhase(event, 'end', { status, code, message: reason?.message })];
}

function observeUpload(event: TaskEvent): Observed {
  const name = fileNameOf(event.body);
  if (name === undefined) return 'missing_file_name';
  return [fileUpload(event, name, { status: 'uploaded', url: urlOf(event) })];
}

function observeUploadFailure(
  event: TaskEvent,
  codeField: 'Reason' | 'Code',
  messages: ReadonlyMap<number, string>,
): Observed {
  const name = fileNameOf(event.body);
  const code = codeOf(detailField(event, codeField));
  const value = { status: 'upload_failed', code, message: messages.get(number(code) ?? 0) } as const;
  if (name === undefined) return [taskUpload(event, value)];
  return [fileUpload(event, name, { ...value, url: urlOf(event) })];
}

/** The title that the app gave the file, else the task, which is of one file. */
function fileNameOf(body: JsonObject): string | undefined {
  return text(firstField(body, 'Title', 'UploadTaskId'));
}

/** The address of the file that the player plays. */
function urlOf({ body }: TaskEvent): string | undefined {
  return text(field(body, 'StreamUrl'));
}

function detailField({ body }: TaskEvent, name: string): Json | undefined {
  return field(unpacked(field(body, 'Detail')), name);
}
