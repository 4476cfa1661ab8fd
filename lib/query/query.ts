import { ATTENTION_LISTS, type AttentionOptions, readAttention } from '../attention/read-attention.ts';
import { decodeCursor } from '../ledger/cursor.ts';
import { readRoom } from '../ledger/read-room.ts';
import { readTask } from '../ledger/read-task.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import type { Answer } from '../platform/http.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 500;
const CURSOR_REASON = 'cursor must be the "next" of an earlier answer to the same request';

/** The lists of each answer, by the names that its cursor gives them. */
const LISTS: Record<ReadRequest['resource'], readonly string[]> = {
  tasks: ['files', 'events'],
  rooms: ['tasks', 'events'],
  attention: ATTENTION_LISTS,
};

/** A request to the read API; the ids are percent-decoded. */
export interface ReadRequest {
  resource: 'tasks' | 'rooms' | 'attention';
  vendor: string;
  appId: string;
  /** The task or room id. */
  id: string;
  query: Readonly<Record<string, string | undefined>>;
}

/** Answers 200, 400 (a parameter is wrong; the reason names it) or 404. `now` is Unix time in ms. */
export async function answerQuery(table: LedgerTable, request: ReadRequest, now: number): Promise<Answer> {
  const options = optionsOf(request, now);
  if (typeof options === 'string') return refusal(400, options);
  try {
    return await read(table, request, options);
  } catch (error) {
    // DynamoDB refuses a position that is not of the list it is used for.
    const isForeignCursor =
      options.cursor !== undefined && error instanceof Error && error.name === 'ValidationException';
    if (isForeignCursor) return refusal(400, CURSOR_REASON);
    throw error;
  }
}

async function read(table: LedgerTable, request: ReadRequest, options: AttentionOptions): Promise<Answer> {
  if (request.resource === 'attention') return { status: 200, body: await readAttention(table, options) };

  const missing = missingParameter(request);
  if (missing !== undefined) return refusal(400, `${missing} is missing`);
  const vendor = VENDOR_NAMES.find((name) => name === request.vendor);
  if (vendor === undefined) return refusal(404, `vendor must be one of ${VENDOR_NAMES.join(', ')}`);
  const owner: Owner = { vendor, appId: request.appId };
  const readOne = request.resource === 'tasks' ? readTask : readRoom;
  const found = await readOne(table, owner, request.id, options);
  if (found !== undefined) return { status: 200, body: found };
  const what = request.resource === 'tasks' ? 'task' : 'room';
  return refusal(404, `no callback of this ${what} has been applied; check vendor, app id and ${what} id`);
}

/** A parameter without which there is no task or room to look for. */
function missingParameter({ resource, vendor, appId, id }: ReadRequest): string | undefined {
  if (vendor === '') return 'vendor';
  if (appId === '') return 'appId';
  if (id === '') return resource === 'tasks' ? 'taskId' : 'roomId';
  return undefined;
}

/** The list options of a query string, or what is wrong with it. */
function optionsOf({ resource, query }: ReadRequest, now: number): AttentionOptions | string {
  const limit = query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    return `limit must be a whole number from 1 to ${LARGEST_LIMIT}`;
  }
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, LISTS[resource]);
  if (query.cursor !== undefined && cursor === undefined) return CURSOR_REASON;
  return { limit, cursor, events: query.events === 'true', hidden: query.hidden === 'true', now };
}

function refusal(status: number, reason: string): Answer {
  return { status, body: { code: status, reason } };
}
