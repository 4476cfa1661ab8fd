import type { CallbackRequest, RefusalReason, Strength, Verified } from '../callback/callback.ts';
import { field, isObject, type Json, type JsonObject, number, parseJson } from '../platform/json.ts';
import { LARGEST_BODY_BYTES, packBody, unpackBody } from './packed-body.ts';
import { isStoredBody, type StoredBody } from './stored-body.ts';

/** The largest message that SQS takes in most regions, in bytes. */
export const MAXIMUM_MESSAGE_BYTES = 1_048_576;

/** What the reason of a quarantine may need of that, in bytes. */
const REASON_BYTES = 1_024;

/** The largest message of ours where SQS takes `maximum` bytes. */
export function largestMessageBytes(maximum: number): number {
  return maximum - REASON_BYTES;
}

/** What every envelope holds. */
interface Received {
  /** The name of the callback source, which is also the name of the function that received it. */
  source: string;
  /** Unix time in ms. */
  receivedAt: number;
  body: Buffer;
}

/** A verified callback on its way through the queues: all that is needed to verify and apply it again. */
export interface Envelope extends Received {
  appId: string;
  keyIndex: number;
  strength: Strength;
  signature: string;
  timestamp?: string;
  nonce?: string;
  /** How many of the callback's observations earlier messages have applied; absent in the first message. */
  applied?: number;
  /** The id of that first message; absent in itself. */
  restOf?: string;
}

/** A callback that did not verify while verification only watches: on its way to the quarantine, as it came. */
export interface UnverifiedEnvelope extends Received {
  refusal: RefusalReason;
  headers: CallbackRequest['headers'];
  query: CallbackRequest['query'];
  pathSegment?: string;
  sourceIp: string;
}

/** Puts a verified request into an envelope. */
export function envelopeOf(source: string, request: CallbackRequest, verified: Verified): Envelope {
  const { ok: _, ...credentials } = verified;
  return { source, ...credentials, receivedAt: request.receivedAt, body: request.body };
}

/** Puts a request that did not verify into an envelope, with all that a later verification needs. */
export function unverifiedEnvelopeOf(
  source: string,
  request: CallbackRequest,
  refusal: RefusalReason,
): UnverifiedEnvelope {
  const { headers, query, pathSegment, sourceIp, receivedAt, body } = request;
  const segment = pathSegment === undefined ? {} : { pathSegment };
  return { source, refusal, headers, query, ...segment, sourceIp, receivedAt, body };
}

/** The group of an envelope's message: one loud app, or a flood of forgeries, must not delay the others. */
export function envelopeGroup(envelope: Envelope | UnverifiedEnvelope): string {
  return 'refusal' in envelope ? 'unverified' : envelope.appId;
}

/** SQS refuses some of these characters, and counts the others double. */
const NOT_ASCII = /[\u007f-\uffff]/g;

/**
 * The queue message: one line of ASCII JSON with the body as (compressed) base64, or with the place in the
 * table where the body's packed bytes are.
 */
export function encodeEnvelope(envelope: Envelope | UnverifiedEnvelope, stored?: StoredBody): string {
  const { body, ...rest } = envelope;
  const { encoding, bytes } = packBody(body);
  const content =
    stored === undefined
      ? { body: bytes.toString('base64') }
      : { bodyKey: stored.key, bodyParts: stored.parts };
  return asciiJson({ version: 1, ...rest, encoding, ...content });
}

/** The same message for those observations of its callback that follow the first `applied` ones. */
export function messageOfRest(message: string, applied: number, restOf: string): string {
  return asciiJson({ ...(JSON.parse(message) as JsonObject), applied, restOf });
}

function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Where the body of a queue message is; `undefined` when it is in the message, or where none can be. */
export function storedBodyOf(message: string): StoredBody | undefined {
  // Spares the other messages, which are nearly all, being parsed twice.
  if (!message.includes('"bodyKey":')) return undefined;
  const parsed = parseJson(message);
  const [key, parts] = [stringField(parsed, 'bodyKey'), number(field(parsed, 'bodyParts'))];
  if (key === undefined || parts === undefined) return undefined;
  const stored = { key, parts };
  return isStoredBody(stored) ? stored : undefined;
}

/** The size in bytes that the body of a queue message has at most, without unpacking it. */
export function largestBodyOf(message: string): number {
  return message.includes('gzip') ? LARGEST_BODY_BYTES : message.length;
}

/**
 * Reads a queue message back; `undefined` when it is not one of ours. `storedBytes` are those of `storedBodyOf`
 * where the message has no body of its own.
 */
export function decodeEnvelope(
  message: string,
  storedBytes?: Buffer,
): Envelope | UnverifiedEnvelope | undefined {
  const parsed = parseJson(message);
  if (!isObject(parsed) || field(parsed, 'version') !== 1) return undefined;
  const source = stringField(parsed, 'source');
  const receivedAt = number(field(parsed, 'receivedAt'));
  const body = bodyOf(parsed, storedBytes);
  if (source === undefined || receivedAt === undefined || body === undefined) return undefined;
  const received = { source, receivedAt, body };
  return field(parsed, 'refusal') === undefined
    ? verifiedEnvelope(parsed, received)
    : unverifiedEnvelope(parsed, received);
}

function bodyOf(parsed: JsonObject, storedBytes: Buffer | undefined): Buffer | undefined {
  const packed = field(parsed, 'body');
  const bytes = typeof packed === 'string' ? Buffer.from(packed, 'base64') : storedBytes;
  return bytes === undefined ? undefined : unpackBody(field(parsed, 'encoding'), bytes);
}

function verifiedEnvelope(parsed: JsonObject, received: Received): Envelope | undefined {
  const [appId, signature] = [stringField(parsed, 'appId'), stringField(parsed, 'signature')];
  const strength = field(parsed, 'strength');
  if (appId === undefined || signature === undefined) return undefined;
  if (strength !== 'body' && strength !== 'credential') return undefined;
  const timestamp = stringField(parsed, 'timestamp');
  const nonce = stringField(parsed, 'nonce');
  const applied = number(field(parsed, 'applied'));
  const restOf = stringField(parsed, 'restOf');
  return {
    ...received,
    appId,
    keyIndex: number(field(parsed, 'keyIndex')) ?? 0,
    strength,
    signature,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(applied === undefined ? {} : { applied }),
    ...(restOf === undefined ? {} : { restOf }),
  };
}

function unverifiedEnvelope(parsed: JsonObject, received: Received): UnverifiedEnvelope | undefined {
  const refusal = stringField(parsed, 'refusal');
  const [headers, query] = [stringMap(field(parsed, 'headers')), stringMap(field(parsed, 'query'))];
  if (refusal === undefined || headers === undefined || query === undefined) return undefined;
  const pathSegment = stringField(parsed, 'pathSegment');
  return {
    ...received,
    refusal: refusal as RefusalReason,
    headers,
    query,
    ...(pathSegment === undefined ? {} : { pathSegment }),
    sourceIp: stringField(parsed, 'sourceIp') ?? '',
  };
}

function stringField(parsed: Json | undefined, name: string): string | undefined {
  const value = field(parsed, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function stringMap(value: Json | undefined): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
