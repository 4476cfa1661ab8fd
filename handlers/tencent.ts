import { createIngestHandler } from '../lib/ingest-handler.ts';
import { verifyTencent } from '../lib/vendors/tencent/signature.ts';

export const handler = createIngestHandler({ name: 'tencent', vendor: 'tencent', verify: verifyTencent });
