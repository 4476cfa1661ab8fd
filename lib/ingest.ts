import type { CallbackRequest, Verification, Verify } from './callback.ts';
import { encodeEnvelope, envelopeOf, LARGEST_MESSAGE_BYTES } from './envelope.ts';
import type { Answer } from './gateway.ts';
import type { Log } from './log.ts';
import { LARGEST_BODY_BYTES } from './packed-body.ts';
import type { SendMessage } from './queue.ts';
import type { SecretStore } from './secrets.ts';

/** How long after the start of the handler the queue may still be tried, in ms; the contract is 4 s in all. */
const STORE_DEADLINE_MS = 3_300;

/** What the ack path needs of the outside world. */
export interface IngestServices {
  secrets: SecretStore;
  send: SendMessage;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** One callback source as the ack path sees it: its name, and how its signature is checked. */
export interface IngestSource {
  name: string;
  verify: Verify;
}

/** What became of a callback, for the answer and for the log line. */
interface Outcome {
  answer: Answer;
  verdict: 'accepted' | 'refused' | 'unavailable' | 'probe';
  reason?: string;
  /** What the store said; for the log only. */
  cause?: string;
  appId?: string;
  keyIndex?: number;
  messageId?: string;
}

/**
 * Verifies a callback and stores it in the queue before it is acknowledged. Nothing else happens on this path.
 * Every request gets one log line and one of the contract's answers; nothing is thrown.
 */
export async function ingest(
  source: IngestSource,
  request: CallbackRequest,
  services: IngestServices,
  requestId?: string,
): Promise<Answer> {
  const startedAt = services.now();
  const { answer, ...outcome } = await decide(source, request, services, startedAt + STORE_DEADLINE_MS);
  services.log(answer.status >= 500 ? 'error' : answer.status >= 400 ? 'warn' : 'info', 'callback', {
    source: source.name,
    status: answer.status,
    ...outcome,
    bodyBytes: request.body.length,
    sourceIp: request.sourceIp,
    durationMs: services.now() - startedAt,
    requestId,
  });
  return answer;
}

async function decide(
  source: IngestSource,
  request: CallbackRequest,
  services: IngestServices,
  deadline: number,
): Promise<Outcome> {
  if (request.method === 'GET' || request.method === 'HEAD') return { answer: ACCEPTED, verdict: 'probe' };
  if (request.method !== 'POST') return refused(405, 'method_not_allowed', { allow: 'GET, HEAD, POST' });
  if (request.body.length > LARGEST_BODY_BYTES) return refused(413, 'body_too_large');
  if (request.body.length === 0) return refused(400, 'empty_body');

  const verification = await verifyWithLiveSecrets(source.verify, request, services.secrets);
  if ('cause' in verification) return unavailable('secrets_unavailable', verification.cause);
  if (!verification.ok) {
    return refused(verification.reason === 'unreadable_credentials' ? 400 : 401, verification.reason);
  }

  const { appId, keyIndex } = verification;
  const message = encodeEnvelope(envelopeOf(source.name, request, verification));
  if (message.length > LARGEST_MESSAGE_BYTES) return { ...refused(413, 'message_too_large'), appId };
  const sent = await services.send(message, appId, deadline);
  if (!sent.ok) return { ...unavailable('queue_unavailable', sent.reason), appId };
  return { answer: ACCEPTED, verdict: 'accepted', appId, keyIndex, messageId: sent.messageId };
}

/** A mismatch may mean that the secret was rotated: then the secrets are read again and the callback with them. */
async function verifyWithLiveSecrets(
  verify: Verify,
  request: CallbackRequest,
  store: SecretStore,
): Promise<Verification | { cause: string }> {
  const current = await store.current();
  if (!current.ok) return { cause: current.reason };
  const first = verify(request, current.secrets);
  if (first.ok || (first.reason !== 'wrong_signature' && first.reason !== 'unknown_app')) return first;
  const renewed = await store.afterMismatch();
  return renewed?.ok ? verify(request, renewed.secrets) : first;
}

const ACCEPTED: Answer = { status: 200, body: { code: 0 } };

function refused(status: number, reason: string, headers: Record<string, string> = {}): Outcome {
  return { answer: { status, body: { code: status, reason }, headers }, verdict: 'refused', reason };
}

function unavailable(reason: string, cause: string): Outcome {
  return { answer: { status: 503, body: { code: 503, reason } }, verdict: 'unavailable', reason, cause };
}
