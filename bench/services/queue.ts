import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Answers `SendMessage` of the AWS JSON protocol at once and keeps nothing: it must be faster than everything that
 * is measured against it. Prints its port. `GET /` returns the last request, which the floor sends again.
 */

let last = { headers: {}, body: '' };

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(last));
    return;
  }
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    last = { headers: request.headers, body };
    const { MessageBody } = JSON.parse(body) as { MessageBody: string };
    const answer = JSON.stringify({
      MessageId: randomUUID(),
      // The SDK refuses an answer without it.
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    });
    response.writeHead(200, {
      'Content-Type': 'application/x-amz-json-1.0',
      'Content-Length': answer.length,
    });
    response.end(answer);
  });
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.on('disconnect', () => process.exit());
