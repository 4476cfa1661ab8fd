import { createIngestHandler } from '../lib/ingest-handler.ts';
import { verifyZego } from '../lib/vendors/zego/signature.ts';

export const handler = createIngestHandler({ name: 'zego', vendor: 'zego', verify: verifyZego });
