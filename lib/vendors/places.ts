import type { Vendor } from '../callback/callback.ts';
import type { ConsolePlace, CredentialNames } from './common/console.ts';
import { rongcloudCredentialNames, rongcloudPlaces, rongcloudSecretOddity } from './rongcloud/console.ts';
import { tencentCredentialNames, tencentPlaces, tencentSecretOddity } from './tencent/console.ts';
import { zegoPlaces, zegoSecretOddity } from './zego/console.ts';

/** Where the callback URL of each source is pasted. */
export const CONSOLE_PLACES: readonly ConsolePlace[] = [...rongcloudPlaces, ...tencentPlaces, ...zegoPlaces];

/** What makes an app id with its secret look unlike what a vendor's console gives; `undefined` when nothing does. */
export const SECRET_ODDITIES: Readonly<
  Record<Vendor, (appId: string, secret: string) => string | undefined>
> = {
  rongcloud: rongcloudSecretOddity,
  tencent: tencentSecretOddity,
  zego: zegoSecretOddity,
};

/** Where else the credentials may be that a vendor puts into headers; ZEGOCLOUD's are in the body. */
export const CREDENTIAL_NAMES: Readonly<Record<Vendor, CredentialNames>> = {
  rongcloud: rongcloudCredentialNames,
  tencent: tencentCredentialNames,
  zego: {},
};
