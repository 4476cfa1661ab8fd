import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type {
  AppSecrets,
  CallbackRequest,
  ForgeryReason,
  RefusalReason,
  Vendor,
  Verification,
} from '../lib/callback/callback.ts';
import { verifyWith } from '../lib/callback/verification.ts';
import { describeError } from '../lib/platform/log.ts';
import { encodeEnvelope, envelopeGroup, envelopeOf, storedBodyOf } from '../lib/queue/envelope.ts';
import { messageGroup } from '../lib/queue/queue.ts';
import { checkPathSegment } from '../lib/receive/path-segment.ts';
import { SOURCES, VENDORS } from '../lib/vendors/index.ts';
import { type Connection, createSecretsReader, type QueueName, type VendorSecrets } from './connection.ts';
import type { Context } from './context.ts';
import { EXIT } from './failure.ts';
import { writeJson, writeLine, writeNote, writeTable } from './output.ts';
import { appText, HIDDEN_HINT } from './queue-list.ts';
import {
  isUnverified,
  type MessageSummary,
  type OpenedMessage,
  type OpenQueue,
  requestAsReceived,
  summaryOf,
  withOpenQueue,
} from './queue-messages.ts';
import { type Consumed, followConsumer } from './queue-wait.ts';
import { type Selection, type SelectionOptions, selectionOf } from './selection.ts';

/** What became of a message. */
interface Outcome extends MessageSummary {
  result: 'replayed' | 'would be replayed' | 'stays' | 'came back' | 'failed';
  /** What the consumer made of a replay, where it was waited for. */
  became?: string;
  /** Why it is still there, or there again. */
  why?: string;
}

/** Sends messages of a queue back to the callback queue. Returns the exit code. */
export async function replayMessages(
  context: Context,
  queue: QueueName,
  ids: readonly string[],
  options: SelectionOptions & { dryRun?: boolean; wait?: boolean },
): Promise<number> {
  const selection = selectionOf(ids, options);
  const callbackQueueUrl = await context.connection.queueUrl('callbacks');
  const replayer = createReplayer(context.connection, {
    queue,
    callbackQueueUrl,
    isDryRun: options.dryRun ?? false,
  });
  const follow = options.wait ? await followConsumer(context.connection, context.signal) : undefined;
  const outcomes: Outcome[] = [];
  await withOpenQueue(context, queue, async (open) => {
    for await (const batch of open.batches()) {
      outcomes.push(...(await replayer.replay(batch.filter(selection.includes), open, selection)));
      if (selection.isComplete(outcomes.length)) break;
      // What one message meets the next will meet too: the queue is out, or may not be written to.
      if (outcomes.some(({ result }) => result === 'failed')) break;
    }
  });
  if (follow !== undefined) await addWhatBecame(outcomes, follow);
  const missing = selection.missing(outcomes);
  writeOutcomes(outcomes, missing, context.json);
  if (context.signal.aborted) return EXIT.interrupted;
  if (!outcomes.every(isSettledWell)) return EXIT.failed;
  return missing.length > 0 ? EXIT.notFound : EXIT.ok;
}

async function addWhatBecame(
  outcomes: readonly Outcome[],
  follow: Awaited<ReturnType<typeof followConsumer>>,
): Promise<void> {
  const replayed = outcomes.filter(({ result }) => result === 'replayed');
  const idOf = ({ loggedId, messageId }: Outcome) => loggedId ?? messageId;
  const consumed = await follow(replayed.map(idOf));
  for (const outcome of replayed) {
    const { became, reason } = consumed.get(idOf(outcome)) as Consumed;
    Object.assign(outcome, { became, ...(reason === undefined ? {} : { why: reason }) });
  }
}

/** Whether a message is on its way, or applied where that was waited for. */
function isSettledWell({ result, became }: Outcome): boolean {
  const isSent = result === 'replayed' || result === 'would be replayed';
  return isSent && (became === undefined || ['applied', 'duplicate', 'event'].includes(became));
}

interface ReplaySettings {
  queue: QueueName;
  callbackQueueUrl: string;
  isDryRun: boolean;
}

function createReplayer(connection: Connection, settings: ReplaySettings) {
  const { queue, callbackQueueUrl, isDryRun } = settings;
  const secrets = createSecretsReader(connection);
  const sent = new Set<string>();

  async function replayOne(message: OpenedMessage, open: OpenQueue, isChosen: boolean): Promise<Outcome> {
    const summary = summaryOf(message);
    // It went through the consumer and into quarantine again while we were at work; once more would be for ever.
    if (sent.has(hashOf(message.body))) return { ...summary, result: 'came back' };
    try {
      const replay = queue === 'quarantine' ? await replayOf(message, secrets, isChosen) : asItIs(message);
      if (!replay.ok) return { ...summary, result: 'stays', why: replay.why };
      if (isDryRun) return { ...summary, result: 'would be replayed' };
      await sendBack(connection, callbackQueueUrl, message, replay);
      // Only now: a crash in between leaves it in both queues, and applying it twice changes nothing.
      await open.remove(message);
      sent.add(hashOf(replay.text));
      return { ...summary, result: 'replayed' };
    } catch (error) {
      return { ...summary, result: 'failed', why: describeError(error) };
    }
  }

  return {
    replay: (messages: readonly OpenedMessage[], open: OpenQueue, { names }: Selection): Promise<Outcome[]> =>
      Promise.all(messages.map((message) => replayOne(message, open, names(message)))),
  };
}

