import { createIngestHandler } from '../lib/receive/handler.ts';
import { verifyRongcloud } from '../lib/vendors/rongcloud/verify.ts';

/** Verifies a callback and stores it in the queue. */
export const handler = createIngestHandler({
  name: 'rongcloud-moderation',
  vendor: 'rongcloud',
  verify: verifyRongcloud,
});
