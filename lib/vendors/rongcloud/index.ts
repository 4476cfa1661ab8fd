import type { SourceDefinition, VendorDefinition } from '../common/vendor.ts';
import { rongcloudCredential } from './credential.ts';
import { rongcloudEventNames } from './event-names.ts';
import { RETENTION_MS } from './media.ts';
import { rongcloudParser, type ServiceId, sourceOf } from './parse.ts';
import { verifyRongcloud } from './verify.ts';

/** App Keys are thirteen lower-case letters and digits; App Secrets are not. */
const APP_KEY = /^[a-z0-9]{13}$/;

export const rongcloud: VendorDefinition = {
  name: 'rongcloud',
  verify: verifyRongcloud,
  credential: rongcloudCredential,
  sources: [
    service('recording', 'Cloud Recording', 'cloud recording'),
    service('screenshot', 'Cloud Screenshot', 'cloud screenshot'),
    service('room', 'Room Status Update', 'room status'),
    service('cdn', 'CDN Live Streaming', 'CDN live streaming'),
    service('player', 'Cloud Player', 'cloud player'),
    service('moderation', 'Content Moderation', 'content moderation'),
  ],
  eventNames: rongcloudEventNames,
  settings: {
    uploadMissingMinutes: 60,
    taskSilentHours: 24,
    screenshotMissingMinutes: 30,
    purgeNearHours: 6,
    appSilentHours: 24,
    timestampWindowHours: 24,
  },
  retentionMs: RETENTION_MS,
  secret: { name: 'App Secret (not the App Key)', oddityOf },
  credentialNames: {
    'rc-app-key': ['x-app-key', 'app-key', 'app_key', 'appkey'],
    'rc-nonce': ['x-nonce', 'nonce'],
    'rc-timestamp': ['x-timestamp', 'timestamp', 'signtimestamp'],
    'rc-signature': ['x-signature', 'signature'],
  },
};

/** Each service has a callback URL of its own; a change takes up to 15 minutes. */
function service(id: ServiceId, name: string, description: string): SourceDefinition {
  return {
    name: sourceOf(id),
    path: `/callbacks/rongcloud/${id}`,
    parse: rongcloudParser(id),
    description: `RongCloud ${description} callbacks`,
    console: { name, where: `Console → ${name} → callback URL` },
  };
}

function oddityOf(appKey: string, secret: string): string | undefined {
  if (!APP_KEY.test(secret)) return undefined;
  return APP_KEY.test(appKey)
    ? 'it looks like an App Key: the App Secret signs'
    : 'App Key and App Secret look exchanged';
}
