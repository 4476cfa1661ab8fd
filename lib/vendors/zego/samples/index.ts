import type { JsonObject } from '../../../platform/json.ts';
import type { SourceSamples, VendorSamples } from '../../common/sample.ts';
import { zegoSignature } from '../verify.ts';
import { agentSamples } from './agent.ts';
import { liveSamples } from './live.ts';
import { mediaSamples } from './media.ts';
import { playerSamples } from './player.ts';
import { cloudRecordingSamples } from './recording.ts';

/** The events whose time of sending is a number, not text. */
const NUMERIC_TIMESTAMP = /^(room_create|room_close|censor_.*)$/;

/** A bare number on the wire, with more digits than one can have here; only where the room is created or closed. */
const ROOM_SESSION_ID = /^(.*"event":"room_c(?:reate|lose)".*"room_session_id":)"(\d+)"/;

/** The vendor signs inside the body, with capitals where the name of the event has them. */
const service = {
  sign(body, { secret, now, nonce }) {
    const timestamp = String(Math.floor(now / 1000));
    const signature = zegoSignature(secret, timestamp, nonce);
    const sentTimestamp = NUMERIC_TIMESTAMP.test(eventOf(body)) ? Number(timestamp) : timestamp;
    const credentials = isCapitalised(body)
      ? { Timestamp: sentTimestamp, Nonce: nonce, Signature: signature }
      : { timestamp: sentTimestamp, nonce, signature };
    const text = JSON.stringify({ ...body, ...credentials }).replace(ROOM_SESSION_ID, '$1$2');
    return { headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  },
} satisfies Partial<SourceSamples>;

/** Samples of https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback */
export const zegoSamples: SourceSamples = {
  ...service,
  name: 'zego',
  appId: '12345',
  events: {
    ...mediaSamples,
    ...liveSamples,
    ...playerSamples,
    ...agentSamples,
    'unknown-event': (appid) => ({ appid, event: 'something_new', room_id: 'room1' }),
  },
  variants: {
    'percent-encoded': ({ headers, body }) => ({
      headers,
      body: Buffer.from(encodeURIComponent(body.toString('utf8'))),
    }),
    form: ({ body }) => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(new URLSearchParams(JSON.parse(body.toString('utf8'))).toString()),
    }),
  },
};

/** Samples of https://www.zegocloud.com/docs/cloud-recording-server/recording-status-callback */
export const zegoRecordingSamples: SourceSamples = {
  ...service,
  name: 'zego-recording',
  appId: '1234567890',
  events: cloudRecordingSamples,
};

export const samples: VendorSamples = {
  secrets: {
    1: ['secret'],
    12345: ['secret'],
    111111: ['secret'],
    1234567890: ['secret'],
    123456789: ['secret'],
  },
  sources: [zegoSamples, zegoRecordingSamples],
};

function isCapitalised(body: JsonObject): boolean {
  return 'Event' in body || 'EventType' in body;
}

function eventOf({ event, Event }: JsonObject): string {
  return String(event ?? Event ?? '');
}
