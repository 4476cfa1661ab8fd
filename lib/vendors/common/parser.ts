import type {
  CallbackEvent,
  Observed,
  Parse,
  ParseContext,
  ParsedCallback,
  QuarantineReason,
} from '../../callback/callback.ts';
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
export interface RecognisedCallback extends Omit<CallbackEvent, 'at'> {
  /** Unix time in ms at which it happened; absent when the callback does not say. */
  happenedAt: number | undefined;
  /** Unix time in ms at which the body says that it was sent: stands in where `happenedAt` is absent. */
  sentAt?: number | undefined;
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
    const { at, isSendingTime } = timeOf(callback, context);
    const observed = callback.observe(at);
    if (typeof observed === 'string') return quarantined(observed);
    const observations = isSendingTime
      ? observed.map((observation) => ({ ...observation, isSendingTime }))
      : observed;
    return { ok: true, event: eventOf(callback), observations };
  };
}

/** A body of plain JSON. */
export function decodeJson(bytes: Buffer): JsonObject | undefined {
  const body = parseJson(bytes.toString('utf8'));
  return isObject(body) ? body : undefined;
}

/** The time of a callback's observations: when it happened, else when it was sent. */
function timeOf(
  { happenedAt, sentAt, isSentAgain = false }: RecognisedCallback,
  context: ParseContext,
): { at: number; isSendingTime: boolean } {
  if (happenedAt !== undefined) return { at: happenedAt, isSendingTime: false };
  return { at: sentAt ?? context.sentAt, isSendingTime: isSentAgain };
}

function eventOf({ type, happenedAt, taskId, roomId, kind, identity }: RecognisedCallback): CallbackEvent {
  return { type, at: happenedAt, taskId, roomId, kind, identity };
}

function quarantined(reason: QuarantineReason): ParsedCallback {
  return { ok: false, reason };
}
