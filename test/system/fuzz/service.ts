import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request that a service got. */
export interface ServiceRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What a service answers; `hang up` ends the connection instead. */
export type ServiceAnswer = { status: number; headers?: Record<string, string>; body?: string } | 'hang up';

/** Starts an HTTP service on loopback, in place of one that a function calls; returns its origin. */
export async function startService(answer: (request: ServiceRequest) => ServiceAnswer): Promise<string> {
  const server = createServer(async (request, response) => {
    const { url: path = '', headers } = request;
    const answered = answer({ path, headers, body: await buffer(request) });
    if (answered === 'hang up') request.socket.destroy();
    else response.writeHead(answered.status, answered.headers).end(answered.body);
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
