import type { Observed } from '../../callback/callback.ts';
import { field, firstField, type Json, text } from '../../platform/json.ts';
import { codeOf, fileUpload, taskUpload } from '../common/observations.ts';
import {
  leaveOutcome,
  type Phase,
  phaseByStatus,
  phaseObservation,
  statusOf,
  type TaskEvent,
  taskGroup,
} from './task.ts';

/** `Status` of 1001 and 1101 */
export const START_PHASES: ReadonlyMap<number | undefined, Phase> = new Map([
  [0, { facet: 'start', status: 'started' }],
  [1, { facet: 'start', status: 'failed' }],
]);

/** 1002. Without object storage of Tencent no upload is reported, so that none can be expected. */
const ENDED: Phase = { facet: 'end', status: 'ended' };

/** Slices, by the end of a URL or object key. */
const PICTURE = /\.(png|jpe?g|webp|gif)(?:[?#]|$)/i;
const AUDIO = /\.(ogg|mp3|aac|wav|m4a)(?:[?#]|$)/i;

/** How deep a slice is looked for in `Payload`. */
const DEEPEST_SLICE = 4;

/** The result of a failed upload: `Status` of 1003 and 1005, 0 is success. */
const FAILED_STATUS = 1;

/**
 * Group 10, cloud slicing: pictures and audio that the service takes of each user.
 * https://trtc.io/document/73393
 */
export const slicingGroup = taskGroup(
  'screenshot',
  new Map([
    [1001, phaseByStatus(START_PHASES, (payload) => ({ code: statusOf(payload) }))],
    [1002, (event: TaskEvent) => [phaseObservation(event, ENDED, leaveOutcome(event.payload))]],
    [1003, observeUploadStatus],
    [1004, observeSlices],
    [1005, observeUploadStatus],
    [1006, observeUploadError],
  ]),
);

/** A success says nothing: every slice has a callback of its own. */
function observeUploadStatus(event: TaskEvent): Observed {
  const code = statusOf(event.payload);
  return code === FAILED_STATUS ? [taskUpload(event, { status: 'upload_failed', code })] : [];
}

function observeUploadError(event: TaskEvent): Observed {
  const code = codeOf(field(event.payload, 'Code'));
  const message = text(field(event.payload, 'Message'));
  return [taskUpload(event, { status: 'upload_failed', code, message })];
}

/** The page does not name the members of the result: any text that ends like a slice is one. */
function observeSlices(event: TaskEvent): Observed {
  const urls = new Map<string, string | undefined>();
  for (const slice of slicesIn(event.payload, DEEPEST_SLICE)) {
    const name = nameOf(slice);
    urls.set(name, isUrl(slice) ? slice : urls.get(name));
  }
  const userId = userIdOf(event);
  return [...urls].map(([name, url]) => {
    const kind = AUDIO.test(name) ? 'recording' : undefined;
    return fileUpload(event, name, { status: 'uploaded', kind, url, userId });
  });
}

function slicesIn(value: Json | undefined, depth: number): string[] {
  if (typeof value === 'string') return PICTURE.test(value) || AUDIO.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.values(value).flatMap((inner) => slicesIn(inner, depth - 1));
}

/** The object key, so that a URL with another query is the same file. */
function nameOf(slice: string): string {
  return isUrl(slice) && URL.canParse(slice) ? decodedPath(new URL(slice).pathname) : slice;
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return path.slice(1);
  }
}

function isUrl(value: string): boolean {
  return /^https?:\/\//i.test(value);
}

/** The user in the slice; `UserId` is the robot. */
export function userIdOf({ info, payload }: TaskEvent): string | undefined {
  return text(
    firstField(info, 'StreamUserId', 'StreamerUserId') ??
      firstField(payload, 'StreamUserId', 'StreamerUserId'),
  );
}
