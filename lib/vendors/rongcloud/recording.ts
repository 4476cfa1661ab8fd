import { mediaParser } from './media.ts';

/** Cloud Recording: https://docs.rongcloud.io/server-rtc-api/record/callback */
export const parseRecording = mediaParser({ kind: 'recording', taskIdField: 'recordId' });
