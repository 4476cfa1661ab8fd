import type { Json } from '../lib/platform/json.ts';
import type { QueueName } from './connection.ts';
import { type Context, wholeNumber } from './context.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { printableJson, printableLines, writeFields, writeJson, writeLine, writeTable } from './output.ts';
import {
  isUnverified,
  type MessageSummary,
  type OpenedMessage,
  summaryOf,
  withOpenQueue,
} from './queue-messages.ts';
import { REDACTED, redactBody, redactJson } from './redaction.ts';
import { hasId, matches, type SelectionOptions } from './selection.ts';

/** Lists the messages of a queue. Returns the exit code. */
export async function listMessages(
  context: Context,
  queue: QueueName,
  options: SelectionOptions & { limit?: string },
): Promise<number> {
  const limit =
    options.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', options.limit);
  const messages: MessageSummary[] = [];
  await withOpenQueue(context, queue, async (open) => {
    for await (const batch of open.batches()) {
      messages.push(...batch.filter((message) => matches(message, options)).map(summaryOf));
      if (messages.length >= limit) break;
    }
  });
  messages.splice(limit);
  messages.sort((a, b) => ((a.sentAt ?? '') < (b.sentAt ?? '') ? -1 : 1));
  if (context.json) writeJson({ messages });
  else if (messages.length === 0)
    writeLine(`No messages in the ${queue} queue of ${context.connection.name}.`);
  else writeMessages(messages);
  return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Shows one message. Returns the exit code. */
export async function showMessage(context: Context, queue: QueueName, id: string): Promise<number> {
  let found: OpenedMessage | undefined;
  await withOpenQueue(context, queue, async (open) => {
    for await (const batch of open.batches()) {
      found = batch.find((message) => hasId(message, id));
      if (found !== undefined) break;
    }
  });
  if (found === undefined) {
    if (context.signal.aborted) return EXIT.interrupted;
    throw new CommandFailure(
      EXIT.notFound,
      `There is no message ${id} in the ${queue} queue. ${HIDDEN_HINT}`,
    );
  }
  writeDetails(found, context.json);
  return EXIT.ok;
}

/** Why a message may be missing that was there before. */
export const HIDDEN_HINT = 'Somebody else who looks at the queue hides its messages for up to five minutes.';

/** Writes messages as a table. */
export function writeMessages(messages: readonly MessageSummary[]): void {
  writeTable(
    ['message', 'reason', 'source', 'app', 'received', 'bytes'],
    messages.map(({ messageId, reason, refusal, source, appId, receivedAt, bodyBytes, problem }) => [
      messageId,
      [reason, refusal, problem].filter((part) => part !== undefined).join(': '),
      source,
      appId,
      receivedAt,
      bodyBytes,
    ]),
  );
}

/** Shows one message with its callback, redacted. */
function writeDetails(message: OpenedMessage, json: boolean): void {
  const { envelope } = message;
  const fields = { ...summaryOf(message), ...(envelope === undefined ? {} : credentialsOf(envelope)) };
  const request = isUnverified(envelope) ? requestOf(envelope) : undefined;
  const body = envelope === undefined ? undefined : redactBody(envelope.body);
  if (json) {
    writeJson({ ...fields, ...request, ...(body === undefined ? {} : { body }) });
    return;
  }
  writeFields(fields);
  for (const [title, value] of Object.entries({ ...request, body })) {
    if (value === undefined) continue;
    writeLine();
    writeLine(`${title}:`);
    writeLine(typeof value === 'string' ? printableLines(value) : printableJson(value));
  }
}

type OpenedEnvelope = NonNullable<OpenedMessage['envelope']>;

function credentialsOf(envelope: OpenedEnvelope): Record<string, string | number> {
  if (isUnverified(envelope)) {
    // The segment is as good as a password.
    const segment = envelope.pathSegment === undefined ? {} : { pathSegment: REDACTED };
    return { sourceIp: envelope.sourceIp, ...segment };
  }
  const { strength, keyIndex, timestamp } = envelope;
  return { strength, keyIndex, signature: REDACTED, ...(timestamp === undefined ? {} : { timestamp }) };
}

function requestOf(envelope: OpenedEnvelope & { headers: unknown; query: unknown }): Record<string, Json> {
  return {
    headers: redactJson(envelope.headers as Json),
    query: redactJson(envelope.query as Json),
  };
}
