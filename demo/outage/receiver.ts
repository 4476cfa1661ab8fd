import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { ChangeEvent } from '../../types/index.d.ts';

/** A receiver of webhooks, as a user of the service would have one. */
export interface Receiver {
  url: string;
  /** The events, in the order in which they came. */
  events: ChangeEvent[];
  /** How many requests were not signed as they should be. */
  refused(): number;
  close(): void;
}

/** Starts a receiver on a free port that takes what is signed with `secret` (`whsec_…`). */
export async function startReceiver(secret: string): Promise<Receiver> {
  const webhook = new Webhook(secret);
  const events: ChangeEvent[] = [];
  let refused = 0;
  const server = createServer(async (request, response) => {
    try {
      const headers = request.headers as Record<string, string>;
      events.push(webhook.verify(await text(request), headers) as ChangeEvent);
      response.writeHead(204).end();
    } catch {
      refused += 1;
      response.writeHead(401).end();
    }
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
