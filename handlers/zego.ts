import { createIngestHandler } from '../lib/receive/handler.ts';
import { verifyZego } from '../lib/vendors/zego/verify.ts';

/** Verifies a callback of the source that the variable `SOURCE` names, and stores it in the queue. */
export const handler = createIngestHandler('zego', verifyZego);
