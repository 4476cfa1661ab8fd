import type { ConsolePlace, CredentialNames } from '../common/console.ts';

const SECRET = 'App Secret (not the App Key)';

const SERVICES = {
  'rongcloud-recording': 'Cloud Recording',
  'rongcloud-screenshot': 'Cloud Screenshot',
  'rongcloud-room': 'Room Status Update',
  'rongcloud-cdn': 'CDN Live Streaming',
  'rongcloud-player': 'Cloud Player',
  'rongcloud-moderation': 'Content Moderation',
};

/** Each service has a callback URL of its own; a change takes up to 15 minutes. */
export const rongcloudPlaces: readonly ConsolePlace[] = Object.entries(SERVICES).map(([source, name]) => ({
  source,
  name,
  where: `Console → ${name} → callback URL`,
  secret: SECRET,
}));

/** App Keys are thirteen lower-case letters and digits; App Secrets are not. */
const APP_KEY = /^[a-z0-9]{13}$/;

/** What makes a pair of App Key and App Secret look wrong; `undefined` when nothing does. */
export function rongcloudSecretOddity(appId: string, secret: string): string | undefined {
  if (!APP_KEY.test(secret)) return undefined;
  return APP_KEY.test(appId)
    ? 'it looks like an App Key: the App Secret signs'
    : 'App Key and App Secret look exchanged';
}

export const rongcloudCredentialNames: CredentialNames = {
  'rc-app-key': ['x-app-key', 'app-key', 'app_key', 'appkey'],
  'rc-nonce': ['x-nonce', 'nonce'],
  'rc-timestamp': ['x-timestamp', 'timestamp', 'signtimestamp'],
  'rc-signature': ['x-signature', 'signature'],
};
