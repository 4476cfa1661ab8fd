import { createHash, randomUUID } from 'node:crypto';
import type { Vendor } from '../../lib/callback/callback.ts';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import { isObject, type JsonObject } from '../../lib/platform/json.ts';
import { type Envelope, encodeEnvelope } from '../../lib/queue/envelope.ts';
import type { SampleSource } from '../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';

/** The name of a callback source, such as `rongcloud-recording`. */
export type SourceName = string;

/** The time that samples happen at and are received at unless a test says otherwise. */
export const NOW = Date.UTC(2026, 0, 15, 12);

export const SECOND = 1000;
export const HOUR = 60 * 60 * SECOND;

/** The hour that it is: for callbacks to a deployed consumer, which has a clock of its own and takes none that is old. */
export const THIS_HOUR = Math.floor(Date.now() / HOUR) * HOUR;

/** A time after `NOW`, as the read API gives it. */
export function iso(ms: number): string {
  return new Date(NOW + ms).toISOString();
}

/** A source that has samples. */
export function sampleSource(name: SourceName): SampleSource {
  const source = SAMPLE_SOURCES.find((sample) => sample.name === name);
  if (source === undefined) throw new Error(`There are no samples of ${name}.`);
  return source;
}

/** The app that the first samples of a vendor are of. */
export function ownerOf(vendor: Vendor): Owner {
  const source = SAMPLE_SOURCES.find((sample) => sample.vendor === vendor);
  return { vendor, appId: source?.appId ?? '' };
}

/** An id that no other test uses. */
function uniqueId(what: string): string {
  return `${what}-${randomUUID()}`;
}

/** The body of a sample; members of `changes` replace its members, and those of inner objects theirs. */
export function sampleBody(
  sourceName: SourceName,
  event: string,
  changes: JsonObject = {},
  at = NOW,
): JsonObject {
  const { appId, events } = sampleSource(sourceName);
  const sample = events[event]?.(appId, at);
  if (sample === undefined) throw new Error(`There is no sample ${sourceName} ${event}.`);
  const body = { ...sample };
  for (const [name, value] of Object.entries(changes)) {
    const old = body[name];
    body[name] = isObject(value) && isObject(old) ? { ...old, ...value } : value;
  }
  return body;
}

/** A time, in ms, as a vendor signs it: ZEGOCLOUD in seconds. */
export function signedAt(vendor: Vendor, at: number): string {
  return String(vendor === 'zego' ? Math.floor(at / SECOND) : at);
}

/** How a message differs from the usual one. */
export type MessageChanges = Partial<Envelope> & { messageId?: string };

/** The queue message of a verified callback with credentials of its own. ZEGO's are put into the body too. */
export function messageOf(
  source: SourceName,
  body: JsonObject | Buffer,
  { messageId = uniqueId('message'), ...changes }: MessageChanges = {},
): QueueMessage {
  const { vendor, appId } = sampleSource(source);
  const receivedAt = changes.receivedAt ?? NOW;
  const { nonce = uniqueId('nonce'), timestamp = signedAt(vendor, receivedAt) } = changes;
  const isSigned = vendor === 'tencent';
  const bytes = (content: JsonObject) => Buffer.from(JSON.stringify(content));
  const envelope: Envelope = {
    source,
    appId,
    keyIndex: 0,
    // As different as the credentials are.
    signature: createHash('sha1').update(`${nonce} ${timestamp}`).digest('hex'),
    strength: isSigned ? 'body' : 'credential',
    ...(isSigned ? {} : { nonce, timestamp }),
    receivedAt,
    body: Buffer.isBuffer(body) ? body : bytes(vendor === 'zego' ? { timestamp, nonce, ...body } : body),
    ...changes,
  };
  return { messageId, body: encodeEnvelope(envelope) };
}

/** The message of a sample as it is. */
export function sampleMessage(source: SourceName, event: string, changes?: MessageChanges): QueueMessage {
  return messageOf(source, sampleBody(source, event), changes);
}

/** The message of a RongCloud recording sample with changes to its body. */
export function recordingMessage(event: string, body?: JsonObject, changes?: MessageChanges): QueueMessage {
  return messageOf('rongcloud-recording', sampleBody('rongcloud-recording', event, body), changes);
}
