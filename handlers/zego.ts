import { createIngestHandler } from '../lib/ingest-handler.ts';
import { verifyZego } from '../lib/vendors/zego/signature.ts';

/** Verifies a callback and stores it in the queue. */
export const handler = createIngestHandler({ name: 'zego', vendor: 'zego', verify: verifyZego });
