import { parseAttentionId } from '../attention/attention-id.ts';
import { type HideRequest, hideAttentionItem } from '../attention/hidden.ts';
import type { ChangeItem } from '../attention/item-changes.ts';
import { isoTime } from '../callback/time.ts';
import type { LedgerTable } from '../ledger/table.ts';
import type { Answer } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import { type FieldReaders, parseBody, TIME, textOf } from './body.ts';
import { refusal } from './refusal.ts';

/** `POST /attention/dismiss` and `/attention/snooze`. */
export type HideAction = 'dismiss' | 'snooze';

export interface HideServices {
  table: LedgerTable;
  change: ChangeItem;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

type HideBody = HideRequest & { id: string };

const FIELDS: FieldReaders<HideBody> = {
  id: textOf(4096),
  by: textOf(200),
  why: textOf(1000),
  until: TIME,
};

/**
 * Hides an attention item: dismissed until its reason changes, snoozed until `until` at the latest. Answers 200
 * `{ id, hidden }`, 400 (names the field), 404 (no attention item has the id) or 409 (it kept changing).
 */
export async function hide(action: HideAction, body: Buffer, services: HideServices): Promise<Answer> {
  const { table, change, log, now } = services;
  const required =
    action === 'snooze' ? (['id', 'by', 'why', 'until'] as const) : (['id', 'by', 'why'] as const);
  const parsed = parseBody(body, FIELDS, required);
  if (!parsed.ok) return refusal(400, parsed.reason);
  const { id, ...request } = parsed.fields;
  const key = parseAttentionId(id);
  if (key === undefined) return refusal(400, 'id must be the "id" of an attention item');
  const at = now();
  if (request.until !== undefined && request.until <= at) return refusal(400, 'until must be in the future');
  const result = await hideAttentionItem({ table, change }, key, request, at);
  if (!result.ok) {
    return result.reason === 'not_found'
      ? refusal(404, 'no attention item has this id (any more)')
      : refusal(409, 'the attention item is changing; try again');
  }
  const until = request.until === undefined ? undefined : isoTime(request.until);
  log('info', 'attention', {
    change: 'hidden',
    reason: result.hidden.reason,
    id,
    by: request.by,
    why: request.why,
    until,
  });
  return { status: 200, body: { id, hidden: result.hidden } };
}
