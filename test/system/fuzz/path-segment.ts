import { createHmac } from 'node:crypto';
import type { Vendor } from '../../../lib/callback/callback.ts';
import { anyText } from './odd-values.ts';
import type { Random } from './random.ts';
import { foreignKey, LIVE_KEYS, type LiveKey } from './secrets.ts';

/** The unguessable end of a callback URL, written down a second time. */
function segmentOf({ appId, secret }: LiveKey): string {
  const hash = createHmac('sha256', secret)
    .update(`rtc-callbacks path segment of ${appId}`)
    .digest('base64url');
  return hash.slice(0, 22);
}

/** A segment of the app that a callback is of: any of its live secrets makes one. */
export function rightSegment(random: Random, vendor: Vendor, { appId }: LiveKey): string {
  return segmentOf(random.pick(LIVE_KEYS[vendor].filter((key) => key.appId === appId)));
}

/** A segment that is not of the app. */
export function wrongSegment(random: Random, vendor: Vendor, key: LiveKey): string {
  const right = segmentOf(key);
  return random.pick([
    () => segmentOf(foreignKey(random, vendor, key)),
    () => segmentOf({ appId: key.appId, secret: '' }),
    () => right.slice(0, random.below(21) + 1),
    () => `${right}A`,
    () => `${right.slice(0, -1)}*`,
    () => `x${anyText(random).toWellFormed()}`,
  ])();
}
