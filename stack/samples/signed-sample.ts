import { isObject, type Json, type JsonObject } from '../../lib/platform/json.ts';
import type { SampleSource, SignedCallback } from '../../lib/vendors/common/sample.ts';

/** What can be wrong with a sample. */
export type Flaw = 'signature' | 'body' | 'stale';

/** A stale sample is signed with a timestamp of three days ago. */
const STALE_BY_MS = 3 * 24 * 60 * 60_000;

/** Secrets by vendor and app id, newest first: the form of `CALLBACK_SECRETS`. */
export type SecretsByVendor = Readonly<Record<string, Record<string, string[]>>>;

/** How a sample differs from the usual one. */
export interface SampleOptions {
  /** Unix time in ms at which it is signed, unless it is stale. */
  now: number;
  /** Unix time in ms at which the event happened; `now` when absent. */
  happenedAt?: number;
  nonce: string;
  /** The app to send as; by default the vendor's sample app, else the first one there is a secret for. */
  app?: string | undefined;
  /** Values to put into the body, by path (`output.fileName`). */
  set?: ReadonlyMap<string, Json>;
  flaw?: Flaw | undefined;
}

/** A sample that was built, or what is wrong with the request for it. */
export type SampleResult =
  | { ok: true; callback: SignedCallback; appId: string }
  | { ok: false; reason: string };

/** Builds one signed sample callback the way its vendor does. */
export function signedSample(
  source: SampleSource,
  eventName: string,
  secrets: SecretsByVendor,
  options: SampleOptions,
): SampleResult {
  const event = source.events[eventName];
  if (event === undefined) {
    return {
      ok: false,
      reason: `${source.name} has no event "${eventName}"; it has ${Object.keys(source.events).join(', ')}`,
    };
  }
  const appId = options.app ?? sampleAppId(source, secrets);
  const secret = secrets[source.vendor]?.[appId]?.[0];
  if (secret === undefined)
    return { ok: false, reason: `there is no secret for app ${appId} of ${source.vendor}` };

  const body = withValues(event(appId, options.happenedAt ?? options.now), options.set ?? new Map());
  const signedAt = options.flaw === 'stale' ? options.now - STALE_BY_MS : options.now;
  const key = options.flaw === 'signature' ? `not-${secret}` : secret;
  const callback = source.sign(body, { appId, secret: key, now: signedAt, nonce: options.nonce });
  return { ok: true, appId, callback: options.flaw === 'body' ? cutShort(callback) : callback };
}

/** The app that samples are sent as: the vendor's sample app, else the first one there is a secret for. */
export function sampleAppId(source: SampleSource, secrets: SecretsByVendor): string {
  const apps = secrets[source.vendor] ?? {};
  return apps[source.appId] ? source.appId : (Object.keys(apps)[0] ?? source.appId);
}

/** The body damaged after signing: its last character is missing. */
function cutShort({ headers, body }: SignedCallback): SignedCallback {
  return { headers, body: body.subarray(0, -1) };
}

/** A copy of `body` with the value of each path replaced; objects on the way are made where they are missing. */
function withValues(body: JsonObject, values: ReadonlyMap<string, Json>): JsonObject {
  const copy = structuredClone(body);
  for (const [path, value] of values) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let target = copy;
    for (const name of names) {
      const inner = target[name];
      if (isObject(inner) || Array.isArray(inner)) target = inner as JsonObject;
      else target = target[name] = {};
    }
    target[last] = value;
  }
  return copy;
}
