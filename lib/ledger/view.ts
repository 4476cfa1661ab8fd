import type { TaskKind } from '../callback/observation.ts';
import { isoTime } from '../callback/time.ts';
import type { File, FileFate, Room, Target, Task } from './answers.ts';
import {
  effectiveUpload,
  type FileFacets,
  facetsOfFile,
  fileFacets,
  hasCallback,
  type Item,
  isAfter,
  isMadeByTask,
  latestPhase,
  phaseOf,
  roomFacets,
  type Stored,
  sourcesOf,
  storageFacet,
  type TargetFacets,
  type TaskFacets,
} from './facets.ts';
import { isUnfinished } from './recordings.ts';
import { NO_DEADLINE, type Owner } from './updates.ts';

/** What a task's own facets do not say: it may be known by a file or an event alone, and its parts run on their own. */
export interface BesidesFacets {
  file?: Item | undefined;
  /** Whether its file decides its kind where nothing else does: no other file is known that could. */
  isKindOfFile?: boolean | undefined;
  event?: Item | undefined;
  /** The task's own item: who said what of it. */
  head?: Item | undefined;
  parts?: { isRunning: boolean; lastEndAt?: number; targets?: Target[] } | undefined;
}

/** A task from its facets and what is known of it besides. */
export function taskView(
  owner: Owner,
  taskId: string,
  facets: TaskFacets,
  { file, isKindOfFile = false, event, parts, head }: BesidesFacets,
): Task {
  const { start, end, upload, risk, expected } = facets;
  const ofFile = fileFacets(file);
  const fileValues = [ofFile.upload, ofFile.end, ofFile.segment, ofFile.start].map((stored) => stored?.value);
  const contexts = [
    ...[start, end, upload, risk].map((stored) => stored?.value.task),
    ...fileValues.toReversed().map((value) => value?.task),
    expected?.value.task,
  ];
  const kindOfFile = isKindOfFile ? firstOf(fileValues, 'kind') : undefined;
  const phase = phaseOf(facets, parts?.isRunning) ?? endOfTask(ofFile);
  const isAwaited = expected !== undefined && !hasCallback(facets) && (file ?? event) === undefined;
  const endedAt = phase === start ? undefined : (parts?.lastEndAt ?? phase?.at);
  return {
    ...owner,
    taskId,
    kind:
      (isMadeByTask(ofFile, facets) ? kindOfFile : undefined) ??
      firstOf(contexts, 'kind') ??
      (event?.kind?.S as TaskKind | undefined) ??
      kindOfFile,
    status: phase?.value.status ?? (isAwaited ? 'expected' : 'unknown'),
    roomId: firstOf(contexts, 'roomId') ?? event?.roomId?.S,
    sessionId: firstOf(contexts, 'sessionId'),
    userId: firstOf(contexts, 'userId'),
    label: expected?.value.label,
    mode: firstOf(contexts, 'mode'),
    startedAt: isoTimeOf(start?.value.status === 'started' ? start.at : expected?.value.startedAt),
    expectedBy: isoTimeOf(expected?.value.expectedBy),
    endedAt: isoTimeOf(endedAt),
    code: phase?.value.code,
    message: phase?.value.message,
    extra: firstOf(contexts, 'extra'),
    config: start?.value.config ?? end?.value.config,
    riskLevel: risk?.value.riskLevel,
    targets: parts?.targets,
    sources: sourcesOf(head),
  };
}

function isoTimeOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : isoTime(at);
}

/** A target from its facets; `undefined` while it has none. */
export function targetView({ start, end }: TargetFacets): Target | undefined {
  const phase = latestPhase(start, end);
  if (phase === undefined) return undefined;
  const { host, urlEnd, status, code, message } = phase.value;
  return {
    ...{ host, urlEnd, status, code, message },
    startedAt: start === undefined ? undefined : isoTime(start.at),
    endedAt: phase === start ? undefined : isoTime(phase.at),
  };
}

/** The end of a task that only its files know, so that it needs no item of its own. */
function endOfTask({ upload }: FileFacets): TaskFacets['end'] {
  if (upload?.value.endsTask !== true) return undefined;
  return { at: upload.at, value: { status: 'ended', task: upload.value.task } };
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
  const { start, segment, end, upload: own } = facetsOfFile(name, item, task);
  const upload = effectiveUpload(name, own, task.upload);
  const details = [own, segment, end, start].map((stored) => stored?.value);
  const tasks = details.map((value) => value?.task);
  const contexts = [...tasks, ...[task.start, task.end, task.upload].map((stored) => stored?.value.task)];
  const failed = upload?.value.status === 'upload_failed';
  const purgeAt = failed && item?.attentionAt?.S !== NO_DEADLINE ? item?.attentionAt?.S : undefined;
  const times = [start, segment, end, upload].map((stored) => stored?.at ?? 0);
  const isTaskOver = task.end !== undefined && task.end.value.parts !== 'files';
  const isClosed = segment !== undefined || end !== undefined || isTaskOver;
  return {
    ...owner,
    taskId,
    name,
    roomId: firstOf(contexts, 'roomId'),
    sessionId: firstOf(contexts, 'sessionId'),
    kind: firstOf(details, 'kind') ?? firstOf([...tasks, task.start?.value.task], 'kind'),
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
    code: (upload ?? segment ?? end)?.value.code,
    message: (upload ?? segment ?? end)?.value.message,
    uploadedAt: upload?.value.status === 'uploaded' ? isoTime(upload.at) : undefined,
    failedAt: failed ? isoTime(upload.at) : undefined,
    purgeAt,
    storage: storageFacet(item)?.value.storage,
    sources: sourcesOf(item),
    isProvisional: isUnfinished({ start, segment, end, upload: own }) ? true : undefined,
    lastEventAt: isoTime(Math.max(...times)),
  };
}

function uploadStatus(
  upload: Stored<{ status: FileFate['status'] }>,
  purgeAt: string | undefined,
  now: number,
): File['status'] {
  const isLost = purgeAt !== undefined && purgeAt <= isoTime(now);
  return upload.value.status === 'upload_failed' && isLost ? 'lost' : upload.value.status;
}

/** A room from its own item; `unknown` unless a callback said that the room was opened or closed. */
export function roomView(owner: Owner, roomId: string, head: Item | undefined): Room {
  const { open, close, activity } = roomFacets(head);
  const times = [open, close, activity].filter((stored) => stored !== undefined).map(({ at }) => at);
  // A room id may be used again: a room that opens after it was closed is open.
  const isOpen = open !== undefined && (close === undefined || isAfter(open, close));
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

/** The first value of a field among several sources that may be missing. */
function firstOf<Source extends object, Name extends keyof Source>(
  sources: ReadonlyArray<Source | undefined>,
  name: Name,
): Source[Name] | undefined {
  return sources.find((source) => source?.[name] !== undefined)?.[name];
}
