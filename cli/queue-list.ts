import { durationText } from '../lib/page/text.ts';
import type { Json } from '../lib/platform/json.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import type { QueueName } from './connection.ts';
import { type Context, wholeNumber } from './context.ts';
import { CommandFailure, EXIT, explain } from './failure.ts';
import {
  printable,
  printableJson,
  printableLines,
  writeFields,
  writeJson,
  writeLine,
  writeNote,
  writeTable,
} from './output.ts';
import {
  countMessages,
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
      messages.push(...batch.map(summaryOf).filter((message) => matches(message, options)));
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
  const found = await findMessage(context, queue, id);
  if (found === undefined) return EXIT.interrupted;
  writeDetails(found, context.json);
  return EXIT.ok;
}

/** The message of a queue with an id; `undefined` when the search was interrupted. Throws when there is none. */
export async function findMessage(
  context: Context,
  queue: QueueName,
  id: string,
): Promise<OpenedMessage | undefined> {
  let found: OpenedMessage | undefined;
  await withOpenQueue(context, queue, async (open) => {
    for await (const batch of open.batches()) {
      found = batch.find((message) => hasId(message, id));
      if (found !== undefined) break;
    }
  });
  if (found !== undefined || context.signal.aborted) return found;
  throw new CommandFailure(EXIT.notFound, `There is no message ${id} in the ${queue} queue. ${HIDDEN_HINT}`);
}

/** Notes the quarantined callbacks of a task, because they are missing in what is shown of it. */
export async function noteQuarantined(
  context: Context,
  [vendor, appId, taskId]: readonly [vendor: string, appId: string, taskId: string],
): Promise<void> {
  const reasons: (string | undefined)[] = [];
  try {
    // Looking hides the messages from others for a moment.
    if ((await countMessages(context.connection, 'quarantine')).total === 0) return;
    await withOpenQueue(context, 'quarantine', async (open) => {
      for await (const batch of open.batches()) {
        const own = batch
          .map(summaryOf)
          .filter(({ source }) => SOURCES.get(source ?? '')?.vendor === vendor)
          .filter((message) => matches(message, { app: appId, task: taskId }));
        reasons.push(...own.map(({ reason }) => reason));
      }
    });
  } catch (error) {
    const failure = explain(error, context.connection);
    if (failure === undefined) throw error;
    writeNote(`The quarantine was not looked at: ${failure.message}`);
  }
  if (reasons.length === 0) return;
  const which = [...new Set(reasons)].join(', ');
  writeNote(
    `In quarantine: ${reasons.length} of this task (${printable(which)}). See rtc-callbacks quarantine list --task ${printable(taskId)}`,
  );
}

/** Why a message may be missing that was there before. */
export const HIDDEN_HINT = 'Somebody else who looks at the queue hides its messages for up to five minutes.';

/** The app of a message; what did not verify only claims one. */
export function appText({ appId, claimedAppId }: MessageSummary): string | undefined {
  return appId ?? (claimedAppId && `${claimedAppId} (unverified)`);
}

/** Writes messages as a table. */
export function writeMessages(messages: readonly MessageSummary[]): void {
  const now = Date.now();
  writeTable(
    ['message', 'reason', 'source', 'app', 'task', 'room', 'age'],
    messages.map(({ receivedAt, ...message }) => [
      message.messageId,
      [message.reason, message.refusal, message.problem].filter((part) => part !== undefined).join(': '),
      message.source,
      appText(message),
      message.taskId,
      message.roomId,
      receivedAt === undefined ? undefined : durationText(now - Date.parse(receivedAt)),
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
