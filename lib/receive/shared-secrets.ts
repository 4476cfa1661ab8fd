import type { AppSecrets } from '../callback/callback.ts';

/**
 * The apps of a vendor that share a secret, in groups. No vendor signs the app id, so a callback of one app of a group
 * verifies for the others, too.
 */
export function appsThatShareSecrets(secrets: AppSecrets): string[][] {
  const appsBySecret = new Map<string, string[]>();
  for (const [appId, live] of secrets)
    for (const secret of new Set(live))
      appsBySecret.set(secret, [...(appsBySecret.get(secret) ?? []), appId]);
  return [...appsBySecret.values()].filter((apps) => apps.length > 1);
}
