import type { RefusalReason, Vendor, Verified } from '../lib/callback/callback.ts';
import { verifyWith } from '../lib/callback/verification.ts';
import { timestampFlaw } from '../lib/consume/freshness.ts';
import { secretsOf } from '../lib/receive/secrets.ts';
import type { VendorDefinition } from '../lib/vendors/common/vendor.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import { bytesOf, type RawBody } from './body.ts';

export type { RawBody, Vendor, Verified };

/**
 * Headers or parameters of a query by their names. Values that are strings, or lists of strings, count.
 *
 * @example
 * const headers: RequestFields = request.headers; // of node:http, Express, Fastify and the Fetch API
 * const query: RequestFields = new URL(request.url, 'http://localhost').searchParams;
 */
export type RequestFields = Readonly<Record<string, unknown>> | Iterable<readonly [string, string]>;

/**
 * The live secrets of one vendor: app id to secrets, newest first. While a secret is rotated, an app has two.
 *
 * @example
 * const secrets: Secrets = { '1400000000': ['the new key', 'the old key'] };
 */
export type Secrets = Readonly<Record<string, readonly string[]>> | ReadonlyMap<string, readonly string[]>;

/**
 * The HTTP request that carries a callback, and the secrets that may have signed it.
 *
 * @example
 * const callback: CallbackToVerify = { vendor: 'zego', headers: request.headers, body, secrets: { 12345: ['secret'] } };
 */
export interface CallbackToVerify {
  vendor: Vendor;
  /** `POST` when absent. */
  method?: string | undefined;
  /** Names in any case. */
  headers: RequestFields;
  /** Percent-decoded. RongCloud's room status callbacks have their credentials here. */
  query?: RequestFields | undefined;
  body: RawBody;
  secrets: Secrets;
  /** When the callback was received, Unix time in ms; now when absent. */
  now?: number | undefined;
}

/**
 * Why a callback is refused:
 *
 * - `unreadable_credentials`: the body, which carries the credentials, cannot be read;
 * - `missing_app_id`, `missing_signature`, `malformed_signature`: not signed, or not by this vendor;
 * - `unknown_app`: `secrets` has no such app;
 * - `wrong_signature`: signed with another secret, or changed on its way;
 * - `malformed_timestamp`, `stale`: the signed timestamp is not one of the vendor's, or over 24 hours from `now`: a
 *   replay, or a wrong clock;
 * - `empty_body`, `method_not_allowed`: no callback. Some consoles send a `GET` to try the URL: answer it with 200.
 *
 * @example
 * const status = reason === 'unreadable_credentials' || reason === 'empty_body' ? 400 : 401;
 */
export type VerifyReason =
  | Exclude<RefusalReason, 'network_not_allowed' | 'missing_path_segment' | 'wrong_path_segment'>
  | 'malformed_timestamp'
  | 'stale'
  | 'empty_body'
  | 'method_not_allowed';

/**
 * The app and the secret that signed a callback, or the reason why it is refused.
 *
 * @example
 * const result: VerificationResult = verifyCallback(callback);
 * console.log(result.ok ? result.appId : result.reason);
 */
export type VerificationResult = Verified | { ok: false; reason: VerifyReason };

/**
 * Checks the signature of a callback over the bytes as they were received. Pure, apart from the clock when `now` is
 * absent. A callback that does not verify is a result; a `TypeError` says which argument is wrong.
 *
 * TRTC signs the whole body. RongCloud and ZEGOCLOUD sign a nonce and a timestamp only (`strength` is `credential`):
 * remember `signature` and refuse a second body that comes with it.
 *
 * @example
 * import { verifyCallback } from 'rtc-callbacks/verify';
 *
 * const result = verifyCallback({
 *   vendor: 'tencent',
 *   headers: request.headers,
 *   body, // a Buffer with the bytes as received, not a parsed object
 *   secrets: { '1400000000': ['callback key'] },
 * });
 * if (result.ok) console.log(`app ${result.appId}, secret ${result.keyIndex}`);
 * else console.log(result.reason); // 'wrong_signature'
 */
export function verifyCallback({
  vendor,
  method = 'POST',
  headers,
  query = {},
  body,
  secrets,
  now = Date.now(),
}: CallbackToVerify): VerificationResult {
  const definition = definitionOf(vendor);
  const live = secretsOf(entriesOf('secrets', secrets));
  if (!live.ok) throw new TypeError(live.reason);
  const request = {
    headers: fieldsOf('headers', headers, (name) => name.toLowerCase()),
    query: fieldsOf('query', query, (name) => name),
    body: bytesOf(body),
  };
  if (method.toUpperCase() !== 'POST') return { ok: false, reason: 'method_not_allowed' };
  if (request.body.length === 0) return { ok: false, reason: 'empty_body' };
  const verification = verifyWith(definition.verify, request, live.secrets);
  if (!verification.ok) return { ok: false, reason: verification.reason as VerifyReason };
  const reason = flawOf(definition, verification, request.body, now);
  return reason === undefined ? verification : { ok: false, reason };
}

/** What the signed timestamp says against a callback whose body is not signed. */
function flawOf(
  { credential, settings }: VendorDefinition,
  { timestamp }: Verified,
  body: Buffer,
  now: number,
) {
  if (credential === undefined) return undefined;
  const windowHours = settings.timestampWindowHours ?? 0;
  const signed = { timestamp: timestamp ?? '', body, receivedAt: now };
  return timestampFlaw(credential, signed, windowHours) as 'malformed_timestamp' | 'stale' | undefined;
}

function definitionOf(vendor: Vendor): VendorDefinition {
  if (Object.hasOwn(VENDORS, vendor)) return VENDORS[vendor];
  throw new TypeError(
    `vendor must be one of ${Object.keys(VENDORS).join(', ')}, not ${JSON.stringify(vendor)}`,
  );
}

/** Each field as one text. One that came several times has its values joined by commas, as API Gateway does. */
function fieldsOf(argument: string, fields: RequestFields, nameOf: (name: string) => string) {
  const texts = new Map<string, string>();
  for (const [name, value] of entriesOf(argument, fields)) {
    const text = Array.isArray(value) ? value.join(',') : value;
    if (typeof text !== 'string') continue;
    const known = texts.get(nameOf(name));
    texts.set(nameOf(name), known === undefined ? text : `${known},${text}`);
  }
  return Object.fromEntries(texts);
}

function entriesOf(argument: string, fields: object): Iterable<readonly [string, unknown]> {
  if (typeof fields !== 'object' || fields === null)
    throw new TypeError(`${argument} must be an object or a Map`);
  return Symbol.iterator in fields
    ? (fields as Iterable<readonly [string, unknown]>)
    : Object.entries(fields);
}
