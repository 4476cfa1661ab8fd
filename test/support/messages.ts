import { randomUUID } from 'node:crypto';
import type { CallbackRequest } from '../../lib/callback/callback.ts';
import { verifyWith } from '../../lib/callback/verification.ts';
import type { Json } from '../../lib/platform/json.ts';
import { encodeEnvelope, envelopeOf, unverifiedEnvelopeOf } from '../../lib/queue/envelope.ts';
import { VENDORS } from '../../lib/vendors/index.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { signedSample } from '../../stack/samples/signed-sample.ts';
import { sourceNamed } from './stack-client.ts';

/** When the requests were received, Unix time in ms: yesterday, because the consumer takes no old ones. */
export const RECEIVED_AT = Math.floor(Date.now() / 1000 - 24 * 60 * 60) * 1000;

/** A genuine request of a source, with values of its own in the body. */
export function requestOf(sourceName: string, values: Record<string, Json> = {}): CallbackRequest {
  const source = sourceNamed(sourceName);
  const [event = ''] = Object.keys(source.events);
  const sample = signedSample(source, event, sampleSecrets({}), {
    now: RECEIVED_AT,
    nonce: randomUUID().slice(0, 8),
    set: new Map(Object.entries(values)),
  });
  if (!sample.ok) throw new Error(sample.reason);
  const { headers, body } = sample.callback;
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: 'POST',
    path: source.path,
    headers: Object.fromEntries(lower),
    query: {},
    body,
    sourceIp: '203.0.113.7',
    receivedAt: RECEIVED_AT,
  };
}

/** The message of a callback that verified. */
export function verifiedMessage(sourceName: string, values: Record<string, Json> = {}): string {
  const request = requestOf(sourceName, values);
  const { vendor } = sourceNamed(sourceName);
  const verification = verifyWith(
    VENDORS[vendor].verify,
    request,
    new Map(Object.entries(sampleSecrets({})[vendor] ?? {})),
  );
  if (!verification.ok) throw new Error(verification.reason);
  return encodeEnvelope(envelopeOf(sourceName, request, verification));
}

/** The message of a genuine callback that came while its secret was missing and verification only watched. */
export function unverifiedMessage(sourceName: string, values: Record<string, Json> = {}): string {
  return encodeEnvelope(unverifiedEnvelopeOf(sourceName, requestOf(sourceName, values), 'wrong_signature'));
}
