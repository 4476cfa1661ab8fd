import type {
  AppSecrets,
  CallbackRequest,
  RefusalReason,
  Verification,
  Verify,
} from '../callback/callback.ts';
import type { CachedParameter } from '../platform/aws/cached-parameter.ts';
import type { Answer } from '../platform/http.ts';
import type { LineMetrics, Log, LogLevel } from '../platform/log.ts';
import { envelopeOf, unverifiedEnvelopeOf } from '../queue/envelope.ts';
import { LARGEST_BODY_BYTES } from '../queue/packed-body.ts';
import type { StoreEnvelope } from '../queue/store.ts';
import { checkPathSegment } from './path-segment.ts';
import type { IngestSettings } from './settings.ts';

/** What the ack path needs of the outside world. */
export interface IngestServices {
  /** The live secrets of the source's vendor. */
  secrets: CachedParameter<{ ok: true; secrets: AppSecrets }>;
  store: StoreEnvelope;
  settings: IngestSettings;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}

/** One callback source as the ack path sees it: its name, and how its signature is checked. */
export interface IngestSource {
  name: string;
  verify: Verify;
}

/** The ids that link a log line with the other records of the invocation. */
export interface InvocationIds {
  requestId?: string | undefined;
  /** Of X-Ray, where it records the invocation. */
  traceId?: string | undefined;
}

/** What became of a callback, for the answer and for the log line. */
interface Outcome {
  answer: Answer;
  verdict: 'accepted' | 'shadowed' | 'refused' | 'unavailable' | 'probe';
  reason?: string;
  /** What the store said; for the log only. */
  cause?: string;
  appId?: string;
  /** The app that a refused request names; nothing proves it. */
  claimedAppId?: string | undefined;
  keyIndex?: number;
  messageId?: string;
  /** Whether it waits in the table, because the queue was out. */
  spilled?: boolean;
}

/** The time to the answer, and by its sample count how many requests were received, verified and refused. */
export const METRICS: LineMetrics = {
  dimensions: [
    ['source', 'verdict'],
    ['source', 'reason'],
  ],
  metrics: [{ name: 'ackMs', unit: 'Milliseconds' }],
};

/**
 * Verifies a callback and stores it before it is acknowledged. Nothing else happens on this path.
 * Every request gets one log line and one of the contract's answers; nothing is thrown.
 */
export async function ingest(
  source: IngestSource,
  request: CallbackRequest,
  services: IngestServices,
  ids: InvocationIds = {},
): Promise<Answer> {
  const startedAt = services.now();
  const { answer, ...outcome } = await decide(source, request, services, startedAt);
  const line = {
    source: source.name,
    status: answer.status,
    ...outcome,
    bodyBytes: request.body.length,
    sourceIp: request.sourceIp,
    ackMs: services.now() - startedAt,
    ...ids,
  };
  services.log(levelOf(answer.status, outcome), 'callback', line, METRICS);
  return answer;
}

async function decide(
  source: IngestSource,
  request: CallbackRequest,
  services: IngestServices,
  startedAt: number,
): Promise<Outcome> {
  if (request.method === 'GET' || request.method === 'HEAD') return { answer: ACCEPTED, verdict: 'probe' };
  if (request.method !== 'POST') return refused(405, 'method_not_allowed', { allow: 'GET, HEAD, POST' });
  if (request.body.length > LARGEST_BODY_BYTES) return refused(413, 'body_too_large');
  if (request.body.length === 0) return refused(400, 'empty_body');

  const verification = await verifyWithLiveSecrets(source.verify, request, services);
  if ('cause' in verification) return unavailable('secrets_unavailable', verification.cause);
  if (!verification.ok) {
    const { reason, claimedAppId } = verification;
    if (services.settings.verificationMode === 'enforce')
      return { ...refused(statusOf(reason), reason), claimedAppId };
    const stored = await services.store(unverifiedEnvelopeOf(source.name, request, reason), startedAt);
    if (!stored.ok) return unavailable('stores_unavailable', stored.cause);
    const { ok: _, ...details } = stored;
    return { answer: ACCEPTED, verdict: 'shadowed', reason, claimedAppId, ...details };
  }

  const { appId, keyIndex } = verification;
  const stored = await services.store(envelopeOf(source.name, request, verification), startedAt);
  if (!stored.ok) return { ...unavailable('stores_unavailable', stored.cause), appId };
  const { ok: _, ...details } = stored;
  return { answer: ACCEPTED, verdict: 'accepted', appId, keyIndex, ...details };
}

/** What a secret that was rotated, or an app that was added, looks like until the secrets are read again. */
const MAY_BE_ROTATED: readonly RefusalReason[] = ['wrong_signature', 'unknown_app', 'wrong_path_segment'];

async function verifyWithLiveSecrets(
  verify: Verify,
  request: CallbackRequest,
  { secrets: store, settings }: IngestServices,
): Promise<Verification | { cause: string }> {
  if (settings.isInAllowedNetwork?.(request.sourceIp) === false) {
    return { ok: false, reason: 'network_not_allowed' };
  }
  const checkSignature = verify(request);
  if (typeof checkSignature !== 'function') return checkSignature;
  if (settings.requirePathSegment && request.pathSegment === undefined) {
    return { ok: false, reason: 'missing_path_segment' };
  }
  const current = await store.current();
  if (!current.ok) return { cause: current.reason };
  const check = (secrets: AppSecrets) => checkPathSegment(checkSignature(secrets), request, secrets);
  const first = check(current.secrets);
  if (first.ok || !MAY_BE_ROTATED.includes(first.reason)) return first;
  const renewed = await store.afterMismatch();
  return renewed?.ok ? check(renewed.secrets) : first;
}

const ACCEPTED: Answer = { status: 200, body: { code: 0 } };

function statusOf(reason: RefusalReason): 400 | 401 {
  return reason === 'unreadable_credentials' ? 400 : 401;
}

function refused(status: number, reason: string, headers: Record<string, string> = {}): Outcome {
  return { answer: { status, body: { code: status, reason }, headers }, verdict: 'refused', reason };
}

function unavailable(reason: string, cause: string): Outcome {
  return { answer: { status: 503, body: { code: 503, reason } }, verdict: 'unavailable', reason, cause };
}

function levelOf(status: number, { verdict, spilled }: Omit<Outcome, 'answer'>): LogLevel {
  if (status >= 500) return 'error';
  return status >= 400 || verdict === 'shadowed' || spilled === true ? 'warn' : 'info';
}
