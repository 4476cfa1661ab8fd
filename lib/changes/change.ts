import { createHash } from 'node:crypto';
import type {
  ChangeEvent,
  FileChangeEvent,
  Room,
  RoomChange,
  RoomChangeEvent,
  Task,
  TaskChangeEvent,
} from '../../types/index.d.ts';
import { isoTime } from '../callback/time.ts';
import type { Item } from '../ledger/facets.ts';
import { HEAD, HEARTBEATS, type ItemIds, idsOfItem } from '../ledger/keys.ts';
import type { Owner } from '../ledger/updates.ts';
import { roomView } from '../ledger/view.ts';
import { attentionChanges } from './attention.ts';
import { fileData, taskData } from './item-views.ts';
import { familyOf, subjectOf } from './subject.ts';

/** What an event says of a change, without what it says of the stream and of the stage that it comes from. */
export type Change = Described<ChangeEvent> & { owner: Owner };

type Described<Event extends ChangeEvent> = Event extends ChangeEvent
  ? Pick<Event, 'id' | 'type' | 'subject' | 'time' | 'data'>
  : never;

/** A type of change event with its data. */
type Typed<Event extends ChangeEvent> = Event extends ChangeEvent ? Pick<Event, 'type' | 'data'> : never;

const TASK_TYPES = {
  expected: 'rtc.task.expected',
  started: 'rtc.task.started',
  ended: 'rtc.task.ended',
  failed: 'rtc.task.failed',
} as const;

const FILE_TYPES = {
  recording: 'rtc.file.recording',
  closed: 'rtc.file.closed',
  uploaded: 'rtc.file.uploaded',
  upload_failed: 'rtc.file.upload_failed',
} as const;

const ROOM_TYPES = { open: 'rtc.room.opened', closed: 'rtc.room.closed' } as const;

/**
 * What a write of one item of the ledger, at `writtenAt` (Unix time in ms), has changed for those who read it: of its
 * state usually one change, and none where nothing but `lastEventAt` differs, and of the attention
 * items that it is. None where it is no item of a task, a file, a room or a vendor's app. `label` is that of the task, which
 * the item of a file does not have. Pure.
 */
export function changesOf(
  before: Item | undefined,
  after: Item,
  writtenAt: number,
  label?: string,
): Change[] {
  const ids = idsOfItem(after);
  const subject = subjectOf(after, ids);
  if (subject === undefined) return [];
  const time = isoTime(timeOf(before, after));
  const changes = typedChanges(ids, before, after).map(
    (typed): Change => ({ ...typed, id: idOf(after, typed.type), subject, time, owner: ids.owner }),
  );
  const ofAttention = attentionChanges(subject, ids, before, after).map(
    ({ identity, ...change }): Change => ({
      ...change,
      id: idOf(after, change.type, identity),
      time: isoTime(writtenAt),
      owner: ids.owner,
    }),
  );
  const all = [...changes, ...ofAttention];
  return label === undefined ? all : all.map((change) => labelled(change, label));
}

function labelled(change: Change, label: string): Change {
  const { data } = change;
  return 'file' in data
    ? ({ ...change, data: { ...data, task: { ...data.task, label } } } as Change)
    : change;
}

function typedChanges(ids: ItemIds, before: Item | undefined, after: Item): Typed<ChangeEvent>[] {
  const family = familyOf(after);
  if (family === HEARTBEATS) return [];
  if (family === 'room') return roomChanges(ids, before, after);
  return after.sk?.S === HEAD ? taskChanges(ids, before, after) : fileChanges(ids, before, after);
}

function taskChanges(ids: ItemIds, before: Item | undefined, after: Item): Typed<TaskChangeEvent>[] {
  const [old, data] = [taskData(ids, before), taskData(ids, after)];
  if (isSame(old, data)) return [];
  const { status, riskLevel } = data.task;
  const upload = data.otherFiles.status;
  const types: TaskChangeEvent['type'][] = [];
  if (status !== old.task.status && status !== 'unknown') types.push(TASK_TYPES[status]);
  if (upload !== old.otherFiles.status && (upload === 'uploaded' || upload === 'upload_failed'))
    types.push(`rtc.task.${upload}`);
  if (riskLevel !== old.task.riskLevel) types.push('rtc.task.risk');
  if (types.length === 0) types.push('rtc.task.updated');
  return types.map((type) => ({ type, data: { ...data, previousStatus: known(old.task.status) } }));
}

function fileChanges(ids: ItemIds, before: Item | undefined, after: Item): Typed<FileChangeEvent>[] {
  const old = before && fileData(ids, before);
  const data = fileData(ids, after);
  const { status } = data.file;
  if (isSame(old, data) || status === 'lost') return [];
  const type = status === old?.file.status ? 'rtc.file.updated' : FILE_TYPES[status];
  return [{ type, data: { ...data, previousStatus: old?.file.status } }];
}

function roomChanges(
  { owner, id }: ItemIds,
  before: Item | undefined,
  after: Item,
): Typed<RoomChangeEvent>[] {
  const [old, room]: [Room, Room] = [roomView(owner, id, before), roomView(owner, id, after)];
  if (isSame(old, room)) return [];
  const { status } = room;
  const type = status === old.status || status === 'unknown' ? 'rtc.room.updated' : ROOM_TYPES[status];
  const data: RoomChange = { room, previousStatus: known(old.status) };
  return [{ type, data }];
}

function known<Status extends Task['status'] | Room['status']>(status: Status): Status | undefined {
  return status === 'unknown' ? undefined : status;
}

/** What is no change by itself: that something was heard of, or said once more. */
const NO_CHANGE = ['lastEventAt', 'sources'];

function isSame(a: unknown, b: unknown): boolean {
  const text = (value: unknown) =>
    JSON.stringify(value, (name, inner) => (NO_CHANGE.includes(name) ? undefined : inner));
  return text(a) === text(b);
}

/** The facets that an item holds an order of. */
function facetsOf(item: Item): string[] {
  return Object.keys(item)
    .filter((name) => name.endsWith(ORDER))
    .map((name) => name.slice(0, -ORDER.length))
    .sort();
}

const ORDER = 'Order';

/**
 * The vendor's time of the facets that were written. Where none was, the end turned out to be that of the whole task, or
 * an earlier failure came to light.
 */
function timeOf(before: Item | undefined, after: Item): number {
  const isMarked = after.ended !== undefined && after.ended.S !== before?.ended?.S;
  const written = isMarked
    ? ['end']
    : facetsOf(after).filter((facet) => before?.[facet]?.S !== after[facet]?.S);
  const times = written.map((facet) => (JSON.parse(after[facet]?.S ?? '{}') as { at?: number }).at ?? 0);
  return times.length > 0 ? Math.max(...times) : Date.parse(after.failedSince?.S ?? isoTime(0));
}

/**
 * Facets only ever rise in their order and a deadline only ever comes nearer, so that an item is in each state
 * once. So the state names the change, however often it is published. An attention
 * item is in each state once for each time that it was raised.
 */
function idOf(after: Item, type: string, identity?: string): string {
  const orders = facetsOf(after).map((facet) => [facet, after[facet + ORDER]?.S]);
  const parts = [after.pk?.S, after.sk?.S, orders, after.attentionAt?.S, type];
  const state = JSON.stringify(identity === undefined ? parts : [...parts, identity]);
  return createHash('sha256').update(state).digest('hex').slice(0, 32);
}
