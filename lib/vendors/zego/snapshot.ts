import type { Observed } from '../../callback/callback.ts';
import { field, firstField, type Json, text } from '../../platform/json.ts';
import { fileUpload, taskPhase } from '../common/observations.ts';
import { type TaskEvent, taskEvent, unpacked } from './event.ts';

/**
 * `snapshot`: an on-demand screenshot task has finished; its pictures are in the CDN vendor's storage. There
 * is no failure form: a task that fails stays silent. Each of its pictures shows that it has ended.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/cdn/media-thumbnails-completed
 */
export const snapshotEvent = taskEvent('screenshot', observe);

function observe(event: TaskEvent): Observed {
  const pictures = picturesOf(field(event.body, 'snapshot_pic_list'));
  if (pictures === undefined) return 'unreadable_file_list';
  if (pictures.length === 0) return [taskPhase(event, 'end', { status: 'ended' })];
  return [...new Set(pictures)].map((url) =>
    fileUpload(event, url, { status: 'uploaded', url, endsTask: true }),
  );
}

/** The URLs of the list, which is JSON inside a string in the sample and an array in the table. */
function picturesOf(list: Json | undefined): string[] | undefined {
  const entries = unpacked(list);
  if (!Array.isArray(entries)) return undefined;
  const urls = entries.map((entry) => text(firstField(entry, 'url')));
  return urls.every((url) => url !== undefined) ? urls : undefined;
}
