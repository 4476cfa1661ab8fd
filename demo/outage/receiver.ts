import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { webhookHeaders } from '../../lib/webhook/signature.ts';
import type { ChangeEvent } from '../../types/index.d.ts';

/** How old a message may be, in seconds; an older one may be a replay. */
const TOLERANCE_SECONDS = 5 * 60;

/** A receiver of webhooks, as a user of the service would have one. */
export interface Receiver {
  url: string;
  /** The events, in the order in which they came. */
  events: ChangeEvent[];
  /** How many requests were not signed as they should be. */
  refused(): number;
  close(): void;
}

/** Starts a receiver on a free port that takes what is signed with `key`, by the rules of Standard Webhooks. */
export async function startReceiver(key: Buffer): Promise<Receiver> {
  const events: ChangeEvent[] = [];
  let refused = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const isGenuine = verifies(request.headers, body, key);
    if (isGenuine) events.push(JSON.parse(body) as ChangeEvent);
    else refused += 1;
    response.writeHead(isGenuine ? 204 : 401).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    events,
    refused: () => refused,
    close: () => server.close().closeAllConnections(),
  };
}

function verifies(headers: IncomingHttpHeaders, body: string, key: Buffer): boolean {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - timestamp) <= TOLERANCE_SECONDS)) return false;
  const message = { id: String(headers['webhook-id']), timestamp, body };
  const expected = Buffer.from(webhookHeaders(message, [key])['webhook-signature'] ?? '');
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
