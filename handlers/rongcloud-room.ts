import { createIngestHandler } from '../lib/ingest-handler.ts';
import { verifyRongcloud } from '../lib/vendors/rongcloud/signature.ts';

export const handler = createIngestHandler({
  name: 'rongcloud-room',
  vendor: 'rongcloud',
  verify: verifyRongcloud,
});
