import type { Observed } from '../../callback/callback.ts';
import { field, text } from '../../platform/json.ts';
import { taskPhase } from '../common/observations.ts';
import { type EventKind, type TaskEvent, taskEvent, withUser } from './event.ts';

/**
 * Stream mixing. No `mix_stop` is sent when the mixing ends abnormally. The order of the requests, `seq`, is
 * not a time, and no other is given than that of sending: whichever was sent last counts.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/stream-mixing/started and `stream-mixing/stopped`
 */
export const mixEvents: ReadonlyMap<string, EventKind> = new Map([
  ['mix_start', taskEvent('live', (event) => observe(event, 'start', 'started'), { repeats: true })],
  ['mix_stop', taskEvent('live', (event) => observe(event, 'end', 'ended'), { repeats: true })],
]);

function observe(event: TaskEvent, facet: 'start' | 'end', status: 'started' | 'ended'): Observed {
  return [taskPhase(withUser(event, text(field(event.body, 'publish_id'))), facet, { status })];
}
