import { parseAttentionId } from '../attention/attention-id.ts';
import { ATTENTION_LISTS, readAttention, readAttentionItem } from '../attention/read-attention.ts';
import type { AppsAnswer, Vendor } from '../ledger/answers.ts';
import { encodeCursor } from '../ledger/cursor.ts';
import { HEARTBEATS } from '../ledger/keys.ts';
import { readRoom } from '../ledger/read-room.ts';
import { type ListOptions, readTask } from '../ledger/read-task.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import type { Answer } from '../platform/http.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';
import { listFiles, listTasks, listWithoutUpload } from './lists.ts';
import { CURSOR_REASON, cursorOf, limitOf, type Query, WrongParameter } from './parameters.ts';
import { readUsage } from './usage.ts';

/** A request to the read API; the ids are percent-decoded. */
export type ReadRequest = ItemRequest | AttentionItemRequest | ListRequest;

/** A request for one task or room. */
export interface ItemRequest {
  resource: 'task' | 'room';
  vendor: string;
  appId: string;
  /** The task or room id. */
  id: string;
  query: Query;
}

/** A request of the page for one attention item, hidden or not: no route has it. */
export interface AttentionItemRequest {
  resource: 'attention-item';
  id: string;
  query: Query;
}

/** A request for a list; of what is in the query. No route has `without-upload`: it is the page's. */
export interface ListRequest {
  resource: 'attention' | 'apps' | 'tasks' | 'without-upload' | 'files' | 'usage';
  query: Query;
}

/** Answers 200, 400 (a parameter is wrong; the reason names it), 404 or 503. `now` is Unix time in ms. */
export async function answerQuery(table: LedgerTable, request: ReadRequest, now: number): Promise<Answer> {
  try {
    return await read(table, request, now);
  } catch (error) {
    if (error instanceof WrongParameter) return refusal(400, error.message);
    if (!(error instanceof Error) || error.name !== 'ValidationException') throw error;
    // An index that was added to a table can be read when DynamoDB has put all of its items into it.
    if (INDEX_IS_BUILDING.test(error.message)) return refusal(503, 'index_building');
    // DynamoDB refuses a position that is not of the list it is used for.
    if (request.query.cursor !== undefined) return refusal(400, CURSOR_REASON);
    throw error;
  }
}

const INDEX_IS_BUILDING = /backfilling global secondary index|does not have the specified index/;

async function read(table: LedgerTable, request: ReadRequest, now: number): Promise<Answer> {
  const { query } = request;
  switch (request.resource) {
    case 'attention':
      return found(
        await readAttention(table, {
          ...optionsOf(query, ATTENTION_LISTS, now),
          hidden: query.hidden === 'true',
        }),
      );
    case 'attention-item':
      return readItemOfAttention(table, request.id, now);
    case 'apps':
      return found(await readApps(table, optionsOf(query, ['apps'], now)));
    case 'tasks':
      return found(await listTasks(table, query, now));
    case 'without-upload':
      return found(await listWithoutUpload(table, query, now));
    case 'files':
      return found(await listFiles(table, query, now));
    case 'usage':
      return found(await readUsage(table, query, now));
    default:
      return readItem(table, request, now);
  }
}

async function readItem(
  table: LedgerTable,
  { resource, vendor: name, appId, id, query }: ItemRequest,
  now: number,
): Promise<Answer> {
  const missing = Object.entries({ vendor: name, appId, [`${resource}Id`]: id }).find(
    ([, value]) => value === '',
  );
  if (missing !== undefined) throw new WrongParameter(`${missing[0]} is missing`);
  const vendor = VENDOR_NAMES.find((one) => one === name);
  if (vendor === undefined) return refusal(404, `vendor must be one of ${VENDOR_NAMES.join(', ')}`);
  const owner: Owner = { vendor, appId };
  const item =
    resource === 'task'
      ? await readTask(table, owner, id, optionsOf(query, ['files', 'events'], now))
      : await readRoom(table, owner, id, {
          ...optionsOf(query, ['tasks', 'taskFiles', 'events'], now),
          files: query.files === 'true',
          sessionId: query.sessionId,
        });
  if (item !== undefined) return found(item);
  return refusal(
    404,
    `no callback of this ${resource} has been applied; check vendor, app id and ${resource} id`,
  );
}

async function readItemOfAttention(table: LedgerTable, id: string, now: number): Promise<Answer> {
  const key = parseAttentionId(id);
  const item = key && (await readAttentionItem(table, key, now));
  return item === undefined ? refusal(404, 'no attention item has this id (any more)') : found(item);
}

/** The apps that have sent callbacks. */
async function readApps(table: LedgerTable, { limit, cursor }: ListOptions): Promise<AppsAnswer> {
  const { items, last } = await table.list(HEARTBEATS, '', limit, cursor?.apps);
  const next = encodeCursor({ apps: last });
  const apps = items.map((item) => ({
    vendor: item.vendor?.S as Vendor,
    appId: item.appId?.S ?? '',
    lastReceivedAt: item.lastReceivedAt?.S ?? '',
  }));
  return { apps, ...(next === undefined ? {} : { next }) };
}

/** The options of a list, the lists of whose answer have these names in its cursor. */
function optionsOf(query: Query, lists: readonly string[], now: number): ListOptions {
  return { limit: limitOf(query), cursor: cursorOf(query, lists), events: query.events === 'true', now };
}

function found(body: object): Answer {
  return { status: 200, body };
}

function refusal(status: number, reason: string): Answer {
  return { status, body: { code: status, reason } };
}
