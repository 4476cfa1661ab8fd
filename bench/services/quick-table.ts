import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/*
 * Answers every write of the DynamoDB protocol at once as if it had been made, and keeps nothing: for what the function
 * itself takes, however many callbacks there are. Prints its port.
 */

const server = createServer(async (request, response) => {
  const { ReturnValues, ExpressionAttributeValues } = JSON.parse(await text(request));
  // Without these the consumer would have to find out whether they need to be corrected.
  const keys = ['roomKey', 'place', 'placeAt'].map((name) => [name, ExpressionAttributeValues?.[`:${name}`]]);
  const Attributes = ReturnValues === 'UPDATED_NEW' ? Object.fromEntries(keys) : undefined;
  const answer = JSON.stringify({ Attributes });
  response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0', 'Content-Length': answer.length });
  response.end(answer);
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.on('disconnect', () => process.exit());
