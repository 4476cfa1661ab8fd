import type { CallbackRequest, Strength, Verified } from './callback.ts';
import { field, isObject, type Json, number, parseJson } from './json.ts';
import { packBody, unpackBody } from './packed-body.ts';

/** The largest message, in bytes: SQS takes 1 MiB, and the reason of a quarantine must find room in it. */
export const LARGEST_MESSAGE_BYTES = 1_048_576 - 1_024;

/** A verified callback on its way through the queues: all that is needed to verify and apply it again. */
export interface Envelope {
  /** The name of the callback source, which is also the name of the function that received it. */
  source: string;
  appId: string;
  keyIndex: number;
  strength: Strength;
  signature: string;
  timestamp?: string;
  nonce?: string;
  /** Unix time in ms. */
  receivedAt: number;
  body: Buffer;
}

/** Puts a verified request into an envelope. */
export function envelopeOf(source: string, request: CallbackRequest, verified: Verified): Envelope {
  const { ok: _, ...credentials } = verified;
  return { source, ...credentials, receivedAt: request.receivedAt, body: request.body };
}

/** SQS refuses some of these characters, and counts the others double. */
const NOT_ASCII = /[\u007f-\uffff]/g;

/** The queue message: one line of ASCII JSON, the body as (compressed) base64. */
export function encodeEnvelope(envelope: Envelope): string {
  const { body, ...rest } = envelope;
  const { encoding, bytes } = packBody(body);
  const fields = { version: 1, ...rest, encoding, body: bytes.toString('base64') };
  return JSON.stringify(fields).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Reads a queue message back; `undefined` when it is not one of ours. */
export function decodeEnvelope(message: string): Envelope | undefined {
  const parsed = parseJson(message);
  const [source, appId, signature] = ['source', 'appId', 'signature'].map((name) =>
    stringField(parsed, name),
  );
  const receivedAt = number(field(parsed, 'receivedAt'));
  const strength = field(parsed, 'strength');
  if (!isObject(parsed) || field(parsed, 'version') !== 1) return undefined;
  if (source === undefined || appId === undefined || signature === undefined || receivedAt === undefined)
    return undefined;
  if (strength !== 'body' && strength !== 'credential') return undefined;
  const packed = field(parsed, 'body');
  if (typeof packed !== 'string') return undefined;
  const body = unpackBody(field(parsed, 'encoding'), Buffer.from(packed, 'base64'));
  if (body === undefined) return undefined;
  const timestamp = stringField(parsed, 'timestamp');
  const nonce = stringField(parsed, 'nonce');
  return {
    source,
    appId,
    keyIndex: number(field(parsed, 'keyIndex')) ?? 0,
    strength,
    signature,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(nonce === undefined ? {} : { nonce }),
    receivedAt,
    body,
  };
}

function stringField(parsed: Json | undefined, name: string): string | undefined {
  const value = field(parsed, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
