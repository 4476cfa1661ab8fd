import type { ParsedCallback, QuarantineReason, Source, Vendor } from '../callback/callback.ts';
import type { Heartbeat } from '../ledger/heartbeat.ts';
import type { ClaimResult, Ledger } from '../ledger/ledger.ts';
import type { Owner } from '../ledger/updates.ts';
import { traceIdOf } from '../platform/aws/trace.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { deadlineIn } from '../platform/deadline.ts';
import { describeError, type LineMetrics, type Log } from '../platform/log.ts';
import { decodeEnvelope, type Envelope, storedBodyOf, type UnverifiedEnvelope } from '../queue/envelope.ts';
import type { StoredBody } from '../queue/stored-body.ts';
import { isFresh } from './freshness.ts';

/** How many writes of one callback are under way at once; a screenshot callback may hold thousands of pictures. */
const CONCURRENT_WRITES = 32;

/** How long a claimed credential is remembered past the end of its window, in ms. */
const CLAIM_MARGIN_MS = 24 * 60 * 60_000;

const HOUR_MS = 60 * 60_000;

/** The time from reception to state, and by its sample count how many callbacks had which verdict. */
const METRICS: LineMetrics = {
  dimensions: [['source', 'verdict'], ['reason']],
  metrics: [{ name: 'lagMs', unit: 'Milliseconds' }],
};

/** A message of the callback queue. */
export interface QueueMessage {
  messageId: string;
  body: string;
  /** What the queue says of it; a trace where the receiving function was traced. */
  attributes?: { AWSTraceHeader?: string | undefined };
  /** The id under which the callback was first consumed, where a person has sent its message once more. */
  replayOf?: string | undefined;
}

