import { forEachConcurrently } from '../platform/concurrency.ts';
import { field, parseJson, text } from '../platform/json.ts';
import { describeError, type Log } from '../platform/log.ts';
import { type WebhookKeys, webhookHeaders } from './signature.ts';

/** The pause before the second attempt, in s; four times as long before each further one. */
const FIRST_DELAY_SECONDS = 5;
const LONGEST_DELAY_SECONDS = 4 * 60 * 60;

/** How long the receiver may take to answer, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** A change event in the queue. */
export interface QueuedChangeEvent {
  messageId: string;
  receiptHandle: string;
  /** The change event as JSON, which is what is signed and sent. */
  body: string;
  /** How often it was taken out of the queue, this time included. */
  attempt: number;
}

/** What delivering needs. */
export interface WebhookServices {
  /** The keys; none where messages go unsigned. */
  keys(): Promise<WebhookKeys>;
  /** Lets a message reappear after so many seconds; what comes of it changes nothing. */
  delay(receiptHandle: string, seconds: number): Promise<unknown>;
  log: Log;
  now(): number;
}

/**
 * Posts events, each on its own, and returns the ids of the messages that were not answered with 2xx: these come
 * again, later each time. Never throws.
 */
export async function deliverChangeEvents(
  events: readonly QueuedChangeEvent[],
  url: string,
  services: WebhookServices,
): Promise<string[]> {
  const keys = await services.keys();
  const failed: string[] = [];
  await forEachConcurrently(events, events.length, async (event) => {
    const startedAt = services.now();
    const failure = keys.ok ? await post(event, url, keys.keys, startedAt) : keys.reason;
    const parsed = parseJson(event.body);
    services.log(failure === undefined ? 'info' : 'warn', 'webhook', {
      messageId: event.messageId,
      eventId: text(field(parsed, 'id')),
      type: text(field(parsed, 'type')),
      verdict: failure === undefined ? 'delivered' : 'retry',
      reason: failure,
      attempt: event.attempt,
      durationMs: services.now() - startedAt,
    });
    if (failure === undefined) return;
    failed.push(event.messageId);
    await services.delay(event.receiptHandle, retryDelaySeconds(event.attempt));
  });
  return failed;
}

/** How long after a failed attempt, counted from 1, the next one is made: 5 s, 20 s, 80 s, … 4 h. */
export function retryDelaySeconds(attempt: number): number {
  return Math.min(FIRST_DELAY_SECONDS * 4 ** (attempt - 1), LONGEST_DELAY_SECONDS);
}

/** Why the receiver has not taken the event; `undefined` when it has. */
async function post(
  { messageId, body }: QueuedChangeEvent,
  url: string,
  keys: readonly Buffer[],
  now: number,
): Promise<string | undefined> {
  const id = text(field(parseJson(body), 'id')) ?? messageId;
  const signed = webhookHeaders({ id, timestamp: Math.floor(now / 1000), body }, keys);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', ...signed },
      body,
      // A signed message goes to the receiver that was chosen, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `answered ${response.status}`;
  } catch (error) {
    return connectionFailure(error);
  }
}

/** `fetch` hides the reason in its error's cause. */
function connectionFailure(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code ?? (error instanceof Error ? error.name : describeError(error));
}
