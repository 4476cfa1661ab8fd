import { createIngestHandler } from '../lib/ingest-handler.ts';
import { verifyTencent } from '../lib/vendors/tencent/signature.ts';

/** Verifies a callback and stores it in the queue. */
export const handler = createIngestHandler({ name: 'tencent', vendor: 'tencent', verify: verifyTencent });
