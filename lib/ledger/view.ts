import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { FileFacet, RoomFacet, TaskFacetValues, TaskKind, TaskUpload } from '../callback/observation.ts';
import { isoTime } from '../callback/time.ts';
import type { File, Room, Task } from './answers.ts';
import { NO_DEADLINE, type Owner } from './updates.ts';

/** An item as DynamoDB returns it. */
export type Item = Record<string, AttributeValue>;

/** A facet with the vendor time that won, in ms. */
export interface Stored<Value> {
  at: number;
  value: Value;
}

/** The facets of a task's own item. */
export type TaskFacets = {
  [Facet in keyof TaskFacetValues]?: Stored<TaskFacetValues[Facet]> | undefined;
};

/** The facets of a file's own item. */
export interface FileFacets {
  start?: Stored<FileFacet> | undefined;
  segment?: Stored<FileFacet> | undefined;
  upload?: Stored<FileFacet> | undefined;
}

/** The facets of a task's own item; none when there is no such item. */
export function taskFacets(head: Item | undefined): TaskFacets {
  return {
    start: storedFacet(head, 'start'),
    end: storedFacet(head, 'end'),
    upload: storedFacet(head, 'upload'),
    risk: storedFacet(head, 'risk'),
  };
}

/** The facets of a file's own item; none when there is no such item. */
export function fileFacets(item: Item | undefined): FileFacets {
  return {
    start: storedFacet(item, 'start'),
    segment: storedFacet(item, 'segment'),
    upload: storedFacet(item, 'upload'),
  };
}

/** The one of its start and its end that tells how a task is. */
export function phaseOf({ start, end }: TaskFacets): TaskFacets['start'] {
  // A task that starts again after it has ended is running.
  return start !== undefined && (end === undefined || start.at > end.at) ? start : end;
}

/** A task from its facets and, for what those do not tell, from one of its files, or of its events. */
export function taskView(
  owner: Owner,
  taskId: string,
  facets: TaskFacets,
  file: Item | undefined,
  event?: Item,
): Task {
  const { start, end, upload, risk } = facets;
  const ofFile = fileFacets(file);
  const contexts = [start, end, upload, risk, ofFile.start, ofFile.segment, ofFile.upload].map(
    (stored) => stored?.value.task,
  );
  const phase = phaseOf(facets) ?? endOfTask(ofFile);
  return {
    ...owner,
    taskId,
    // A file knows best what its task makes; some vendors' start and end callbacks do not tell.
    kind: firstOf(contexts.toReversed(), 'kind') ?? (event?.kind?.S as TaskKind | undefined),
    status: phase?.value.status ?? 'unknown',
    roomId: firstOf(contexts, 'roomId') ?? event?.roomId?.S,
    sessionId: firstOf(contexts, 'sessionId'),
    userId: firstOf(contexts, 'userId'),
    mode: firstOf(contexts, 'mode'),
    startedAt: start?.value.status === 'started' ? isoTime(start.at) : undefined,
    endedAt: phase === undefined || phase === start ? undefined : isoTime(phase.at),
    code: phase?.value.code,
    message: phase?.value.message,
    extra: firstOf(contexts, 'extra'),
    config: start?.value.config ?? end?.value.config,
    riskLevel: risk?.value.riskLevel,
  };
}

/** The end of a task that only its files tell of, so that it needs no item of its own. */
function endOfTask({ upload }: FileFacets): TaskFacets['end'] {
  if (upload?.value.endsTask !== true) return undefined;
  return { at: upload.at, value: { status: 'ended', task: upload.value.task } };
}

