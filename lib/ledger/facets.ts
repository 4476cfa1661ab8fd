import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type {
  FileFacet,
  RoomFacet,
  TargetFacet,
  TaskFacet,
  TaskFacetValues,
  TaskUpload,
} from '../callback/observation.ts';
import { hasReplacedTime } from './order.ts';

/** An item as DynamoDB returns it. */
export type Item = Record<string, AttributeValue>;

/** A facet with the time that won, Unix time in ms. */
export interface Stored<Value> {
  at: number;
  value: Value;
  /** Whether the time replaces one that nobody can mean: it says nothing of an order. */
  isReplaced?: boolean;
}

/** The facets of a task's own item. */
export type TaskFacets = {
  [Facet in keyof TaskFacetValues]?: Stored<TaskFacetValues[Facet]> | undefined;
};

/** The facets of a file's own item. */
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
  return {
    start: storedFacet(head, 'start'),
    end: storedFacet(head, 'end'),
    upload: storedFacet(head, 'upload'),
    risk: storedFacet(head, 'risk'),
    expected: expectedFacet(head),
  };
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
  return {
    start: storedFacet(item, 'start'),
    segment: storedFacet(item, 'segment'),
    end: storedFacet(item, 'end'),
    upload: storedFacet(item, 'upload'),
  };
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

function storedFacet<Value>(item: Item | undefined, facet: string): Stored<Value> | undefined {
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
 * The file's own upload; the task's where that speaks of it, and the file has none or had failed before the task's were
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
 * Whether a file shows what its task made: a callback reported it after the end, and did not say what the task is. Before
 * the end it may be a picture of a running recording.
 */
export function isMadeByTask({ upload }: FileFacets, end: TaskFacets['end']): boolean {
  if (upload === undefined || end === undefined) return false;
  return upload.value.task.kind === undefined && isAfter(upload, end);
}

/** Whether the upload of a task's files may be that of a file of this name; of a file without a name it is. */
export function speaksOf({ suffixes }: TaskUpload, name: string): boolean {
  return suffixes === undefined || name === '' || suffixes.some((suffix) => name.endsWith(suffix));
}
