import type { Observed } from '../../callback/callback.ts';
import { roomEvent } from '../common/observations.ts';
import { type EventGroup, roomIdOf, type TencentEvent } from './event.ts';

/** The types that open and close the room; every other one is something that goes on in it. */
const FACETS: ReadonlyMap<number | undefined, 'open' | 'close'> = new Map([
  [101, 'open'],
  [102, 'close'],
]);

/**
 * Groups 1 and 2, room and media: events of the room, of no task. A room is closed only when it is dismissed:
 * no callback says that the last user has left.
 * https://trtc.io/document/39558
 */
export const roomGroup: EventGroup = { taskIdOf: () => undefined, observe };

function observe({ type, info, at }: TencentEvent): Observed {
  const roomId = roomIdOf(info);
  if (roomId === undefined) return 'missing_room_id';
  return [roomEvent(roomId, at, FACETS.get(type) ?? 'activity')];
}
