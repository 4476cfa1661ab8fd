import { createHmac } from 'node:crypto';
import type { ParameterFailure } from '../platform/aws/cached-parameter.ts';

const SECRET_PREFIX = 'whsec_';

/** The secrets that messages are signed with, or why there are none. */
export type WebhookKeys = { ok: true; keys: readonly Buffer[] } | ParameterFailure;

/**
 * Reads one or more secrets, `whsec_` and base64 each, separated by white space. While a secret is replaced, the old
 * and the new one sign, and the receiver may know either. The reason quotes nothing of them.
 */
export function webhookKeys(text: string): WebhookKeys {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  if (secrets.length === 0) return { ok: false, reason: 'there is no webhook secret' };
  const keys: Buffer[] = [];
  for (const [index, secret] of secrets.entries()) {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    if (!secret.startsWith(SECRET_PREFIX) || key.length === 0)
      return {
        ok: false,
        reason: `webhook secret ${index + 1} is not ${SECRET_PREFIX} with base64 behind it`,
      };
    keys.push(key);
  }
  return { ok: true, keys };
}

/** A message of an id, as it is sent at a time. */
export interface WebhookMessage {
  id: string;
  /** Unix time in seconds. */
  timestamp: number;
  body: string;
}

/**
 * The headers of Standard Webhooks: a receiver checks them with any of its libraries. Without keys, a message is
 * sent without a signature.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookHeaders(
  { id, timestamp, body }: WebhookMessage,
  keys: readonly Buffer[],
): Record<string, string> {
  const content = `${id}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  };
}
