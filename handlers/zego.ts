import { createIngestHandler } from '../lib/receive/handler.ts';
import { verifyZego } from '../lib/vendors/zego/verify.ts';

/** Verifies a callback and stores it in the queue. */
export const handler = createIngestHandler({ name: 'zego', vendor: 'zego', verify: verifyZego });
