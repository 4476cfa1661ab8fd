import type { FileFacet, FileObservation, Observation, TaskObservation } from '../callback/observation.ts';
import { isoTime, plausibleTime } from '../callback/time.ts';
import { fileFacets, type Item, taskFacets } from './facets.ts';
import {
  EVENT_PREFIX,
  FILE_PREFIX,
  HEAD,
  idsOfItem,
  type Owner,
  type PlaceList,
  placeShards,
  shardOf,
  taskKey,
} from './keys.ts';

/*
 * The index `place` lists the items of an app by the time they began. Each of its two keys is the least of those that
 * callbacks give, so that the place of an item does not depend on the order in which they arrived:
 *
 *   place     one of eight partitions of a list, such as `b#rongcloud#app#3`
 *   placeAt   ISO time: of a file when its content begins, where that is known
 *
 * A callback that names a task and a file of it gives only the file a place, which stands for both.
 */

/** The keys of the place index. */
export const PLACE_ATTRIBUTES = ['place', 'placeAt'] as const;

/** Where the observed item is listed; without `place` in no list, and nothing of what is in none anyway. */
export function placeOf(owner: Owner, observation: Observation): { place?: string; placeAt?: string } {
  if (observation.entity === 'room' || observation.entity === 'target') return {};
  // An item of its own lists it until a callback does.
  if (observation.facet === 'expected') return {};
  const placeAt = isoTime(beganAt(observation));
  if (observation.entity === 'task' && observation.isListedByFile) return { placeAt };
  const list: PlaceList = observation.entity === 'task' ? 't' : isPicture(observation.value) ? 'f' : 'b';
  return { place: placeIn(list, owner, taskKey(owner.vendor, owner.appId, observation.taskId)), placeAt };
}

/** The partition of a list that has the items of a task. */
export function placeIn(list: PlaceList, owner: Owner, pk: string): string {
  return shardOf(placeShards(list, owner), pk);
}

/** The observations of one callback, where a file that it names stands for its task in the indexes. */
export function withListingFiles(observations: readonly Observation[]): readonly Observation[] {
  const tasks = new Map<string, TaskObservation>();
  const files = new Set<string>();
  for (const one of observations) {
    if (one.entity === 'task') tasks.set(one.taskId, one);
    if (one.entity === 'file' && !isPicture(one.value)) files.add(one.taskId);
  }
  return observations.map((one) => {
    if (one.entity === 'task' && files.has(one.taskId)) return { ...one, isListedByFile: true };
    const task = one.entity === 'file' ? tasks.get(one.taskId) : undefined;
    return task === undefined ? one : { ...one, roomOfTask: task.value.task.roomId };
  }) as Observation[];
}

/**
 * The UTC day, such as `2026-01-15`, on which the observed file is one of the pictures that a task may have on any day;
 * `undefined` of everything else.
 */
export function pictureDay(observation: Observation): string | undefined {
  if (observation.entity !== 'file' || !isPicture(observation.value)) return undefined;
  return isoTime(beganAt(observation)).slice(0, 10);
}

/**
 * What the facets of a task's or a file's item say of its place: what the callbacks gave it, as far as they are still
 * known. `undefined` when the item has no place, or no facets.
 */
export function placeOfItem(item: Item): { place: string; placeAt: string; days: string[] } | undefined {
  const { pk, sk } = { pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' };
  // An event that says nothing of state may be all that is known of its task.
  if (sk.startsWith(EVENT_PREFIX) && pk.startsWith('task#') && item.roomKey !== undefined) {
    const placeAt = item.at?.S ?? item.receivedAt?.S ?? '';
    return { place: placeIn('t', idsOfItem(item).owner, pk), placeAt, days: [] };
  }
  const isFile = sk.startsWith(FILE_PREFIX);
  if (!pk.startsWith('task#') || (!isFile && sk !== HEAD)) return undefined;
  const facets = Object.values(isFile ? fileFacets(item) : taskFacets(item)).filter(
    (facet) => facet !== undefined,
  );
  const [first, ...times] = facets.map(({ at, value }) => isoTime(beganAt({ at, value }))).sort();
  if (first === undefined) return undefined;
  const isOfPictures = isFile && facets.every(({ value }) => isPicture(value as FileFacet));
  const list: PlaceList = isFile ? (isOfPictures ? 'f' : 'b') : 't';
  const days = isOfPictures ? [...new Set([first, ...times].map((time) => time.slice(0, 10)))] : [];
  return { place: placeIn(list, idsOfItem(item).owner, pk), placeAt: first, days };
}

/** A picture, or another file of a task that may take thousands. What ends its task is listed as any other file. */
function isPicture(value: FileObservation['value']): boolean {
  const endsTask = 'endsTask' in value && value.endsTask === true;
  return (value.kind === 'screenshot' || value.task.kind === 'screenshot') && !endsTask;
}

/** When an item began at the latest, by one of its facets, as Unix time in ms. */
function beganAt({ at, value }: { at: number; value: { beginsAt?: string | undefined } | object }): number {
  const beginsAt = 'beginsAt' in value ? value.beginsAt : undefined;
  const claimed = beginsAt === undefined ? undefined : plausibleTime(Date.parse(beginsAt), at);
  return Math.min(at, claimed ?? at);
}