/** What the consumer needs of the outside world. */
export interface ConsumerServices {
  ledger: Ledger;
  /** Remembers that an app of a vendor calls. What it rejects with is logged and nothing more. */
  heartbeat: Heartbeat;
  /** The packed bytes of a body that was too large for its message. Rejects when they cannot be read. */
  readBody: (stored: StoredBody) => Promise<Buffer>;
  /** Puts a message that cannot be applied into the quarantine queue, unchanged. Rejects when it is not taken. */
  quarantine: (message: QueueMessage, reason: QuarantineReason) => Promise<void>;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** What an operator may choose. */
export interface ConsumerSettings {
  sources: ReadonlyMap<string, Source>;
  /** Days that raw callbacks are kept; 0 keeps none. */
  eventHistoryDays: number;
  /** How far a signed timestamp may be from the reception, either way, in hours, where it is all that is signed. */
  timestampWindowHours: (vendor: Vendor) => number;
}

/**
 * Applies a batch of messages. Returns the ids of those that failed for now and must come again; a message
 * that can never be applied is quarantined. Never throws: a throwing consumer slows Lambda's pollers.
 * What is not finished after `timeLeftMs` has failed too. It may still be applied later, which changes nothing.
 */
export async function consume(
  messages: readonly QueueMessage[],
  services: ConsumerServices,
  settings: ConsumerSettings,
  timeLeftMs?: number,
): Promise<string[]> {
  const failed: string[] = [];
  const deadline = deadlineIn(timeLeftMs);
  await forEachConcurrently(messages, messages.length, async (message) => {
    try {
      await Promise.race([consumeMessage(message, services, settings), deadline.passed]);
    } catch (error) {
      failed.push(message.messageId);
      const { messageId, replayOf } = message;
      services.log('error', 'retry', { messageId, replayOf, reason: describeError(error) });
    }
  });
  deadline.clear();
  return failed;
}

async function consumeMessage(
  message: QueueMessage,
  services: ConsumerServices,
  settings: ConsumerSettings,
): Promise<void> {
  const stored = storedBodyOf(message.body);
  const envelope = decodeEnvelope(message.body, stored && (await services.readBody(stored)));
  const result = await applyEnvelope(envelope, services, settings);
  if (result.verdict === 'quarantined') await services.quarantine(message, result.reason);
  else if (envelope !== undefined) await beat(envelope, services, settings);
  const line = {
    messageId: message.messageId,
    replayOf: message.replayOf,
    source: envelope?.source,
    ...idOf(envelope),
    ...result,
    lagMs: envelope === undefined ? undefined : services.now() - envelope.receivedAt,
    traceId: traceIdOf(message.attributes?.AWSTraceHeader),
  };
  services.log(result.verdict === 'quarantined' ? 'warn' : 'info', 'consumed', line, METRICS);
}

/** What was quarantined may be a replay of an old callback, and is no sign that the vendor calls. */
async function beat(
  envelope: Envelope | UnverifiedEnvelope,
  { heartbeat, log }: ConsumerServices,
  { sources }: ConsumerSettings,
): Promise<void> {
  const vendor = sources.get(envelope.source)?.vendor;
  if (vendor === undefined || 'refusal' in envelope) return;
  try {
    await heartbeat({ vendor, appId: envelope.appId }, envelope.receivedAt);
  } catch (error) {
    log('warn', 'heartbeat', { source: envelope.source, reason: describeError(error) });
  }
}

/** The app that verified, or why none did. */
function idOf(envelope: Envelope | UnverifiedEnvelope | undefined): { appId?: string; refusal?: string } {
  if (envelope === undefined) return {};
  return 'refusal' in envelope ? { refusal: envelope.refusal } : { appId: envelope.appId };
}

/** What became of a message, as its log line tells it. */
type Result = Applied | { verdict: 'quarantined'; reason: QuarantineReason };

/** A message that was applied; a `duplicate` changed nothing, an `event` says nothing of state. */
type Applied = {
  verdict: 'applied' | 'duplicate' | 'event';
  type: string;
  taskId: string | undefined;
  roomId: string | undefined;
  /** Observations in the callback, and how many of them changed the state. */
  observations: number;
  changes: number;
};

async function applyEnvelope(
  envelope: Envelope | UnverifiedEnvelope | undefined,
  services: ConsumerServices,
  settings: ConsumerSettings,
): Promise<Result> {
  if (envelope === undefined) return quarantined('unreadable_envelope');
  if ('refusal' in envelope) return quarantined('unverified');
  const source = settings.sources.get(envelope.source);
  if (source === undefined) return quarantined('unknown_source');
  const owner = { vendor: source.vendor, appId: envelope.appId };

  const claim = await claimCredential(envelope, owner, services, settings);
  if (claim === 'stale') return quarantined('stale');
  if (claim === 'reused') return quarantined('nonce_reused');
  const parsed = parse(source, envelope, settings);
  if (!parsed.ok) return quarantined(parsed.reason);
  try {
    return await write(owner, parsed, envelope, claim, services.ledger, settings);
  } catch (error) {
    if (isPermanent(error)) return quarantined('not_storable');
    throw error;
  }
}

/**
 * Where only nonce and timestamp are signed, a captured request could carry any body: the first body seen with
 * a credential owns it, and an old credential is not taken at all. A signed body needs neither.
 */
async function claimCredential(
  { strength, nonce, timestamp, body, receivedAt }: Envelope,
  owner: Owner,
  { ledger }: ConsumerServices,
  settings: ConsumerSettings,
): Promise<ClaimResult | 'stale' | 'not_needed'> {
  if (strength === 'body') return 'not_needed';
  const windowHours = settings.timestampWindowHours(owner.vendor);
  if (nonce === undefined || timestamp === undefined) return 'stale';
  if (!isFresh(timestamp, receivedAt, windowHours)) return 'stale';
  const expiresAt = receivedAt + 2 * windowHours * HOUR_MS + CLAIM_MARGIN_MS;
  return ledger.claim(owner, { nonce, timestamp, body, expiresAt });
}

function parse(source: Source, envelope: Envelope, settings: ConsumerSettings): ParsedCallback {
  const { appId, body, timestamp, receivedAt } = envelope;
  const parsed = source.parse(body, { appId, receivedAt, signedAt: timestamp });
  if (!parsed.ok) return parsed;
  const { event, observations } = parsed;
  if (event.taskId === undefined && event.roomId === undefined)
    return { ok: false, reason: 'no_task_or_room' };
  // Without a history there is nowhere else to keep a callback that says nothing of state.
  if (observations.length === 0 && settings.eventHistoryDays === 0)
    return { ok: false, reason: 'no_history' };
  return parsed;
}

async function write(
  owner: Owner,
  { event, observations }: ParsedCallback & { ok: true },
  envelope: Envelope,
  claim: ClaimResult | 'not_needed',
  ledger: Ledger,
  settings: ConsumerSettings,
): Promise<Applied> {
  const days = settings.eventHistoryDays;
  // The event is written last: where it is in the history, everything that the callback says was applied.
  const isRepeated =
    claim === 'again' && days > 0 && (await ledger.isRecorded(owner, event, envelope.timestamp ?? ''));
  let changes = 0;
  if (!isRepeated) {
    await forEachConcurrently(observations, CONCURRENT_WRITES, async (observation) => {
      if (await ledger.apply(owner, observation)) changes += 1;
    });
    if (days > 0) await ledger.record(owner, event, envelope, { days, listsTask: observations.length === 0 });
  }
  const isEvent = observations.length === 0;
  const isDuplicate = isRepeated || (!isEvent && changes === 0);
  return {
    verdict: isDuplicate ? 'duplicate' : isEvent ? 'event' : 'applied',
    type: event.type,
    taskId: event.taskId,
    roomId: event.roomId,
    observations: observations.length,
    changes,
  };
}

/** An item that DynamoDB will never take (over 400 KB) or that is nested too deep to write; all else may pass. */
function isPermanent(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'ValidationException');
}

function quarantined(reason: QuarantineReason): Result {
  return { verdict: 'quarantined', reason };
}
