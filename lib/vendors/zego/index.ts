import type { VendorDefinition } from '../common/vendor.ts';
import { zegoCredential } from './credential.ts';
import { zegoEventNames } from './event-names.ts';
import { parseZego } from './parse.ts';
import { RETENTION_MS } from './recording.ts';
import { verifyZego } from './verify.ts';

export const zego: VendorDefinition = {
  name: 'zego',
  verify: verifyZego,
  credential: zegoCredential,
  // Both routes take every family of callbacks.
  sources: [
    {
      name: 'zego',
      path: '/callbacks/zego',
      parse: parseZego,
      description: 'ZEGOCLOUD callbacks',
      console: {
        name: 'RTC callbacks, Cloud Player',
        where: 'Console → project → callbacks; the on-demand screenshot by technical support',
      },
    },
    {
      name: 'zego-recording',
      path: '/callbacks/zego/recording',
      parse: parseZego,
      description: 'ZEGOCLOUD cloud recording callbacks',
      console: {
        name: 'Cloud Recording',
        where: 'when the service is enabled, or per task in StartRecord',
      },
    },
  ],
  eventNames: zegoEventNames,
  settings: {
    uploadMissingMinutes: 60,
    taskSilentHours: 24,
    // Screenshots come without a start.
    screenshotMissingMinutes: null,
    purgeNearHours: 12,
    appSilentHours: 24,
    timestampWindowHours: 24,
  },
  retentionMs: RETENTION_MS,
  secret: {
    name: 'CallbackSecret (not the ServerSecret)',
    oddityOf: (appId) => (/^\d+$/.test(appId) ? undefined : 'the app id is no AppID, which is a number'),
  },
  credentialNames: {},
};
