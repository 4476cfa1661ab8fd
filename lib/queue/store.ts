import { randomUUID } from 'node:crypto';
import type { PutItem } from '../platform/aws/table-writer.ts';
import {
  type Envelope,
  encodeEnvelope,
  envelopeGroup,
  largestMessageBytes,
  MAXIMUM_MESSAGE_BYTES,
  type UnverifiedEnvelope,
} from './envelope.ts';
import { packBody } from './packed-body.ts';
import type { SendMessage } from './queue.ts';
import { spillItem } from './spill.ts';
import { LARGEST_PART_BYTES, storeBody } from './stored-body.ts';

/*
 * Time line of a store, in ms from the start of the handler; the contract is an answer within 4 s:
 *
 *   0        a body too large for a message goes into the table      until 1,500
 *   …        the message goes to the queue                           until 2,100
 *   …        the queue is out: the message goes into the table       until 3,400, then 503
 */
const BODY_DEADLINE_MS = 1_500;
const QUEUE_DEADLINE_MS = 2_100;
const SPILL_DEADLINE_MS = 3_400;

/**
 * After the queue has failed it gets only one short try for a while, both in ms: were every callback to wait
 * for it, an outage would use up the account's concurrency.
 */
const OUTAGE_MS = 10_000;
const OUTAGE_TRY_MS = 300;

/** Where a callback was stored, or why nowhere. */
export type StoreResult =
  | { ok: true; messageId: string }
  | { ok: true; messageId: string; spilled: true; cause: string }
  | { ok: false; cause: string };

/** Stores an envelope outside this process; `startedAt` is Unix time in ms. Never throws. */
export type StoreEnvelope = (
  envelope: Envelope | UnverifiedEnvelope,
  startedAt: number,
) => Promise<StoreResult>;

/** The places that take callbacks: the queue, and the table while the queue is out or a body is too large for it. */
export interface Stores {
  send: SendMessage;
  put: PutItem;
  /** Unix time in ms. */
  now: () => number;
  /** The `MaximumMessageSize` of the queue. */
  maximumMessageBytes?: number;
}

/** Stores envelopes in the queue, or spills them into the table, from where they are drained into the queue. */
export function createEnvelopeStore({
  send,
  put,
  now,
  maximumMessageBytes = MAXIMUM_MESSAGE_BYTES,
}: Stores): StoreEnvelope {
  let queueFailedAt = Number.NEGATIVE_INFINITY;

  async function sendToQueue(message: string, group: string, startedAt: number) {
    const isOut = now() - queueFailedAt < OUTAGE_MS;
    const deadline = startedAt + QUEUE_DEADLINE_MS;
    const sent = await send(message, group, isOut ? Math.min(now() + OUTAGE_TRY_MS, deadline) : deadline);
    queueFailedAt = sent.ok ? Number.NEGATIVE_INFINITY : now();
    return sent;
  }

  /** The message with the body in the table instead. */
  async function detached(envelope: Envelope | UnverifiedEnvelope, deadline: number) {
    const result = await storeBody(packBody(envelope.body).bytes, put, deadline);
    return result.ok ? { ok: true as const, message: encodeEnvelope(envelope, result.stored) } : result;
  }

  return async (envelope, startedAt) => {
    const group = envelopeGroup(envelope);
    let message = encodeEnvelope(envelope);
    if (message.length > largestMessageBytes(maximumMessageBytes)) {
      const small = await detached(envelope, startedAt + BODY_DEADLINE_MS);
      if (!small.ok) return { ok: false, cause: `table: ${small.reason}` };
      message = small.message;
    }
    const sent = await sendToQueue(message, group, startedAt);
    if (sent.ok) return sent;

    const spillDeadline = startedAt + SPILL_DEADLINE_MS;
    if (message.length > LARGEST_PART_BYTES) {
      const small = await detached(envelope, spillDeadline);
      if (!small.ok) return { ok: false, cause: `queue: ${sent.reason}, table: ${small.reason}` };
      message = small.message;
    }
    const spillId = randomUUID();
    const spilled = await put(spillItem({ spillId, message, group, spilledAt: now() }), spillDeadline);
    if (!spilled.ok) return { ok: false, cause: `queue: ${sent.reason}, table: ${spilled.reason}` };
    return { ok: true, messageId: spillId, spilled: true, cause: sent.reason };
  };
}
