import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type {
  FileFacet,
  FileStorage,
  RoomFacet,
  TargetFacet,
  TaskAnswer,
  TaskFacet,
  TaskFacetValues,
  TaskRisk,
  TaskStorage,
  TaskUpload,
} from '../callback/observation.ts';
import { ANSWER_RANK, STORAGE_RANK } from '../callback/rank.ts';
import { isoTime } from '../callback/time.ts';
import type { Source } from './answers.ts';
import { hasReplacedTime, rankPrefix } from './order.ts';

/** An item as DynamoDB returns it. */
export type Item = Record<string, AttributeValue>;

/** A facet with the time that won, Unix time in ms. */
export interface Stored<Value> {
  at: number;
  value: Value;
  /** Whether the time replaces one that nobody can mean: it says nothing of an order. */
  isReplaced?: boolean;
}

/** The facets of a task's own item, from all sources. */
export type TaskFacets = {
  [Facet in Exclude<keyof TaskFacetValues, 'storage'>]?: Stored<TaskFacetValues[Facet]> | undefined;
};

/** The facets of a file's own item, from all sources: what a callback says goes first, a success before a failure. */
export interface FileFacets {
  start?: Stored<FileFacet> | undefined;
  segment?: Stored<FileFacet> | undefined;
  end?: Stored<FileFacet> | undefined;
  upload?: Stored<FileFacet> | undefined;
}

/** The facets of a target's item. */
export interface TargetFacets {
  start?: Stored<TargetFacet> | undefined;
  end?: Stored<TargetFacet> | undefined;
}

/** The facets of a room's own item. */
export interface RoomFacets {
  open?: Stored<RoomFacet> | undefined;
  close?: Stored<RoomFacet> | undefined;
  activity?: Stored<RoomFacet> | undefined;
}

/** The facets of a task's own item; none when there is no such item. */
export function taskFacets(head: Item | undefined): TaskFacets {
  const answer = storedFacet<TaskAnswer>(head, 'answer');
  const storage = storedFacet<TaskStorage>(head, 'storage');
  return {
    start: storedFacet<TaskFacet>(head, 'start') ?? startOfAnswer(answer),
    end: storedFacet<TaskFacet>(head, 'end') ?? (answer?.value.status === 'started' ? undefined : answer),
    upload: firstSuccess(storedFacet<TaskUpload>(head, 'upload'), uploadInStorage(storage)),
    risk: storedFacet<TaskRisk>(head, 'risk'),
    answer,
    expected: expectedFacet(head),
  };
}

function startOfAnswer(answer: Stored<TaskAnswer> | undefined): Stored<TaskFacet> | undefined {
  if (answer === undefined) return undefined;
  const { beganAt = answer.value.status === 'started' ? answer.at : undefined, task } = answer.value;
  return beganAt === undefined ? undefined : { at: beganAt, value: { status: 'started', task } };
}

function uploadInStorage(storage: Stored<TaskStorage> | undefined): Stored<TaskUpload> | undefined {
  if (storage?.value.status !== 'uploaded') return undefined;
  const { task, suffixes } = storage.value;
  return { at: storage.at, value: { status: 'uploaded', recovered: true, task, suffixes } };
}

/** The first upload that succeeded, else the first one at all. */
function firstSuccess<Value extends { status: string }>(
  ...uploads: (Stored<Value> | undefined)[]
): Stored<Value> | undefined {
  return uploads.find((upload) => upload?.value.status === 'uploaded') ?? uploads.find(Boolean);
}

/** What is expected, unless it was withdrawn. */
function expectedFacet(head: Item | undefined): TaskFacets['expected'] {
  const expected: TaskFacets['expected'] = storedFacet(head, 'expected');
  return expected?.value.isWithdrawn === true ? undefined : expected;
}

/** Whether a callback has said anything of the task itself. */
export function hasCallback({ start, end, upload, risk }: TaskFacets): boolean {
  return (start ?? end ?? upload ?? risk) !== undefined;
}

