import type { Vendor, Verify } from '../callback.ts';
import { verifyRongcloud } from './rongcloud/signature.ts';
import { verifyTencent } from './tencent/signature.ts';
import { verifyZego } from './zego/signature.ts';

/** Each vendor's signature check; all sources of a vendor sign alike. */
export const VERIFIERS: Readonly<Record<Vendor, Verify>> = {
  rongcloud: verifyRongcloud,
  tencent: verifyTencent,
  zego: verifyZego,
};
