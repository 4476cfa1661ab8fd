import type {
  CallbackEvent,
  Observed,
  Parse,
  ParseContext,
  ParsedCallback,
  QuarantineReason,
} from '../../callback/callback.ts';
import type { Observation } from '../../callback/observation.ts';
import { UPLOAD_RANK } from '../../callback/rank.ts';
import { type Claim, eventTime, failureTime, plausibleTime } from '../../callback/time.ts';
import { isObject, type JsonObject, parseJson } from '../../platform/json.ts';

/** How the callbacks of a vendor, or of one of its services, are read. */
export interface CallbackFormat {
  /** The body as an object; `undefined` when it is unreadable. */
  decode(bytes: Buffer): JsonObject | undefined;
  /** The app that a body names, if it names one. */
  appIdOf(body: JsonObject): string | undefined;
  /** Which callback a body is, or why it cannot be applied. */
  recognise(body: JsonObject): RecognisedCallback | QuarantineReason;
}

/** A callback that was recognised: its event, the times that it claims, and how it turns into observations. */
export interface RecognisedCallback extends Omit<CallbackEvent, 'at' | 'belongsTo'> {
  /** The name of the source that it belongs to by what it is. */
  source: string;
  /** When the body says that it happened, in seconds or ms, the best claim first; `eventTime` judges them. */
  happenedAt: readonly Claim[];
  /** When the body says that it was sent: stands in where no claim of `happenedAt` is plausible. */
  sentAt?: Claim;
  /** Whether the same event may be sent again with a later `sentAt`: then the earliest one counts. */
  isSentAgain?: boolean;
  /** What it says of tasks, files and rooms. `at` is the time of these observations, Unix time in ms. */
  observe(at: number): Observed;
}

/**
 * The parser of a format. Every callback of every vendor takes this way: decode the body, compare its app with the
 * app that verified, recognise the callback, choose its time, observe. Pure; never throws.
 */
export function parser({ decode, appIdOf, recognise }: CallbackFormat): Parse {
  return (bytes, context) => {
    const body = decode(bytes);
    if (body === undefined) return quarantined('unreadable_body');
    const appId = appIdOf(body);
    if (appId !== undefined && appId !== context.appId) return quarantined('app_mismatch');
    const callback = recognise(body);
    if (typeof callback === 'string') return quarantined(callback);
    const time = timeOf(callback, context);
    const observed = callback.observe(time.at);
    if (typeof observed === 'string') return quarantined(observed);
    const observations = observed.map((observation) => timed(observation, time, context.receivedAt));
    return { ok: true, event: eventOf(callback, context), observations };
  };
}

/** A body of plain JSON, with or without a byte order mark. */
export function decodeJson(bytes: Buffer): JsonObject | undefined {
  const body = parseJson(bytes.toString('utf8').replace(/^\ufeff/, ''));
  return isObject(body) ? body : undefined;
}

/** The time of a callback's observations, and what their order has to know of it. */
type ObservedTime = Pick<Observation, 'at' | 'isSendingTime' | 'isReplacedTime'>;

/** When it happened, else when it was sent, else the signed time or the reception. */
function timeOf(
  { happenedAt, sentAt, isSentAgain = false }: RecognisedCallback,
  { receivedAt, signedAt }: ParseContext,
): ObservedTime {
  const { at, isReplaced } = eventTime(happenedAt, receivedAt, signedAt);
  if (!isReplaced) return { at };
  const sent = plausibleTime(sentAt, receivedAt);
  if (sent === undefined) return { at, isReplacedTime: true };
  return isSentAgain ? { at: sent, isSendingTime: true } : { at: sent };
}

/** An observation with all that its order and its deadline depend on. */
function timed(observation: Observation, time: ObservedTime, receivedAt: number): Observation {
  const known = { ...observation, ...time };
  if (known.entity === 'room' || known.facet !== 'upload' || known.rank !== UPLOAD_RANK.upload_failed)
    return known;
  const failedSince = failureTime(known.at, known.retentionMs, receivedAt);
  return failedSince === known.at ? known : { ...known, failedSince };
}

/** The event of a callback; only a plausible claim is its time. */
function eventOf(
  { type, source, taskId, roomId, kind, identity, happenedAt }: RecognisedCallback,
  { receivedAt, source: received }: ParseContext,
): CallbackEvent {
  const { at, isReplaced } = eventTime(happenedAt, receivedAt);
  const belongsTo = received !== undefined && source !== received ? source : undefined;
  return { type, belongsTo, at: isReplaced ? undefined : at, taskId, roomId, kind, identity };
}

function quarantined(reason: QuarantineReason): ParsedCallback {
  return { ok: false, reason };
}