/** Whether anything is known of the task itself: the item of one whose expectation was withdrawn says nothing. */
export function isKnown(facets: TaskFacets): boolean {
  return hasCallback(facets) || facets.expected !== undefined;
}

/** The facets of a file's own item; none when there is no such item. */
export function fileFacets(item: Item | undefined): FileFacets {
  const answer = storedFacet<FileFacet>(item, 'answer');
  const answered = (...statuses: FileFacet['status'][]) =>
    answer !== undefined && statuses.includes(answer.value.status) ? answer : undefined;
  return {
    start: storedFacet(item, 'start') ?? answered('recording'),
    segment: storedFacet(item, 'segment') ?? answered('closed'),
    end: storedFacet(item, 'end'),
    upload: firstSuccess<FileFacet>(
      storedFacet(item, 'upload'),
      answered('uploaded', 'upload_failed'),
      fileInStorage(storageFacet(item)),
    ),
  };
}

/** What the last look into the bucket found of a file, or of a task's files. */
export function storageFacet(item: Item | undefined): Stored<FileStorage> | undefined {
  return storedFacet(item, 'storage');
}

function fileInStorage(look: Stored<FileStorage> | undefined): Stored<FileFacet> | undefined {
  if (look?.value.status !== 'uploaded') return undefined;
  const { task, kind, storage } = look.value;
  return { at: look.at, value: { status: 'uploaded', task, kind, sizeBytes: storage?.sizeBytes } };
}

/** Who said what of a task or a file, in the order of its life; `undefined` where callbacks alone did. */
export function sourcesOf(item: Item | undefined): Source[] | undefined {
  const look = storageFacet(item);
  const answer = storedFacet<TaskAnswer | FileFacet>(item, 'answer');
  const expected = expectedFacet(item);
  if ((look ?? answer ?? expected) === undefined) return undefined;
  const callbacks = ['start', 'segment', 'end', 'upload'].flatMap((facet): Source[] => {
    const stored = storedFacet<{ status: string }>(item, facet);
    return stored === undefined
      ? []
      : [{ from: 'callback', says: stored.value.status, at: isoTime(stored.at) }];
  });
  const says = look?.value.status === 'missing' ? 'not_in_storage' : 'uploaded';
  return [
    ...(expected === undefined
      ? []
      : [{ from: 'backend', says: 'expected', at: isoTime(expected.at) } as const]),
    ...callbacks,
    ...(look === undefined ? [] : [{ from: 'storage', says, at: look.value.checkedAt } as const]),
    ...(answer === undefined
      ? []
      : [
          {
            from: 'vendor',
            says: answer.value.status,
            at: answer.value.askedAt ?? isoTime(answer.at),
          } as const,
        ]),
  ];
}

/** Whether another source than callbacks says that an item's upload succeeded; then nothing that failed needs attention. */
export function isUploadedElsewhere({ storageOrder, answerOrder }: Item): boolean {
  return (
    storageOrder?.S?.startsWith(rankPrefix(STORAGE_RANK.uploaded)) === true ||
    answerOrder?.S?.startsWith(rankPrefix(ANSWER_RANK.uploaded)) === true
  );
}

/** The facets of a target's item. */
export function targetFacets(item: Item): TargetFacets {
  return { start: storedFacet(item, 'start'), end: storedFacet(item, 'end') };
}

/** The facets of a room's own item; none when there is no such item. */
export function roomFacets(head: Item | undefined): RoomFacets {
  return {
    open: storedFacet(head, 'open'),
    close: storedFacet(head, 'close'),
    activity: storedFacet(head, 'activity'),
  };
}

/** A facet of an item, as it is stored. */
export function storedFacet<Value>(item: Item | undefined, facet: string): Stored<Value> | undefined {
  const value = item?.[facet]?.S;
  if (value === undefined) return undefined;
  const { at, ...stored } = JSON.parse(value) as { at: number };
  const isReplaced = hasReplacedTime(item?.[`${facet}Order`]?.S ?? '');
  return { at, value: stored as Value, ...(isReplaced ? { isReplaced } : {}) };
}

