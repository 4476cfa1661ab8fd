import type { RoomAnswer } from '../ledger/read-room.ts';
import { name, ownerText, relativeTime, roomLink, statusBadge } from './elements.ts';
import type { Html } from './html.ts';
import { table } from './table.ts';

/** Rooms with how many tasks they have. `now` is Unix time in ms. */
export function recentRooms(rooms: readonly RoomAnswer[], now: number): Html {
  return table({
    caption: 'Rooms that callbacks told of lately',
    rows: rooms,
    keyOf: ({ room }) => JSON.stringify([room.vendor, room.appId, room.roomId]),
    columns: [
      { title: 'Room', cell: ({ room }) => roomLink(room, room.roomId) },
      { title: 'Status', cell: ({ room }) => statusBadge(room.status) },
      { title: 'Opened', cell: ({ room }) => relativeTime(room.openedAt, now) },
      { title: 'Closed', cell: ({ room }) => relativeTime(room.closedAt, now) },
      {
        title: 'Tasks',
        isNumber: true,
        cell: ({ tasks, next }) => `${tasks.length}${next === undefined ? '' : ' or more'}`,
      },
      { title: 'Session', cell: ({ room }) => name(room.sessionId) },
      { title: 'App', cell: ({ room }) => ownerText(room) },
    ],
  });
}
