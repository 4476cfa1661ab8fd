import type { ExpectedTask, TaskKind } from '../callback/observation.ts';
import type { StoreExpected } from '../ledger/expected.ts';
import { taskFacets } from '../ledger/facets.ts';
import { HEAD, taskKey } from '../ledger/keys.ts';
import { readTask } from '../ledger/read-task.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import type { Answer } from '../platform/http.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';
import { type FieldReaders, oneOf, parseBody, TIME, textOf } from './body.ts';
import { refusal } from './refusal.ts';

/** What the requests about expected tasks need. */
export interface ExpectServices {
  table: LedgerTable;
  storeExpected: StoreExpected;
  /** How long what is expected is kept, in ms; for ever when 0. */
  retentionMs: number;
  /** Unix time in ms. */
  now: () => number;
}

const TASK_KINDS: Readonly<Record<TaskKind, true>> = {
  recording: true,
  screenshot: true,
  live: true,
  player: true,
  moderation: true,
  room: true,
};

interface ExpectBody {
  kind?: TaskKind;
  roomId?: string;
  sessionId?: string;
  label?: string;
  startedAt?: number;
  expectedBy?: number;
}

const LONGEST_ID = 512;

const FIELDS: FieldReaders<ExpectBody> = {
  kind: oneOf(Object.keys(TASK_KINDS) as TaskKind[]),
  roomId: textOf(LONGEST_ID),
  sessionId: textOf(LONGEST_ID),
  label: textOf(256),
  startedAt: TIME,
  expectedBy: TIME,
};

/** A task by the ids of a path, percent-decoded. */
export interface TaskIds {
  vendor?: string | undefined;
  appId?: string | undefined;
  taskId?: string | undefined;
}

/** Answers `PUT /tasks/…` with 200 `{ task }`, 400 (names the field) or 404 (unknown vendor). */
export async function expectTask(ids: TaskIds, body: Buffer, services: ExpectServices): Promise<Answer> {
  const owner = ownerOf(ids);
  if (owner === undefined) return unknownVendor();
  const parsed = parseBody(body, FIELDS);
  if (!parsed.ok) return refusal(400, parsed.reason);
  const { kind, roomId, sessionId, ...value } = parsed.fields;
  await store(owner, ids.taskId ?? '', { task: { kind, roomId, sessionId }, ...value }, services);
  return { status: 200, body: { task: await taskOf(owner, ids.taskId ?? '', services) } };
}

/** The end of the path that withdraws what is expected. */
const EXPECTED = '/expected';

/**
 * Answers `DELETE /tasks/…/expected` with 200, and `{ task }` where callbacks know it, or 404 (nothing is expected). `path`
 * has the task id and what follows it.
 */
export async function withdrawTask(
  { taskId: path = '', ...app }: TaskIds,
  services: ExpectServices,
): Promise<Answer> {
  const owner = ownerOf(app);
  if (owner === undefined) return unknownVendor();
  if (!path.endsWith(EXPECTED)) return refusal(404, 'only …/expected is deleted: what callbacks say stays');
  const taskId = path.slice(0, -EXPECTED.length);
  const head = await services.table.get({ pk: taskKey(owner.vendor, owner.appId, taskId), sk: HEAD });
  if (taskFacets(head).expected === undefined) return refusal(404, 'nothing is expected of this task');
  await store(owner, taskId, { task: {}, isWithdrawn: true }, services);
  const task = await taskOf(owner, taskId, services);
  return { status: 200, body: task === undefined ? {} : { task } };
}

function ownerOf({ vendor: name, appId = '' }: TaskIds): Owner | undefined {
  const vendor = VENDOR_NAMES.find((one) => one === name);
  return vendor === undefined ? undefined : { vendor, appId };
}

function unknownVendor(): Answer {
  return refusal(404, `vendor must be one of ${VENDOR_NAMES.join(', ')}`);
}

async function store(
  owner: Owner,
  taskId: string,
  value: ExpectedTask,
  { storeExpected, retentionMs, now }: ExpectServices,
): Promise<void> {
  const at = now();
  const until = Math.max(at, value.expectedBy ?? value.startedAt ?? at);
  await storeExpected(owner, taskId, value, at, retentionMs > 0 ? until + retentionMs : undefined);
}

async function taskOf(owner: Owner, taskId: string, { table, now }: ExpectServices) {
  return (await readTask(table, owner, taskId, { limit: 1, events: false, now: now() }))?.task;
}
