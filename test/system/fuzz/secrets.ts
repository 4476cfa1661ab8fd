import type { Vendor } from '../../../lib/callback/callback.ts';
import { VENDOR_NAMES } from '../../../lib/vendors/facts.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import type { Random } from './random.ts';

/** An app and one of its live secrets. */
export interface LiveKey {
  appId: string;
  secret: string;
}

/** App ids beside those of the samples: some that trip over JavaScript, SQS, DynamoDB or a double. */
const ODD_APP_IDS = ['__proto__', 'constructor', '12345678901234567890', 'app#1%20/é录', 'a'.repeat(300)];

/** Every secret of every app of a vendor. Each app has a new and an old one; no two are the same. */
export const LIVE_KEYS: Readonly<Record<Vendor, readonly LiveKey[]>> = Object.fromEntries(
  VENDOR_NAMES.map((vendor) => [
    vendor,
    appIdsOf(vendor).flatMap((appId, index) => keysOf(vendor, appId, index)),
  ]),
) as Record<Vendor, LiveKey[]>;

/** The same secrets in the form of `CALLBACK_SECRETS`. */
export function callbackSecrets(): string {
  const apps = (vendor: Vendor) => Map.groupBy(LIVE_KEYS[vendor], ({ appId }) => appId);
  const secrets = (keys: readonly LiveKey[]) => keys.map(({ secret }) => secret);
  const vendors = VENDOR_NAMES.map((vendor) => {
    const entries = [...apps(vendor)].map(([appId, keys]) => [appId, secrets(keys)]);
    return [vendor, Object.fromEntries(entries)];
  });
  return JSON.stringify(Object.fromEntries(vendors));
}

/** A live secret: mostly of an app that samples are of. */
export function anyKey(random: Random, vendor: Vendor): LiveKey {
  const keys = LIVE_KEYS[vendor];
  const ordinary = keys.length - 2 * ODD_APP_IDS.length;
  return random.chance(0.8) ? (keys[random.below(ordinary)] as LiveKey) : random.pick(keys);
}

/** A live secret of any other app. */
export function foreignKey(random: Random, vendor: Vendor, { appId }: LiveKey): LiveKey {
  return random.pick(LIVE_KEYS[vendor].filter((key) => key.appId !== appId));
}

function appIdsOf(vendor: Vendor): string[] {
  const samples = SAMPLE_SOURCES.filter((source) => source.vendor === vendor);
  return [...new Set(samples.map(({ appId }) => appId)), ...ODD_APP_IDS];
}

function keysOf(vendor: Vendor, appId: string, index: number): LiveKey[] {
  return ['new', 'old'].map((age) => ({ appId, secret: `${vendor}-secret-${index}-${age}` }));
}

/** The secret that change events are signed with, and the token that readers of the page know. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('the secret of the fuzzer').toString('base64')}`;
export const PAGE_TOKEN = 'the-token-that-readers-of-the-page-know';
