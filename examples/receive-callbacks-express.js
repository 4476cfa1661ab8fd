// Receives the callbacks of all three vendors with Express:
//
//   npm install rtc-callbacks express
//   export CALLBACK_SECRETS='{"tencent":{"1400000000":["callback key"]}}'
//   node receive-callbacks-express.js

import { appendFile } from 'node:fs/promises';
import express from 'express';
import { parseCallback, SOURCES } from 'rtc-callbacks/parse';
import { verifyCallback } from 'rtc-callbacks/verify';

const FILE = process.env.CALLBACK_FILE ?? 'callbacks.jsonl';

const secrets = JSON.parse(process.env.CALLBACK_SECRETS ?? '{}');
const app = express();

// The bytes as they came over the wire are what is signed. `app.use(express.json())` has to come after these routes:
// it takes the bytes away, and JSON that is written again has another signature.
const rawBody = express.raw({ type: () => true, limit: '1mb', inflate: false });

for (const { name, vendor, path } of SOURCES) {
  // Some consoles try the URL before they save it.
  app.get(path, (_request, response) => {
    response.json({ code: 0 });
  });

  // Express answers 500 where the promise rejects, and the vendor sends again.
  app.post(path, rawBody, async (request, response) => {
    const { headers, query } = request;
    // Express has no Buffer for an empty body.
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const receivedAt = Date.now();
    const result = verifyCallback({
      vendor,
      headers,
      query,
      body,
      secrets: secrets[vendor] ?? {},
      now: receivedAt,
    });
    if (!result.ok) {
      console.log(`${name}: refused, ${result.reason}`);
      response.status(401).json({ code: 401 });
      return;
    }

    // Stored before it is acknowledged: the vendor does not send again what was answered with 200.
    const { appId, signature, timestamp } = result;
    const stored = { source: name, appId, receivedAt, signature, body: body.toString('base64') };
    await appendFile(FILE, `${JSON.stringify(stored)}\n`, { flush: true });
    response.json({ code: 0 });

    const parsed = parseCallback({ source: name, body, appId, receivedAt, signedAt: timestamp });
    if (!parsed.ok) console.log(`${name}: stored, but not understood: ${parsed.reason}`);
    else console.log(`${name}: ${parsed.event.type}`, parsed.observations);
  });
}

const server = app.listen(Number(process.env.PORT ?? 8080), () => {
  console.log('listening', server.address());
});
