import { createInterface } from 'node:readline/promises';
import { FORGERY_REASONS } from '../lib/callback/callback.ts';
import { type FirstBody, readFirstBody, storeAcceptance } from '../lib/ledger/acceptance.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';
import { printableJson, writeFields, writeJson, writeLine, writeNote, writeTable } from './output.ts';
import { HIDDEN_HINT } from './queue-list.ts';
import {
  isUnverified,
  type OpenedMessage,
  type OpenQueue,
  summaryOf,
  withOpenQueue,
} from './queue-messages.ts';
import { asItIs, sendBack } from './queue-replay.ts';
import { redactBody } from './redaction.ts';
import { hasId } from './selection.ts';

/**
 * Applies one message that may be forged, because a person says so: stores who, when and why, and sends it back.
 * Returns the exit code.
 */
export async function acceptMessage(
  context: Context,
  id: string,
  { reason: why }: { reason?: string },
): Promise<number> {
  if (why === undefined && !(process.stdin.isTTY && process.stderr.isTTY))
    throw wrongUsage('Nobody can be asked here: pass --reason "<why it is genuine>".');
  if (why?.trim() === '') throw wrongUsage('--reason takes a text: why is the callback genuine?');
  let code: number = EXIT.notFound;
  await withOpenQueue(context, 'quarantine', async (open) => {
    for await (const batch of open.batches()) {
      const message = batch.find((one) => hasId(one, id));
      if (message === undefined) continue;
      code = await accept(context, message, open, why);
      return;
    }
    writeNote(`There is no message ${id} here. ${HIDDEN_HINT}`);
  });
  return context.signal.aborted ? EXIT.interrupted : code;
}

async function accept(
  { connection, json, signal }: Context,
  message: OpenedMessage,
  open: OpenQueue,
  given: string | undefined,
): Promise<number> {
  const { reason = 'unknown', messageId, body: text } = message;
  const replay = asItIs(message);
  if (!replay.ok) throw new CommandFailure(EXIT.failed, replay.why);
  if (!FORGERY_REASONS.some((one) => one === reason)) {
    throw new CommandFailure(
      EXIT.failed,
      `Its reason is ${reason}. Only ${FORGERY_REASONS.join(', ')} can be accepted; replay the others.`,
    );
  }
  const first = reason === 'nonce_reused' ? await firstBodyOf(message, connection) : undefined;
  if (!json) writeBodies(message, first);
  const why = given ?? (await ask(signal));
  if (why === '' || signal.aborted) {
    writeNote('It stays: an acceptance needs a reason.');
    return EXIT.failed;
  }
  const acceptance = { by: await connection.identity(), why, at: new Date().toISOString() };
  const { dynamodb, tableName } = connection;
  await storeAcceptance(dynamodb, await tableName(), {
    ...acceptance,
    text,
    reason,
    messageId: message.loggedId,
  });
  await sendBack(connection, await connection.queueUrl('callbacks'), message, replay);
  await open.remove(message);
  if (json) writeJson({ ...summaryOf(message), result: 'accepted', ...acceptance });
  else writeLine(`${messageId} accepted by ${acceptance.by}`);
  return EXIT.ok;
}

/** The body that came first with the credential of a message. */
async function firstBodyOf(
  { envelope }: OpenedMessage,
  { dynamodb, tableName }: Connection,
): Promise<FirstBody | undefined> {
  const vendor = SOURCES.get(envelope?.source ?? '')?.vendor;
  if (envelope === undefined || vendor === undefined || isUnverified(envelope)) return undefined;
  return readFirstBody(dynamodb, await tableName(), { vendor, appId: envelope.appId }, envelope.signature);
}

/** Shows a body, or the first one and this one side by side, redacted. */
function writeBodies(message: OpenedMessage, first: FirstBody | undefined): void {
  writeFields({ ...summaryOf(message) });
  writeLine();
  const own = linesOf(message.envelope?.body);
  if (first?.body !== undefined) {
    const others = linesOf(first.body);
    const count = Math.max(own.length, others.length);
    const rows = Array.from({ length: count }, (_, index) => [
      others[index],
      others[index] === own[index] ? '' : '≠',
      own[index],
    ]);
    writeTable(['the first body, which was applied', '', 'this body'], rows);
    return;
  }
  writeTable(
    ['this body'],
    own.map((line) => [line]),
  );
  if (first !== undefined) writeNote(`The history does not have the first body (SHA-256 ${first.hash}).`);
}

function linesOf(body: Buffer | undefined): string[] {
  if (body === undefined) return [];
  const redacted = redactBody(body);
  return (typeof redacted === 'string' ? redacted : printableJson(redacted)).split('\n');
}

/** Asks on the terminal for the reason; an empty one does not count. */
async function ask(signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // The terminal interface takes Ctrl-C for itself.
    terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    return (await terminal.question('Why is it genuine? (empty: leave it) ', { signal })).trim();
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
  }
}
