import type { ParsedCallback, Vendor } from '../lib/callback/callback.ts';
import { SOURCES as KNOWN_SOURCES } from '../lib/vendors/index.ts';
import { bytesOf, type RawBody } from './body.ts';

export type { CallbackEvent, ParsedCallback, Vendor } from '../lib/callback/callback.ts';
export type { Observation } from '../lib/callback/observation.ts';
export type { RawBody };

/**
 * A callback that has verified.
 *
 * @example
 * const { appId, timestamp } = result; // of verifyCallback
 * const callback: CallbackToParse = { source: 'zego', body, appId, signedAt: timestamp };
 */
export interface CallbackToParse {
  /** The source by whose URL it came: a `name` of `SOURCES`. */
  source: string;
  body: RawBody;
  /** The app that `verifyCallback` found. */
  appId: string;
  /** When it was received, Unix time in ms; now when absent. No time that it claims is much later. */
  receivedAt?: number | undefined;
  /** The `timestamp` that `verifyCallback` found: stands in where the body has no plausible time. */
  signedAt?: string | undefined;
}

/**
 * A URL that a vendor calls.
 *
 * @example
 * const source: CallbackSource = { name: 'tencent', vendor: 'tencent', path: '/callbacks/tencent' };
 */
export interface CallbackSource {
  /** Such as `rongcloud-recording`. */
  name: string;
  vendor: Vendor;
  /** The path where rtc-callbacks receives it, such as `/callbacks/rongcloud/recording`. */
  path: string;
}

/**
 * Every URL that the vendors call, each once.
 *
 * @example
 * import { SOURCES } from 'rtc-callbacks/parse';
 *
 * const source = SOURCES.find(({ path }) => path === '/callbacks/tencent');
 * console.log(source?.vendor); // 'tencent'
 */
export const SOURCES: readonly CallbackSource[] = [...KNOWN_SOURCES.values()].map(
  ({ name, vendor, path }) => ({ name, vendor, path }),
);

/**
 * Parses a verified callback into its event and the observations that it makes of tasks, files and rooms; else says why
 * it cannot. Pure, apart from the clock when `receivedAt` is absent. Throws a `TypeError` only for a body that is no
 * bytes.
 *
 * @example
 * import { parseCallback } from 'rtc-callbacks/parse';
 *
 * const parsed = parseCallback({ source: 'rongcloud-recording', body, appId: 'e0x9wycfx7flq' });
 * if (!parsed.ok) console.log(parsed.reason); // 'missing_task_id': keep the body, and look at it
 * else
 *   for (const observation of parsed.observations)
 *     if (observation.entity === 'file' && observation.facet === 'upload')
 *       console.log(observation.name, observation.value.status, observation.value.url);
 */
export function parseCallback({
  source,
  body,
  appId,
  receivedAt = Date.now(),
  signedAt,
}: CallbackToParse): ParsedCallback {
  const bytes = bytesOf(body);
  const known = KNOWN_SOURCES.get(source);
  if (known === undefined) return { ok: false, reason: 'unknown_source' };
  return known.parse(bytes, { source, appId, receivedAt, signedAt });
}
