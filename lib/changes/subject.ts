import type { Item } from '../ledger/facets.ts';
import { FILE_PREFIX, HEAD, HEARTBEATS, type ItemIds } from '../ledger/keys.ts';

/** What the events of an item are about; `undefined` for an item that is not a task, file, room or app. */
export function subjectOf(item: Item, { owner, id, fileName }: ItemIds): string | undefined {
  const family = familyOf(item);
  if (family === HEARTBEATS) return `apps/${encodeURIComponent(owner.appId)}`;
  if (family === 'room' && item.sk?.S === HEAD) return `rooms/${encodeURIComponent(id)}`;
  if (family !== 'task') return undefined;
  const task = `tasks/${encodeURIComponent(id)}`;
  if (item.sk?.S === HEAD) return task;
  return item.sk?.S?.startsWith(FILE_PREFIX) ? fileSubject(task, fileName) : undefined;
}

export function fileSubject(task: string, name: string): string {
  return `${task}/files/${encodeURIComponent(name)}`;
}

/** The part of an item's key that says what it is of. */
export function familyOf({ pk }: Item): string | undefined {
  return pk?.S?.split('#')[0];
}
