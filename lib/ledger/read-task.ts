import type { File, TaskAnswer } from './answers.ts';
import { type Cursor, encodeCursor } from './cursor.ts';
import {
  filesOfHead,
  hasCallback,
  type Item,
  isKnown,
  speaksOf,
  type TaskFacets,
  taskFacets,
} from './facets.ts';
import { compareKeys, EVENT_PREFIX, FILE_PREFIX, fileSortKey, HEAD, idsOfItem, taskKey } from './keys.ts';
import { eventPage } from './read-events.ts';
import { readFileWithKind } from './read-kind.ts';
import { readParts } from './read-parts.ts';
import type { LedgerTable, Page } from './table.ts';
import type { Owner } from './updates.ts';
import { fileView, taskView } from './view.ts';

/** How a list is asked for. */
export interface ListOptions {
  limit: number;
  /** Absent for the first page. */
  cursor?: Cursor | undefined;
  /** Whether the events are listed too. */
  events: boolean;
  /** Unix time in ms; decides whether a file is lost or will be. */
  now: number;
}

/** Reads a task with its files in order of their names; `undefined` when nothing is known of it. */
export async function readTask(
  table: LedgerTable,
  owner: Owner,
  taskId: string,
  options: ListOptions,
): Promise<TaskAnswer | undefined> {
  const pk = taskKey(owner.vendor, owner.appId, taskId);
  const [head, fileItems, events, firstFile] = await Promise.all([
    table.get({ pk, sk: HEAD }),
    listPart(table, pk, FILE_PREFIX, 'files', options),
    options.events ? listPart(table, pk, EVENT_PREFIX, 'events', options) : undefined,
    options.cursor === undefined ? undefined : firstOfPartition(table, pk, FILE_PREFIX),
  ]);
  const first = firstFile ?? fileItems.items[0];
  const facets = taskFacets(head);
  // A task may be known by events alone: callbacks of a type that says nothing of state.
  const isCalled = hasCallback(facets) || first !== undefined;
  const event = isCalled
    ? undefined
    : (events?.items[0] ?? (await firstOfPartition(table, pk, EVENT_PREFIX)));
  if (!isCalled && event === undefined && !isKnown(facets)) return undefined;
  const areAll = options.cursor === undefined && fileItems.last === undefined;
  const listed = { items: fileItems.items, areAll };
  const [parts, withKind] = await Promise.all([
    readParts(table, pk, facets, listed),
    readFileWithKind(table, pk, facets, first, listed),
  ]);
  const shown = events && eventPage(events);
  const next = encodeCursor({ files: fileItems.last, events: shown?.last });
  return {
    task: taskView(owner, taskId, facets, { ...withKind, event, parts, head }),
    files: filesOfPage(owner, taskId, facets, fileItems, options).filter(
      ({ name }) => !parts.replaced.has(name),
    ),
    ...(shown === undefined ? {} : { events: shown.events }),
    ...(next === undefined ? {} : { next }),
  };
}

/** A page of a list of a partition: nothing when an earlier page was its last. */
export async function listPart(
  table: LedgerTable,
  pk: string,
  prefix: string,
  list: string,
  { limit, cursor }: ListOptions,
): Promise<Page> {
  if (cursor !== undefined && cursor[list] === undefined) return { items: [] };
  return table.list(pk, prefix, limit, cursor?.[list]);
}

/** Files of a task after a sort key, or from the first. */
export interface FilesAfter {
  pk: string;
  taskId: string;
  after?: string;
}

/** Files of a task, and the sort key that they end with where there may be more. */
export interface FilePage {
  files: File[];
  last?: string | undefined;
}

/** Reads some files of a task in the order of their names, without what else is known of it. */
export async function readFiles(
  table: LedgerTable,
  owner: Owner,
  { pk, taskId, after }: FilesAfter,
  { limit, now }: Pick<ListOptions, 'limit' | 'now'>,
): Promise<FilePage> {
  const [head, page] = await Promise.all([
    table.get({ pk, sk: HEAD }),
    table.list(pk, FILE_PREFIX, limit, after),
  ]);
  const facets = taskFacets(head);
  const areAll = after === undefined && page.last === undefined;
  const { replaced } = await readParts(table, pk, facets, { items: page.items, areAll });
  const cursor = after === undefined ? undefined : { files: after };
  const files = filesOfPage(owner, taskId, facets, page, { cursor, now });
  return { files: files.filter(({ name }) => !replaced.has(name)), last: page.last };
}

/** The first item of a partition whose sort key begins with `prefix`. */
export async function firstOfPartition(
  table: LedgerTable,
  pk: string,
  prefix: string,
): Promise<Item | undefined> {
  return (await table.list(pk, prefix, 1)).items[0];
}

/**
 * The files of a page: those with an item of their own, and between them those that only the task's facets
 * name, so that every file is on exactly one page.
 */
function filesOfPage(
  owner: Owner,
  taskId: string,
  facets: TaskFacets,
  page: Page,
  { cursor, now }: Pick<ListOptions, 'cursor' | 'now'>,
): File[] {
  const files = new Map<string, File>();
  for (const item of page.items) {
    const name = idsOfItem(item).fileName;
    files.set(item.sk?.S ?? '', fileView(owner, taskId, name, item, facets, now));
  }
  const isDone = cursor !== undefined && cursor.files === undefined;
  for (const { name } of isDone ? [] : filesOfHead(facets)) {
    const key = fileSortKey(name);
    const isAfter = compareKeys(key, cursor?.files ?? '') > 0;
    const isOnPage = isAfter && (page.last === undefined || compareKeys(key, page.last) <= 0);
    if (isOnPage && !files.has(key)) files.set(key, fileView(owner, taskId, name, undefined, facets, now));
  }
  const isWhole = cursor === undefined && page.last === undefined;
  if (isWhole && files.size === page.items.length && hasUnnamedFailure(facets, page)) {
    files.set('', fileView(owner, taskId, '', undefined, facets, now));
  }
  return [...files].sort(([a], [b]) => compareKeys(a, b)).map(([, file]) => file);
}

/** Whether the task's upload failed and no file is known to share it: that must be seen all the same. */
function hasUnnamedFailure(facets: TaskFacets, page: Page): boolean {
  const upload = facets.upload?.value;
  if (upload?.status !== 'upload_failed') return false;
  return page.items.every((item) => item.upload !== undefined || !speaksOf(upload, idsOfItem(item).fileName));
}
