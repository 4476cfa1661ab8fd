import { mediaParser } from './media.ts';

/** Cloud Screenshot: https://docs.rongcloud.io/server-rtc-api/screenshot/callback */
export const parseScreenshot = mediaParser({ kind: 'screenshot', taskIdField: 'imageId' });
