import type { Vendor } from '../../callback/callback.ts';
import type { JsonObject } from '../../platform/json.ts';

/** What a vendor signs a sample with. */
export interface SampleCredentials {
  appId: string;
  secret: string;
  /** Unix time in ms. */
  now: number;
  nonce: string;
}

/** A callback as it goes over the wire. */
export interface SignedCallback {
  headers: Record<string, string>;
  body: Buffer;
}

/** The samples of a vendor. */
export interface VendorSamples {
  /** The secrets of its published samples by app id, newest first. */
  secrets: Record<string, string[]>;
  /** Of every source. */
  sources: readonly SourceSamples[];
}

/** A source with its samples, for fixtures, the sample sender and tests. */
export interface SampleSource extends SourceSamples {
  vendor: Vendor;
  /** The route, from the root of the API. */
  path: string;
}

/** The sample callbacks of one source. */
export interface SourceSamples {
  /** The name of the source. */
  name: string;
  /** The app id of the vendor's own samples. */
  appId: string;
  /** Unsigned bodies by event name; `now` is Unix time in ms. The first is the usual one. */
  events: Readonly<Record<string, (appId: string, now: number) => JsonObject>>;
  /** Other forms in which the vendor may send the same signed callback, by name. */
  variants?: Readonly<Record<string, (callback: SignedCallback) => SignedCallback>>;
  /** Signs a body the way the vendor does. */
  sign(body: JsonObject, credentials: SampleCredentials): SignedCallback;
}