/** Whether something happened after something else, as far as a vendor claims its time. */
export function isAfter(facet: Stored<unknown>, other: Stored<unknown>): boolean {
  return facet.isReplaced !== true && facet.at > other.at;
}

/** The one of a start and an end that says how a task or a target is: what starts again after its end runs. */
export function latestPhase<Value>(
  start: Stored<Value> | undefined,
  end: Stored<Value> | undefined,
): Stored<Value> | undefined {
  return start !== undefined && (end === undefined || isAfter(start, end)) ? start : end;
}

/** The one of its start and its end that says how a task is. `isRunning` is whether one of its parts runs. */
export function phaseOf({ start, end }: TaskFacets, isRunning = false): Stored<TaskFacet> | undefined {
  return isRunning ? start : latestPhase(start, end);
}

/** What of a task runs on its own: what any of its callbacks says. */
export function partsOf({ start, end }: TaskFacets): TaskFacet['parts'] {
  return start?.value.parts ?? end?.value.parts;
}

/** A file with its facets. */
export interface NamedFile {
  name: string;
  facets: FileFacets;
}

/** The files that a task's own item names: earlier versions stored their starts and ends there. */
export function filesOfHead({ start, end }: TaskFacets): NamedFile[] {
  const files = new Map<string, FileFacets>();
  if (start?.value.file !== undefined && start.value.status === 'started') {
    const { name, ...details } = start.value.file;
    const value = { ...details, status: 'recording', task: start.value.task, isProvisional: true } as const;
    files.set(name, { start: { ...start, value } });
  }
  if (end?.value.file !== undefined) {
    const { name, ...details } = end.value.file;
    const value = { ...details, status: 'closed', task: end.value.task } as const;
    files.set(name, { ...files.get(name), end: { ...end, value } });
  }
  return [...files].map(([name, facets]) => ({ name, facets }));
}

/** All that is known of a file: its own item, if it has one, goes before its task's. */
export function facetsOfFile(name: string, item: Item | undefined, task: TaskFacets): FileFacets {
  const own = fileFacets(item);
  const ofHead = filesOfHead(task).find((file) => file.name === name)?.facets;
  return { ...own, start: own.start ?? ofHead?.start, end: own.end ?? ofHead?.end };
}

/**
 * The file's own upload; the task's where that covers it, and the file has none or had failed before the task's were
 * recovered.
 */
export function effectiveUpload(
  name: string,
  own: Stored<FileFacet> | undefined,
  task: Stored<TaskUpload> | undefined,
): Stored<Pick<FileFacet, 'status' | 'code' | 'message'>> | undefined {
  if (task === undefined || !speaksOf(task.value, name)) return own;
  if (own === undefined) return task;
  const isRecovered = own.value.status === 'upload_failed' && task.value.recovered === true;
  return isRecovered && task.at >= own.at ? task : own;
}

/**
 * Whether a file shows what its task made: a callback reported it after the end, and neither that nor your backend says that
 * the task is of another kind. Before the end it may be a picture of a running recording.
 */
export function isMadeByTask({ upload }: FileFacets, { end, expected }: TaskFacets): boolean {
  if (upload === undefined || end === undefined) return false;
  const { kind, task } = upload.value;
  const isOther = (expected?.value.task.kind ?? kind) !== kind;
  return task.kind === undefined && !isOther && isAfter(upload, end);
}

/** Whether something that is known of a file says what its task is. */
export function saysKindOfTask(file: FileFacets): boolean {
  return Object.values(file).some((facet) => facet?.value.task.kind !== undefined);
}

/** Whether a file is a picture that does not say what its task is: it may be of a running recording. */
export function isOfAnyTask(file: FileFacets): boolean {
  const isPicture = Object.values(file).some((facet) => facet?.value.kind === 'screenshot');
  return isPicture && !saysKindOfTask(file);
}

/** Whether the upload of a task's files may be that of a file of this name; of a file without a name it is. */
export function speaksOf({ suffixes }: TaskUpload, name: string): boolean {
  return suffixes === undefined || name === '' || suffixes.some((suffix) => name.endsWith(suffix));
}
