import type { Vendor, Verify } from '../callback/callback.ts';
import { verifyRongcloud } from './rongcloud/verify.ts';
import { verifyTencent } from './tencent/verify.ts';
import { verifyZego } from './zego/verify.ts';

/** Each vendor's signature check; all sources of a vendor sign alike. */
export const VERIFIERS: Readonly<Record<Vendor, Verify>> = {
  rongcloud: verifyRongcloud,
  tencent: verifyTencent,
  zego: verifyZego,
};