/** Puts a message into the callback queue as a replay. Rejects when the queue does not take it. */
export async function sendBack(
  connection: Connection,
  callbackQueueUrl: string,
  { loggedId }: OpenedMessage,
  { text, group }: Replay & { ok: true },
): Promise<void> {
  await connection.sqs.send(
    new SendMessageCommand({
      QueueUrl: callbackQueueUrl,
      MessageBody: text,
      // The log line of the consumer repeats it, which links it to those of before.
      MessageAttributes: { replayOf: { DataType: 'String', StringValue: loggedId } },
      ...(group === undefined ? {} : messageGroup(group)),
    }),
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function writeOutcomes(outcomes: readonly Outcome[], missing: readonly string[], json: boolean): void {
  if (json) {
    writeJson({ messages: outcomes, missing });
    return;
  }
  if (outcomes.length > 0) {
    writeTable(
      ['message', 'source', 'app', 'task', 'result', 'became', 'why'],
      outcomes.map(({ result, became, why, ...message }) => [
        message.messageId,
        message.source,
        appText(message),
        message.taskId,
        result,
        became,
        why,
      ]),
    );
  } else if (missing.length === 0) writeLine('No message matches.');
  for (const id of missing) writeNote(`There is no message ${id} here. ${HIDDEN_HINT}`);
  if (outcomes.some(({ result }) => result === 'came back')) {
    writeNote('What came back still cannot be applied; its reason is in the list.');
  }
}

/** What is to be done with a message: what goes into the callback queue, or why it stays where it is. */
export type Replay = { ok: true; text: string; group: string | undefined } | { ok: false; why: string };

/**
 * Callbacks that were refused for where they came from or went to: a right signature does not make up for that. (A
 * wrong segment is compared again, since it follows from the secret.)
 */
const REFUSED_FOR_ORIGIN: readonly RefusalReason[] = ['network_not_allowed', 'missing_path_segment'];

/** Reasons that no fix of the service takes away. The consumer refuses such messages by itself, too. */
const NEVER_REPLAYED: readonly string[] = ['nonce_reused', 'too_old_to_check'] satisfies ForgeryReason[];

/** A message as it is: nothing is verified again, and the consumer does with it what it would have done before. */
export function asItIs({ body, envelope, bodyProblem }: OpenedMessage): Replay {
  if (bodyProblem !== undefined) return { ok: false, why: bodyProblem };
  return { ok: true, text: body, group: envelope && envelopeGroup(envelope) };
}

/**
 * What a quarantined message becomes in the callback queue. A verified callback, and what is no envelope, goes back exactly as it
 * is. One that did not verify is verified again, with the live secrets, and only goes on when it does now: as a
 * verified envelope with the same body and the same time of reception. `isChosen` says that a person named this very
 * message: only then does one go on that was refused for where it came from.
 */
async function replayOf(
  message: OpenedMessage,
  secrets: (vendor: Vendor) => Promise<VendorSecrets>,
  isChosen: boolean,
): Promise<Replay> {
  const { envelope, body } = message;
  if (NEVER_REPLAYED.includes(message.reason ?? ''))
    return { ok: false, why: `${message.reason}: it may be forged; only "quarantine accept" applies it` };
  if (!isUnverified(envelope)) return asItIs(message);
  const source = SOURCES.get(envelope.source);
  if (source === undefined) return { ok: false, why: `unknown source ${envelope.source}` };
  const live = await secrets(source.vendor);
  if (!live.ok) return { ok: false, why: live.reason };

  const request = requestAsReceived(envelope);
  const verification = verifyAgain(source.vendor, request, live.secrets);
  if (!verification.ok) return { ok: false, why: verification.reason };
  if (REFUSED_FOR_ORIGIN.includes(envelope.refusal) && !isChosen) {
    return { ok: false, why: `${envelope.refusal}: name its id to replay it all the same` };
  }
  const verified = envelopeOf(envelope.source, request, verification);
  return { ok: true, text: encodeEnvelope(verified, storedBodyOf(body)), group: envelopeGroup(verified) };
}

/** A segment that is there must be right, as at reception. */
function verifyAgain(vendor: Vendor, request: CallbackRequest, secrets: AppSecrets): Verification {
  return checkPathSegment(verifyWith(VENDORS[vendor].verify, request, secrets), request, secrets);
}
