import type { ReadParameter } from '../platform/aws/parameter.ts';
import { type WebhookKeys, webhookKeys } from './signature.ts';

/** How long keys are used before they are read again, in ms. */
const TIME_TO_LIVE_MS = 5 * 60_000;

/**
 * Reads the webhook's keys, and keeps them for five minutes; no keys where nothing is to be read, for messages that
 * go unsigned. `now` gives Unix time in ms.
 */
export function cachedKeys(
  read: ReadParameter | undefined,
  now: () => number = Date.now,
): () => Promise<WebhookKeys> {
  let last: { keys: WebhookKeys; readAt: number } | undefined;
  return async () => {
    if (read === undefined) return { ok: true, keys: [] };
    if (last?.keys.ok && now() - last.readAt < TIME_TO_LIVE_MS) return last.keys;
    const answer = await read();
    const keys = answer.ok ? webhookKeys(answer.body) : answer;
    last = { keys, readAt: now() };
    return keys;
  };
}
