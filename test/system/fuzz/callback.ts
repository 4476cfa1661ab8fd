import type { Vendor } from '../../../lib/callback/callback.ts';
import type { JsonObject } from '../../../lib/platform/json.ts';
import type { Envelope } from './envelope.ts';
import type { Random } from './random.ts';
import type { LiveKey } from './secrets.ts';

/** A request to a callback route, before it becomes a gateway event. */
export interface Callback {
  /** Names in lower case. */
  headers: Record<string, string>;
  query: [name: string, value: string][];
  body: Buffer;
}

/** What a callback is made of. */
export interface Material {
  document: JsonObject;
  /** Whose secret signs it. */
  key: LiveKey;
  /** Unix time in ms at which the gateway receives it. */
  receivedAt: number;
  /** Whether credentials may be odd texts, not just such as the vendor sends. */
  mayBeOdd: boolean;
  /** The least size of the body in bytes: a smaller one is filled up with white space. */
  size?: number | undefined;
  /** Lists inside each other that the document gets as one more member; 0 for none. */
  depth: number;
}

/**
 * What must become of a request: stored as a callback of `appId`; refused; or, where damage may or may not have
 * hit what is signed, either of them.
 */
export type Expected = { outcome: 'stored'; appId: string } | { outcome: 'refused' } | { outcome: 'either' };

/** A callback and what must become of it. */
export interface ExpectedCallback {
  callback: Callback;
  expected: Expected;
}

/** How a vendor signs, written down a second time so that it does not follow the code under test. */
export interface VendorFuzz {
  vendor: Vendor;
  /** Whether every byte of the body is signed. */
  signsBody: boolean;
  /** The statuses of what does not verify. */
  refusals: readonly number[];
  /** A callback that a live secret signed, in any of the vendor's forms. */
  genuine(random: Random, material: Material): ExpectedCallback;
  /** A callback that no live secret signed as it is; everything else about it is right. */
  forged(random: Random, material: Material): Callback;
  /** A callback whose body was changed after it was signed. */
  damaged(random: Random, material: Material, damage: (body: Buffer) => Buffer): ExpectedCallback;
  /** A request by someone who knows what callbacks look like and no secret. */
  garbage(random: Random, material: Material): Callback;
  /** Whether the secret signed the callback in an envelope. */
  isSigned(envelope: Envelope, secret: string): boolean;
}
