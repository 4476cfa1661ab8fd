import { createIngestHandler } from '../lib/receive/handler.ts';
import { verifyTencent } from '../lib/vendors/tencent/verify.ts';

/** Verifies a callback and stores it in the queue. */
export const handler = createIngestHandler({ name: 'tencent', vendor: 'tencent', verify: verifyTencent });
