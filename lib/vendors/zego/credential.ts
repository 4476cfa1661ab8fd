import type { CredentialForm } from '../../callback/callback.ts';
import { parseZegoBody } from './body.ts';
import { saysNothingOfState } from './parse.ts';

/** In every callback that says something of state. */
const SECONDS = /^[1-9]\d{9}$/;

/** In the families whose pages say so, such as AI Agent and speech recognition, which say nothing of state. */
const MILLISECONDS = /^[1-9]\d{12}$/;

/**
 * The timestamp is Unix time in seconds, in some families in ms. Nonce and timestamp are sorted before they are joined,
 * so another split has its timestamp at either end, or is the nonce where the secret is in between.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback
 */
export const zegoCredential: CredentialForm = {
  isTimestamp(timestamp, bytes) {
    if (SECONDS.test(timestamp)) return true;
    const body = parseZegoBody(bytes);
    return body !== undefined && saysNothingOfState(body) && MILLISECONDS.test(timestamp);
  },
  otherTimestamps(nonce, timestamp) {
    const joined = nonce < timestamp ? nonce + timestamp : timestamp + nonce;
    const ends = [10, 13].flatMap((length) => [joined.slice(0, length), joined.slice(-length)]);
    return [nonce, ...ends].filter((split) => SECONDS.test(split) || MILLISECONDS.test(split));
  },
};
