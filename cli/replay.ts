import type {
  AppSecrets,
  CallbackRequest,
  RefusalReason,
  Vendor,
  Verification,
} from '../lib/callback/callback.ts';
import { verifyWith } from '../lib/callback/verification.ts';
import {
  encodeEnvelope,
  envelopeGroup,
  envelopeOf,
  storedBodyOf,
  type UnverifiedEnvelope,
} from '../lib/queue/envelope.ts';
import { checkPathSegment } from '../lib/receive/path-segment.ts';
import { SOURCES, VENDORS } from '../lib/vendors/index.ts';
import { isUnverified, type OpenedMessage } from './message-content.ts';
import type { VendorSecrets } from './secrets.ts';

/** What is to be done with a message: what goes into the callback queue, or why it stays where it is. */
export type Replay = { ok: true; text: string; group: string | undefined } | { ok: false; why: string };

/**
 * Callbacks that were refused for where they came from or went to: a right signature does not make up for that. (A
 * wrong segment is compared again, since it follows from the secret.)
 */
const REFUSED_FOR_ORIGIN: readonly RefusalReason[] = ['network_not_allowed', 'missing_path_segment'];

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
export async function replayOf(
  message: OpenedMessage,
  secrets: (vendor: Vendor) => Promise<VendorSecrets>,
  isChosen: boolean,
): Promise<Replay> {
  const { envelope, body } = message;
  if (!isUnverified(envelope)) return asItIs(message);
  const source = SOURCES.get(envelope.source);
  if (source === undefined) return { ok: false, why: `unknown source ${envelope.source}` };
  const live = await secrets(source.vendor);
  if (!live.ok) return { ok: false, why: live.reason };

  const request = requestOf(envelope);
  const verification = verifyAgain(source.vendor, request, live.secrets);
  if (!verification.ok) return { ok: false, why: verification.reason };
  if (REFUSED_FOR_ORIGIN.includes(envelope.refusal) && !isChosen) {
    return { ok: false, why: `${envelope.refusal}: name its id to replay it all the same` };
  }
  const verified = envelopeOf(envelope.source, request, verification);
  return { ok: true, text: encodeEnvelope(verified, storedBodyOf(body)), group: envelopeGroup(verified) };
}

/** The request as it came. */
export function requestOf(envelope: UnverifiedEnvelope): CallbackRequest {
  const { headers, query, pathSegment, sourceIp, receivedAt, body } = envelope;
  return { method: 'POST', path: '', headers, query, body, sourceIp, pathSegment, receivedAt };
}

/** A segment that is there must be right, as at reception. */
function verifyAgain(vendor: Vendor, request: CallbackRequest, secrets: AppSecrets): Verification {
  return checkPathSegment(verifyWith(VENDORS[vendor].verify, request, secrets), request, secrets);
}
