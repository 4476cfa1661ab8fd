import type { ChangeEvent, FileFate } from '../../types/index.d.ts';
import type { Change } from './change.ts';

/** Sequence numbers of a stream are decimal and of up to 40 digits; padded they compare as text. */
const SEQUENCE_DIGITS = 40;

/** Where a change was read. */
export interface Origin {
  /** The beginning of each event's `source`, such as `/rtc-callbacks/prod`. */
  source: string;
  /** The sequence number of the stream record. */
  sequenceNumber: string;
}

/** The CloudEvents 1.0 event of a change. Pure. */
export function changeEvent({ owner, ...change }: Change, { source, sequenceNumber }: Origin): ChangeEvent {
  const { id, type, subject, time, data } = change;
  const app = [owner.vendor, owner.appId].map(encodeURIComponent).join('/');
  const attributes = { specversion: '1.0', id, source: `${source}/${app}`, type, subject, time } as const;
  const sequence = sequenceNumber.padStart(SEQUENCE_DIGITS, '0');
  return { ...attributes, datacontenttype: 'application/json', sequence, data } as ChangeEvent;
}

/** The event with only ids, status and times in its data: for one that is too large. */
export function truncatedEvent(event: ChangeEvent): ChangeEvent {
  return { ...event, truncated: true, data: essentials(event) } as ChangeEvent;
}

function essentials({ data }: ChangeEvent): ChangeEvent['data'] {
  if ('app' in data) return data;
  const why =
    'reason' in data
      ? { reason: data.reason, previousReason: data.previousReason, since: data.since }
      : { previousStatus: data.previousStatus };
  if ('room' in data) {
    const { vendor, appId, roomId, status } = data.room;
    return { room: { vendor, appId, roomId, status }, ...why } as ChangeEvent['data'];
  }
  const { vendor, appId, taskId, label } = data.task;
  const task = { vendor, appId, taskId };
  if ('file' in data) {
    const { name, lastEventAt } = data.file;
    const file = { ...task, name, ...fateOf(data.file), lastEventAt };
    return { file, task: { ...task, label }, ...why } as ChangeEvent['data'];
  }
  const { status } = data.task;
  const ofTask = { task: { ...task, status, label }, files: [], ...why };
  if (!('otherFiles' in data)) return ofTask as ChangeEvent['data'];
  const { recovered } = data.otherFiles;
  return { ...ofTask, otherFiles: { ...fateOf(data.otherFiles), recovered } } as ChangeEvent['data'];
}

/** The fields of a file's state; the vendor's code and message may be of any length. */
function fateOf({ status, uploadedAt, failedAt, purgeAt }: FileFate): FileFate {
  return { status, uploadedAt, failedAt, purgeAt };
}
