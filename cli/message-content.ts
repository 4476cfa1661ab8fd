import { describeError } from '../lib/platform/log.ts';
import {
  decodeEnvelope,
  type Envelope,
  storedBodyOf,
  type UnverifiedEnvelope,
} from '../lib/queue/envelope.ts';
import type { StoredBody } from '../lib/queue/stored-body.ts';
import type { WaitingMessage } from './waiting-messages.ts';

/** A message with what is inside, or why that cannot be read. */
export interface OpenedMessage extends WaitingMessage {
  envelope?: Envelope | UnverifiedEnvelope;
  /** The message is ours, but its large body cannot be read from the table. */
  bodyProblem?: string;
}

/** Opens a message. Rejects when the table cannot be reached. */
export async function openMessage(
  message: WaitingMessage,
  readBody: (stored: StoredBody) => Promise<Buffer>,
): Promise<OpenedMessage> {
  const stored = storedBodyOf(message.body);
  let bytes: Buffer | undefined;
  try {
    bytes = stored && (await readBody(stored));
  } catch (error) {
    if (error instanceof Error && '$metadata' in error) throw error;
    return { ...message, bodyProblem: describeError(error) };
  }
  const envelope = decodeEnvelope(message.body, bytes);
  return envelope === undefined ? message : { ...message, envelope };
}

/** Whether a message holds a callback that did not verify. */
export function isUnverified(envelope: OpenedMessage['envelope']): envelope is UnverifiedEnvelope {
  return envelope !== undefined && 'refusal' in envelope;
}

/** What a list tells of a message. */
export interface MessageSummary {
  messageId: string;
  /** The id under which the log tells of it, where that is another one. */
  loggedId?: string;
  reason?: string;
  source?: string;
  appId?: string;
  /** Why a callback that is not verified was refused. */
  refusal?: string;
  /** ISO 8601 in UTC. */
  receivedAt?: string;
  sentAt?: string;
  bodyBytes?: number;
  problem?: string;
}

/** Tells of a message what a list needs. */
export function summaryOf({
  messageId,
  loggedId,
  reason,
  sentAt,
  envelope,
  bodyProblem,
}: OpenedMessage): MessageSummary {
  const summary: MessageSummary = { messageId };
  if (loggedId !== messageId) summary.loggedId = loggedId;
  if (reason !== undefined) summary.reason = reason;
  if (envelope !== undefined) {
    summary.source = envelope.source;
    if (isUnverified(envelope)) summary.refusal = envelope.refusal;
    else summary.appId = envelope.appId;
    summary.receivedAt = new Date(envelope.receivedAt).toISOString();
    summary.bodyBytes = envelope.body.length;
  } else summary.problem = bodyProblem ?? 'not an envelope of this version';
  if (sentAt !== undefined) summary.sentAt = new Date(sentAt).toISOString();
  return summary;
}
