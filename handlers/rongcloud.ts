import { createIngestHandler } from '../lib/receive/handler.ts';
import { verifyRongcloud } from '../lib/vendors/rongcloud/verify.ts';

/** Verifies a callback of the source that the variable `SOURCE` names, and stores it in the queue. */
export const handler = createIngestHandler('rongcloud', verifyRongcloud);
