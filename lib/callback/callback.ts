import type { Vendor } from '../../types/index.d.ts';
import type { GatewayRequest } from '../platform/http.ts';
import type { Json } from '../platform/json.ts';
import type { Observation, TaskKind } from './observation.ts';

export type { Vendor };

/** The HTTP request that carries a callback. */
export type CallbackRequest = GatewayRequest;

/** The parts of a request that may carry a vendor's credentials. */
export type SignedParts = Pick<CallbackRequest, 'headers' | 'query' | 'body'>;

/** The live secrets of one vendor: app id to secrets, newest first. A `Map`, so that no app id is special. */
export type AppSecrets = ReadonlyMap<string, readonly string[]>;

/**
 * How much a verified signature vouches for: `body` covers every byte of the callback, `credential` covers
 * only a nonce and a timestamp, so that the headers of a captured request could carry another body.
 */
export type Strength = 'body' | 'credential';

/** Why a callback was refused. `unreadable_credentials` is answered with 400, the others with 401. */
export type RefusalReason =
  | 'unreadable_credentials'
  | 'missing_app_id'
  | 'missing_signature'
  | 'malformed_signature'
  | 'unknown_app'
  | 'wrong_signature'
  | 'network_not_allowed'
  | 'missing_path_segment'
  | 'wrong_path_segment';

/** The outcome of a signature check. Expected failures are values; `verify` never throws. */
export type Verification = Verified | Refused;

/** A callback that does not verify. */
export interface Refused {
  ok: false;
  reason: RefusalReason;
  /** The app that the request names, at most `LONGEST_CLAIM` characters of it. Nothing proves that it is true. */
  claimedAppId?: string;
}

/**
 * A callback whose signature was made with a live secret of `appId`.
 *
 * @example
 * { ok: true, appId: '12345', keyIndex: 0, strength: 'credential', signature: '5bd5…', timestamp: '1470820198', nonce: '123412' }
 */
export interface Verified {
  ok: true;
  appId: string;
  /** Position of the verifying secret among the app's secrets; 0 is the newest. */
  keyIndex: number;
  strength: Strength;
  /** The signature exactly as received. */
  signature: string;
  /** The signed timestamp exactly as received; only where `strength` is `credential`. */
  timestamp?: string;
  /** The signed nonce exactly as received; only where `strength` is `credential`. */
  nonce?: string;
}

/** Compares the credentials of one request with those that a vendor's live secrets make. Pure; never throws. */
export type CheckSignature = (secrets: AppSecrets) => Verification;

/**
 * Reads the credentials of a request, once; what has none or malformed ones is refused before any secret is needed.
 * Pure; never throws.
 */
export type Verify = (request: SignedParts) => CheckSignature | Refused;

/**
 * A raw callback as an event of a task or of a room, for the history.
 *
 * @example
 * { type: 'recording 4', at: 1767312000000, taskId: '8329208b99410743', roomId: 'maths', kind: 'recording', identity: { … } }
 */
export interface CallbackEvent {
  /** The vendor's own name or number of the event, for people: `recording 4`, `6/601`, `snapshot`. */
  type: string;
  /** The source that it belongs to, where it came by the URL of another one. */
  belongsTo?: string | undefined;
  /** Unix time in ms at which the vendor says it happened; absent when the callback does not say. */
  at?: number | undefined;
  taskId?: string | undefined;
  roomId?: string | undefined;
  /** What its task is; known even when the event says nothing of the task's state. */
  kind?: TaskKind | undefined;
  /** The callback without the fields that a retry of the same event may change. */
  identity: Json;
}

/** Why a verified callback may be a replay or a forgery. Only `quarantine accept` applies such a callback. */
export const FORGERY_REASONS = ['malformed_timestamp', 'stale', 'too_old_to_check', 'nonce_reused'] as const;

export type ForgeryReason = (typeof FORGERY_REASONS)[number];

/** Why a verified callback cannot be applied and goes to the quarantine queue instead. */
export type QuarantineReason =
  | ForgeryReason
  | 'unreadable_envelope'
  | 'unknown_source'
  | 'unreadable_body'
  | 'missing_task_id'
  | 'missing_room_id'
  | 'missing_file_name'
  | 'unreadable_file_list'
  | 'no_task_or_room'
  | 'no_history'
  | 'app_mismatch'
  | 'not_storable'
  | 'unverified';

/** What a callback says of tasks, files and rooms, or why it says nothing that can be applied. */
export type Observed = Observation[] | QuarantineReason;

/**
 * A parsed callback: what happened, and what it says of tasks, files and rooms.
 *
 * @example
 * if (parsed.ok) console.log(parsed.event.type, parsed.observations);
 * else console.log(parsed.reason); // 'missing_task_id'
 */
export type ParsedCallback =
  | { ok: true; event: CallbackEvent; observations: Observation[] }
  | { ok: false; reason: QuarantineReason };

/** What a parser may know besides the body. */
export interface ParseContext {
  /** The app whose secret verified the callback. */
  appId: string;
  /** When the callback was received, Unix time in ms: no time that it claims is much later. */
  receivedAt: number;
  /**
   * The signed timestamp as received, in seconds or ms: stands in where the callback claims no plausible time, and
   * stays the same when a retry is not signed again.
   */
  signedAt?: string | undefined;
  /** The source by whose URL it came. */
  source?: string | undefined;
}

/** Turns a verified raw body into an event and observations. Pure; never throws. */
export type Parse = (body: Buffer, context: ParseContext) => ParsedCallback;

/** One callback source of a vendor as the consumer sees it. */
export interface Source {
  vendor: Vendor;
  parse: Parse;
  /** How its credentials are read; absent where the vendor signs the body. */
  credential?: CredentialForm | undefined;
}

/**
 * The form of a credential. A vendor that hashes nonce and timestamp without a separator signs every way of splitting
 * the same characters.
 */
export interface CredentialForm {
  /** Whether a signed timestamp has the one form that the vendor's page gives for this callback. */
  isTimestamp(timestamp: string, body: Buffer): boolean;
  /** The timestamps of this form that other splits of the hashed string may contain. */
  otherTimestamps(nonce: string, timestamp: string): string[];
}
