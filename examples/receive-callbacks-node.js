// Receives the callbacks of all three vendors with nothing but Node.js 22 or newer:
//
//   npm install rtc-callbacks
//   export CALLBACK_SECRETS='{"tencent":{"1400000000":["callback key"]}}'
//   node receive-callbacks-node.js

import { appendFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { parseCallback, SOURCES } from 'rtc-callbacks/parse';
import { verifyCallback } from 'rtc-callbacks/verify';

const FILE = process.env.CALLBACK_FILE ?? 'callbacks.jsonl';
const LARGEST_BODY_BYTES = 1024 * 1024;

const secrets = JSON.parse(process.env.CALLBACK_SECRETS ?? '{}');

const server = createServer(async (request, response) => {
  // Every other status than 200 has the vendor send again. A request that breaks off ends here, too.
  const status = await receive(request).catch((error) => {
    console.error(error);
    return 503;
  });
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code: status === 200 ? 0 : status }));
});

async function receive(request) {
  const url = new URL(`http://localhost${request.url}`);
  const source = SOURCES.find(({ path }) => path === url.pathname);
  if (source === undefined) return 404;
  // Some consoles try the URL before they save it.
  if (request.method === 'GET' || request.method === 'HEAD') return 200;

  const body = await readBody(request);
  if (body === undefined) return 413;
  const receivedAt = Date.now();
  const result = verifyCallback({
    vendor: source.vendor,
    method: request.method,
    headers: request.headers,
    query: url.searchParams,
    body,
    secrets: secrets[source.vendor] ?? {},
    now: receivedAt,
  });
  if (!result.ok) {
    console.log(`${source.name}: refused, ${result.reason}`);
    return 401;
  }

  // Stored before it is acknowledged: the vendor does not send again what was answered with 200.
  const { appId, signature, timestamp } = result;
  const stored = { source: source.name, appId, receivedAt, signature, body: body.toString('base64') };
  await appendFile(FILE, `${JSON.stringify(stored)}\n`, { flush: true });

  const parsed = parseCallback({ source: source.name, body, appId, receivedAt, signedAt: timestamp });
  if (!parsed.ok) console.log(`${source.name}: stored, but not understood: ${parsed.reason}`);
  else console.log(`${source.name}: ${parsed.event.type}`, parsed.observations);
  return 200;
}

/** The bytes as they came over the wire, which are what is signed; `undefined` where no callback is so large. */
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= LARGEST_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log('listening', server.address());
});