/** The names of files that a task's own facets tell of, whether or not the file has an item of its own. */
export function fileNamesOf({ start, end }: TaskFacets): string[] {
  const names = [
    start?.value.status === 'started' ? start.value.file?.name : undefined,
    end?.value.file?.name,
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** A file from its own item, if it has one, and its task's facets. `now` is Unix time in ms. */
export function fileView(
  owner: Owner,
  taskId: string,
  name: string,
  item: Item | undefined,
  task: TaskFacets,
  now: number,
): File {
  const own = fileFacets(item);
  const start = task.start?.value.file?.name === name ? task.start : undefined;
  const end = task.end?.value.file?.name === name ? task.end : undefined;
  const upload = effectiveUpload(own.upload, task.upload);
  const details = [
    own.upload?.value,
    own.segment?.value,
    end?.value.file,
    own.start?.value,
    start?.value.file,
  ];
  const tasks = [own.upload, own.segment, end, own.start, start].map((stored) => stored?.value.task);
  const failed = upload?.value.status === 'upload_failed';
  const purgeAt = failed && item?.attentionAt?.S !== NO_DEADLINE ? item?.attentionAt?.S : undefined;
  const times = [start, end, own.start, own.segment, upload].map((stored) => stored?.at ?? 0);
  const isClosed = own.segment !== undefined || task.end !== undefined;
  return {
    ...owner,
    taskId,
    name,
    status: upload === undefined ? (isClosed ? 'closed' : 'recording') : uploadStatus(upload, purgeAt, now),
    url: firstOf(details, 'url'),
    sizeBytes: firstOf(details, 'sizeBytes'),
    durationMs: firstOf(details, 'durationMs'),
    resolution: firstOf(details, 'resolution'),
    userId: firstOf(details, 'userId') ?? firstOf(tasks, 'userId'),
    trackType: firstOf(details, 'trackType'),
    mediaId: firstOf(details, 'mediaId'),
    vodFileId: firstOf(details, 'vodFileId'),
    beginsAt: firstOf(details, 'beginsAt'),
    endsAt: firstOf(details, 'endsAt'),
    code: (upload ?? own.segment)?.value.code,
    message: (upload ?? own.segment)?.value.message,
    uploadedAt: upload?.value.status === 'uploaded' ? isoTime(upload.at) : undefined,
    failedAt: failed ? isoTime(upload.at) : undefined,
    purgeAt,
    lastEventAt: isoTime(Math.max(...times)),
  };
}

/** The file's own upload; the task's where the file has none, or had failed before the task's were recovered. */
export function effectiveUpload(
  own: Stored<FileFacet> | undefined,
  task: Stored<TaskUpload> | undefined,
): Stored<Pick<FileFacet, 'status' | 'code' | 'message'>> | undefined {
  if (own === undefined || task === undefined) return own ?? task;
  const isRecovered = own.value.status === 'upload_failed' && task.value.recovered === true;
  return isRecovered && task.at >= own.at ? task : own;
}

function uploadStatus(
  upload: Stored<Pick<FileFacet, 'status'>>,
  purgeAt: string | undefined,
  now: number,
): File['status'] {
  const isLost = purgeAt !== undefined && purgeAt <= isoTime(now);
  return upload.value.status === 'upload_failed' && isLost ? 'lost' : upload.value.status;
}

/** A room from its own item; `unknown` unless it is told that the room was opened or closed. */
export function roomView(owner: Owner, roomId: string, head: Item | undefined): Room {
  const open = storedFacet<RoomFacet>(head, 'open');
  const close = storedFacet<RoomFacet>(head, 'close');
  const activity = storedFacet<RoomFacet>(head, 'activity');
  const times = [open, close, activity].filter((stored) => stored !== undefined).map(({ at }) => at);
  // A room id may be used again: a room that opens after it was closed is open.
  const isOpen = open !== undefined && (close === undefined || open.at > close.at);
  const sessions = isOpen ? [open, activity] : [close, open, activity];
  return {
    ...owner,
    roomId,
    status: isOpen ? 'open' : close === undefined ? 'unknown' : 'closed',
    sessionId: firstOf(
      sessions.map((stored) => stored?.value),
      'sessionId',
    ),
    openedAt: open === undefined ? undefined : isoTime(open.at),
    closedAt: isOpen || close === undefined ? undefined : isoTime(close.at),
    lastEventAt: times.length === 0 ? undefined : isoTime(Math.max(...times)),
  };
}

function storedFacet<Value>(item: Item | undefined, facet: string): Stored<Value> | undefined {
  const value = item?.[facet]?.S;
  if (value === undefined) return undefined;
  const { at, ...stored } = JSON.parse(value) as { at: number };
  return { at, value: stored as Value };
}

/** The first value of a field among several sources that may be missing. */
function firstOf<Source extends object, Name extends keyof Source>(
  sources: ReadonlyArray<Source | undefined>,
  name: Name,
): Source[Name] | undefined {
  return sources.find((source) => source?.[name] !== undefined)?.[name];
}
