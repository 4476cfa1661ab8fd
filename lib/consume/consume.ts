import type {
  CallbackEvent,
  ForgeryReason,
  ParsedCallback,
  QuarantineReason,
  Source,
  Vendor,
} from '../callback/callback.ts';
import type { Observation } from '../callback/observation.ts';
import { plausibleTime } from '../callback/time.ts';
import type { Acceptance } from '../ledger/acceptance.ts';
import type { Heartbeat } from '../ledger/heartbeat.ts';
import { roomKey, taskKey } from '../ledger/keys.ts';
import type { ClaimResult, Ledger } from '../ledger/ledger.ts';
import { withListingFiles } from '../ledger/place.ts';
import type { IsErased } from '../ledger/tombstones.ts';
import { type Owner, partitionOf } from '../ledger/updates.ts';
import { traceIdOf } from '../platform/aws/trace.ts';
import { createBudget, forEachConcurrently } from '../platform/concurrency.ts';
import { deadlineIn } from '../platform/deadline.ts';
import { describeError, type LineMetrics, type Log } from '../platform/log.ts';
import {
  decodeEnvelope,
  type Envelope,
  envelopeGroup,
  largestBodyOf,
  messageOfRest,
  storedBodyOf,
  type UnverifiedEnvelope,
} from '../queue/envelope.ts';
import type { StoredBody } from '../queue/stored-body.ts';
import { claimCredential } from './credential.ts';

/** How many writes of one callback are under way at once; a screenshot callback may hold thousands of pictures. */
const CONCURRENT_WRITES = 32;

/** How many observations one message applies unless settings say otherwise. */
export const OBSERVATIONS_PER_MESSAGE = 500;

const DAY_MS = 24 * 60 * 60_000;

/**
 * How many bytes of bodies are unpacked at once, in all batches of a process: a batch may hold a hundred compressed
 * bodies of 1 MiB, and while it is applied a body takes a hundred times its size in memory at worst.
 */
const UNPACKED_BYTES = 4 * 1_048_576;

const unpacked = createBudget(UNPACKED_BYTES);

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
  isErased: IsErased;
  /** Remembers that an app of a vendor calls. What it rejects with is logged and nothing more. */
  heartbeat: Heartbeat;
  /** The packed bytes of a body that was too large for its message. Rejects when they cannot be read. */
  readBody: (stored: StoredBody) => Promise<Buffer>;
  /** Puts a message that cannot be applied into the quarantine queue, unchanged. Rejects when it is not taken. */
  quarantine: (message: QueueMessage, reason: QuarantineReason) => Promise<void>;
  /** Puts the rest of a callback, as a message of its group, into the callback queue. Rejects when it is not taken. */
  requeue: (message: QueueMessage, group: string) => Promise<void>;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** What an operator may choose, and what tests may lower. */
