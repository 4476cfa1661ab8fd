import type { ConsolePlace, CredentialNames } from '../common/console.ts';

/** One URL for every event group. Without a key TRTC does not sign. */
export const tencentPlaces: readonly ConsolePlace[] = [
  {
    source: 'tencent',
    name: 'every event group',
    where: 'TRTC console → application → callback configuration: URL and key',
    secret: 'callback key, which you choose there (not the SDKSecretKey)',
  },
];

/** What makes a pair of SdkAppId and callback key look wrong; `undefined` when nothing does. */
export function tencentSecretOddity(appId: string, secret: string): string | undefined {
  if (!/^\d+$/.test(appId)) return 'the app id is no SdkAppId, which is a number';
  if (!/^[A-Za-z0-9]{1,32}$/.test(secret)) return 'callback keys are at most 32 letters and digits';
  return undefined;
}

export const tencentCredentialNames: CredentialNames = {
  sdkappid: ['x-sdkappid'],
  sign: ['x-sign'],
};
