// Receives the change events that rtc-callbacks posts to `webhookUrl`:
//
//   npm install rtc-callbacks standardwebhooks
//   WEBHOOK_SECRET=whsec_… node receive-change-events.js

import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '');

/**
 * The `sequence` of the latest event of each subject; in a real receiver beside what it says, in one transaction.
 * @type {Map<string, string>}
 */
const latest = new Map();

const server = createServer(async (request, response) => {
  // What is not answered with 2xx is posted again for 30 hours.
  const status = await receive(request).catch((error) => {
    console.error(error);
    return 503;
  });
  response.writeHead(status).end();
});

async function receive(request) {
  if (request.method !== 'POST') return 405;
  const body = await buffer(request);
  try {
    // Over the bytes as they came, not over JSON that is written again.
    /** @type {any} */
    const event = webhook.verify(body, request.headers);
    handle(event);
    return 204;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return 401;
    throw error;
  }
}

/**
 * Events come at least once and in any order: one that is not later than what is known changes nothing.
 * @param {import('rtc-callbacks').ChangeEvent} event
 */
function handle(event) {
  const key = `${event.source} ${event.subject}`;
  if (event.sequence <= (latest.get(key) ?? '')) return;
  latest.set(key, event.sequence);
  // What `data` says is the whole state after the change: no earlier event is needed.
  const { type, data } = event;
  if ('file' in data) console.log(`${type}: ${data.file.name} is ${data.file.status}`);
  else console.log(`${type}: ${event.subject}`);
}

server.listen(Number(process.env.PORT ?? 8081), () => {
  console.log('listening', server.address());
});