export interface ConsumerSettings {
  sources: ReadonlyMap<string, Source>;
  /** Days that raw callbacks are kept; 0 keeps none. */
  eventHistoryDays: number;
  /** Days that tasks, files and rooms are kept after the last callback that changed them; 0 keeps them for ever. */
  retentionDays: number;
  /** How far a signed timestamp may be from the reception, either way, in hours, where it is all that is signed. */
  timestampWindowHours: (vendor: Vendor) => number;
  /**
   * How many observations one message applies, by default 500. Those of a callback with very many pictures are more
   * than a run has time for: the rest goes back into the queue.
   */
  observationsPerMessage?: number;
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
    const consumed = unpacked(largestBodyOf(message.body), async () => {
      // What comes again must not take the room of the next batch.
      if (!deadline.hasPassed()) await consumeMessage(message, services, settings);
    });
    try {
      await Promise.race([consumed, deadline.passed]);
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
  const { result, isNews } = await applyEnvelope(message, envelope, services, settings);
  if (result.verdict === 'quarantined') await services.quarantine(message, result.reason);
  else if (isNews && envelope !== undefined) await beat(envelope, services, settings);
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

/** Only for news: a replay of an old callback is no sign that the vendor calls. */
async function beat(
  envelope: Envelope | UnverifiedEnvelope,
  { heartbeat, log }: ConsumerServices,
  { sources }: ConsumerSettings,
): Promise<void> {
  const vendor = sources.get(envelope.source)?.vendor;
  if (vendor === undefined || 'refusal' in envelope) return;
  try {
    await heartbeat({ vendor, appId: envelope.appId }, envelope);
  } catch (error) {
    log('warn', 'heartbeat', { source: envelope.source, reason: describeError(error) });
  }
}

/** The app that verified, or why none did; the first message of the callback where this is a later one. */
function idOf(
  envelope: Envelope | UnverifiedEnvelope | undefined,
): Partial<Pick<Envelope, 'appId' | 'restOf'> & Pick<UnverifiedEnvelope, 'refusal'>> {
  if (envelope === undefined) return {};
  if ('refusal' in envelope) return { refusal: envelope.refusal };
  return { appId: envelope.appId, ...(envelope.restOf === undefined ? {} : { restOf: envelope.restOf }) };
}

/** The outcome of a message, for its log line. */
type Result =
  | (Applied & AcceptedFields)
  | { verdict: 'quarantined'; reason: QuarantineReason }
  /** Of a task or room that was erased: counted by this line, which names neither, and not kept. */
  | { verdict: 'erased' };

/** A message that was applied; a `duplicate` changed nothing, an `event` says nothing of state. */
type Applied = {
  verdict: 'applied' | 'duplicate' | 'event';
  type: string;
  /** Only where the callback came by the URL of another source than its own. */
  reason?: 'wrong_url';
  belongsTo?: string;
  taskId: string | undefined;
  roomId: string | undefined;
  /** Observations in the callback, and how many of them changed the state. */
  observations: number;
  changes: number;
  /** How many observations another message applies. */
  left?: number;
};

/** Who let a callback be applied that may be forged, why, and when (ISO 8601 UTC). */
interface AcceptedFields {
  acceptedBy?: string;
  acceptedWhy?: string;
  acceptedAt?: string;
}

/** The result, and whether the callback is a fresh one that changed state or history. */
interface Outcome {
  result: Result;
  isNews: boolean;
}

async function applyEnvelope(
  message: QueueMessage,
  envelope: Envelope | UnverifiedEnvelope | undefined,
  services: ConsumerServices,
  settings: ConsumerSettings,
): Promise<Outcome> {
  if (envelope === undefined) return quarantined('unreadable_envelope');
  if ('refusal' in envelope) return quarantined('unverified');
  const source = settings.sources.get(envelope.source);
  if (source === undefined) return quarantined('unknown_source');
  const owner = { vendor: source.vendor, appId: envelope.appId };

  const parsed = parse(source, envelope, settings);
  // Before its credential is claimed: the claim says what the callback is about.
  if (parsed.ok && (await services.isErased(partitionsOf(owner, parsed), parsed.event.at))) {
    return { result: { verdict: 'erased' }, isNews: false };
  }
  const trust = await trustOf(envelope, { source, owner, parsed }, services, settings);
  const accepted = trust.ok ? undefined : await services.ledger.acceptance(message.body, services.now());
  if (!trust.ok && accepted === undefined) return quarantined(trust.reason);
  if (!parsed.ok) return quarantined(parsed.reason);
  const { event, observations } = parsed;
  const isRepeat = trust.ok && trust.claim === 'again';
  const keptUntil = keptUntilOf(envelope, event, settings, accepted !== undefined);
  try {
    const newsKeptUntil = envelope.receivedAt + settings.eventHistoryDays * DAY_MS;
    const stateKeptUntil =
      settings.retentionDays > 0 ? envelope.receivedAt + settings.retentionDays * DAY_MS : undefined;
    const kept = { keptUntil, newsKeptUntil, stateKeptUntil };
    // An acceptance is of one exact message, and so of all that it says.
    const { observationsPerMessage = OBSERVATIONS_PER_MESSAGE } = settings;
    const most = accepted === undefined ? observationsPerMessage : Number.POSITIVE_INFINITY;
    const messageId = envelope.restOf ?? message.replayOf ?? message.messageId;
    const callback = { owner, envelope, event, observations, most, isRepeat, messageId, ...kept };
    const { result, isNews } = await write(callback, services.ledger);
    if (result.left !== undefined) {
      const body = messageOfRest(message.body, observations.length - result.left, messageId);
      await services.requeue({ ...message, body }, envelopeGroup(envelope));
    }
    if (accepted !== undefined) return { result: { ...result, ...acceptedFields(accepted) }, isNews: false };
    return {
      result,
      isNews: isNews && isRecent(envelope, event),
    };
  } catch (error) {
    if (isPermanent(error)) return quarantined('not_storable');
    throw error;
  }
}

/** The partitions of the table that a callback is about. */
function partitionsOf(
  owner: Owner,
  { event: { taskId, roomId }, observations }: ParsedCallback & { ok: true },
): string[] {
  return [
    ...(taskId === undefined ? [] : [taskKey(owner.vendor, owner.appId, taskId)]),
    ...(roomId === undefined ? [] : [roomKey(owner.vendor, owner.appId, roomId)]),
    ...new Set(observations.map((observation) => partitionOf(owner, observation))),
  ];
}

function acceptedFields({ by, why, at }: Acceptance): AcceptedFields {
  return { acceptedBy: by, acceptedWhy: why, acceptedAt: at };
}

/** What a callback claims, or why it may be forged. */
type Trust = { ok: true; claim: ClaimResult | 'not_needed' } | { ok: false; reason: ForgeryReason };

/** A callback of a vendor that signs the body needs no claim: it can only be a replay of itself. */
async function trustOf(
  envelope: Envelope,
  { source, owner, parsed }: { source: Source; owner: Owner; parsed: ParsedCallback },
  { ledger, now }: ConsumerServices,
  settings: ConsumerSettings,
): Promise<Trust> {
  if (envelope.strength === 'credential') {
    const windowHours = settings.timestampWindowHours(owner.vendor);
    const event = parsed.ok && settings.eventHistoryDays > 0 ? parsed.event : undefined;
    return claimCredential(envelope, {
      ledger,
      form: source.credential,
      owner,
      windowHours,
      now: now(),
      event,
    });
  }
  if (!parsed.ok || isStillKept(envelope, parsed, settings)) return { ok: true, claim: 'not_needed' };
  return { ok: false, reason: 'stale' };
}

/**
 * Whether what a signed body says would be kept had it come when it happened. Applied later, a replay would bring back
 * state that has expired, and what says nothing of state would be dropped.
 */
function isStillKept(
  envelope: Envelope,
  { event, observations }: ParsedCallback & { ok: true },
  settings: ConsumerSettings,
): boolean {
  if (observations.length === 0) return keptUntilOf(envelope, event, settings, false) !== undefined;
  const { receivedAt } = envelope;
  const happenedAt = plausibleTime(event.at, receivedAt) ?? receivedAt;
  return settings.retentionDays === 0 || receivedAt - happenedAt < settings.retentionDays * DAY_MS;
}

function parse(source: Source, envelope: Envelope, settings: ConsumerSettings): ParsedCallback {
  const { appId, body, timestamp, receivedAt, source: name } = envelope;
  const parsed = source.parse(body, { appId, receivedAt, signedAt: timestamp, source: name });
  if (!parsed.ok) return parsed;
  const { event, observations } = parsed;
  if (event.taskId === undefined && event.roomId === undefined)
    return { ok: false, reason: 'no_task_or_room' };
  // Without a history there is nowhere else to keep a callback that says nothing of state.
  if (observations.length === 0 && settings.eventHistoryDays === 0)
    return { ok: false, reason: 'no_history' };
  return parsed;
}

/** Whether it happened in the day before it was received; where the body is not signed, its credential is fresh. */
function isRecent({ strength, receivedAt }: Envelope, { at }: CallbackEvent): boolean {
  if (strength === 'credential') return true;
  const happenedAt = plausibleTime(at, receivedAt);
  return happenedAt !== undefined && receivedAt - happenedAt <= DAY_MS;
}

/**
 * When the history forgets a callback, as Unix time in ms; `undefined` when it does not take it. A signed body that is
 * sent once more is forgotten when the first one is, because the time of the event is signed with it.
 */
function keptUntilOf(
  { strength, receivedAt }: Envelope,
  { at }: CallbackEvent,
  { eventHistoryDays }: ConsumerSettings,
  isAccepted: boolean,
): number | undefined {
  const happenedAt = plausibleTime(at, receivedAt) ?? receivedAt;
  const from = strength === 'body' && !isAccepted ? Math.min(happenedAt, receivedAt) : receivedAt;
  const until = from + eventHistoryDays * DAY_MS;
  return until > receivedAt ? until : undefined;
}

/** A callback that may be applied. */
interface Applicable {
  owner: Owner;
  envelope: Envelope;
  event: CallbackEvent;
  observations: readonly Observation[];
  /** How many of them are applied at most. */
  most: number;
  /** Whether its credential came before with the same body. */
  isRepeat: boolean;
  /** The id of its message in the log: of the first one where it was sent once more. */
  messageId: string;
  keptUntil: number | undefined;
  /** Until when the history keeps it if it changes the state, however late it comes. Unix time in ms. */
  newsKeptUntil: number;
  /** Until when the state that it changes is kept, Unix time in ms; for ever when absent. */
  stateKeptUntil: number | undefined;
}

async function write(
  {
    owner,
    envelope,
    event,
    observations,
    most,
    isRepeat,
    messageId,
    keptUntil,
    newsKeptUntil,
    stateKeptUntil,
  }: Applicable,
  ledger: Ledger,
): Promise<{ result: Applied; isNews: boolean }> {
  const isEvent = observations.length === 0;
  let changes = 0;
  let isRecorded = false;
  // The event is written last: where it is in the history, everything that the callback says was applied.
  const isRepeated =
    isRepeat && keptUntil !== undefined && (await ledger.isRecorded(owner, event, envelope.timestamp ?? ''));
  const applied = envelope.applied ?? 0;
  const left = isRepeated ? 0 : Math.max(0, observations.length - applied - most);
  if (!isRepeated) {
    const part = withListingFiles(observations).slice(applied, applied + most);
    await forEachConcurrently(part, CONCURRENT_WRITES, async (observation) => {
      if (await ledger.apply(owner, observation, stateKeptUntil)) changes += 1;
    });
    const expiresAt = keptUntil ?? (changes > 0 ? newsKeptUntil : 0);
    if (left === 0 && expiresAt > envelope.receivedAt) {
      const options = { expiresAt, listsTask: isEvent, messageId };
      isRecorded = await ledger.record(owner, event, envelope, options);
    }
  }
  const isDuplicate = isRepeated || (!isEvent && changes === 0);
  const result: Applied = {
    verdict: isDuplicate ? 'duplicate' : isEvent ? 'event' : 'applied',
    type: event.type,
    ...(event.belongsTo === undefined ? {} : { reason: 'wrong_url', belongsTo: event.belongsTo }),
    taskId: event.taskId,
    roomId: event.roomId,
    observations: observations.length,
    changes,
    ...(left > 0 ? { left } : {}),
  };
  return { result, isNews: changes > 0 || isRecorded };
}

/** An item that DynamoDB will never take (over 400 KB) or that is nested too deep to write; all else may pass. */
function isPermanent(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'ValidationException');
}

function quarantined(reason: QuarantineReason): Outcome {
  return { result: { verdict: 'quarantined', reason }, isNews: false };
}
