import type { VendorDefinition } from '../common/vendor.ts';
import { tencentEventNames } from './event-names.ts';
import { parseTencent } from './parse.ts';
import { tencentStorage } from './storage.ts';
import { verifyTencent } from './verify.ts';

export const tencent: VendorDefinition = {
  name: 'tencent',
  verify: verifyTencent,
  sources: [
    {
      name: 'tencent',
      path: '/callbacks/tencent',
      parse: parseTencent,
      description: 'Tencent TRTC callbacks of every event group',
      console: {
        name: 'every event group',
        where: 'TRTC console → application → callback configuration: URL and key',
      },
    },
  ],
  eventNames: tencentEventNames,
  settings: {
    uploadMissingMinutes: 60,
    taskSilentHours: 24,
    // Screenshots come without a start.
    screenshotMissingMinutes: null,
    purgeNearHours: null,
    appSilentHours: 24,
    // The whole body is signed.
    timestampWindowHours: null,
  },
  retentionMs: null,
  storage: tencentStorage,
  // Without a key TRTC does not sign.
  secret: { name: 'callback key, which you choose there (not the SDKSecretKey)', oddityOf },
  credentialNames: { sdkappid: ['x-sdkappid'], sign: ['x-sign'] },
};

function oddityOf(appId: string, key: string): string | undefined {
  if (!/^\d+$/.test(appId)) return 'the app id is no SdkAppId, which is a number';
  if (!/^[A-Za-z0-9]{1,32}$/.test(key)) return 'callback keys are at most 32 letters and digits';
  return undefined;
}
