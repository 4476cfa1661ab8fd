import type { JsonObject } from '../../../platform/json.ts';
import type { SourceSamples, VendorSamples } from '../../common/sample.ts';
import { tencentSignature } from '../verify.ts';
import {
  CONTENT_UNDERSTANDING,
  OTHER,
  RECORDING,
  RELAY,
  ROOM_AND_MEDIA,
  SCREENSHOTS,
  SLICING,
  STREAM_INGEST,
  WEB_RECORDING,
} from './events.ts';

/** Samples of every event group, which all arrive on one route. */
export const tencentSamples: SourceSamples = {
  name: 'tencent',
  appId: '1400000000',
  events: {
    ...SCREENSHOTS,
    ...ROOM_AND_MEDIA,
    ...RECORDING,
    ...WEB_RECORDING,
    ...RELAY,
    ...STREAM_INGEST,
    ...SLICING,
    ...CONTENT_UNDERSTANDING,
    ...OTHER,
  },
  sign(body, { appId, secret }) {
    const bytes = Buffer.from(tabbed(body));
    const headers = {
      'content-type': 'application/json',
      SdkAppId: appId,
      Sign: tencentSignature(secret, bytes),
    };
    return { headers, body: bytes };
  },
};

export const samples: VendorSamples = { secrets: { 1400000000: ['123654'] }, sources: [tencentSamples] };

/** The vendor's style: indented by tabs, and a tab after each colon. */
function tabbed(body: JsonObject): string {
  return JSON.stringify(body, null, '\t').replace(/^(\t*"[^"]*":) /gm, '$1\t');
}
