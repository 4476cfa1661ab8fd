import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { answerHeaders, connectUpstream, operationOf } from '../../stack/proxy.ts';

/**
 * What goes wrong with a request; in the brackets, whether the service did what was asked.
 *
 * - `{ delayMs }`: the request reaches the service only after so many ms (done)
 * - `drop before`: the connection is reset instead (not done)
 * - `drop after`: the connection is reset instead of the answer (done)
 * - `stall before`, `stall after`: no answer until the client goes away (not done, done)
 * - `half answer`: the connection ends in the middle of the answer (done)
 * - `500`, `503`: the service's own errors of these statuses (not done)
 * - `throttle`: the service's own error (not done): RequestThrottled of SQS, else ThrottlingException
 * - `throughput`: DynamoDB's ProvisionedThroughputExceededException (not done)
 */
export type Fault =
  | { delayMs: number }
  | 'drop before'
  | 'drop after'
  | 'stall before'
  | 'stall after'
  | 'half answer'
  | '500'
  | '503'
  | 'throttle'
  | 'throughput';

/** A request on its way to the service. */
export interface ProxiedRequest {
  /** Such as `SendMessage` or `UpdateItem`. */
  operation: string;
  /** The JSON document, as text. */
  body: string;
}

/** A proxy in front of an embedded AWS service. */
export interface FaultProxy {
  /** What clients use as the service's endpoint, such as `http://127.0.0.1:40124`; any path leads to its root. */
  origin: string;
  /** Ends it and all its connections, also those that stall. The service goes on. */
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free loopback port, in front of the service at `upstream` (`http://127.0.0.1:<port>`).
 * `faultOf` is asked once for each request, an SDK's retries included, and chooses what goes wrong with it:
 * nothing where it answers `undefined`. A promise holds the request back until it is settled.
 */
export async function startFaultProxy(
  upstream: string,
  faultOf: (request: ProxiedRequest) => Fault | undefined | Promise<Fault | undefined>,
): Promise<FaultProxy> {
  const connections = connectUpstream(upstream);
  const asked = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    // A client that went away before its answer is the ordinary end of a fault.
    handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // dynalite ends its process when a request is cut off: it gets whole requests, and its answers are awaited.
    const body = await buffer(request);
    const fault = await faultOf({ operation: operationOf(request), body: body.toString('utf8') });
    if (fault === 'drop before') return reset(request);
    if (fault === 'stall before') return;
    const error = errorOf(fault, String(request.headers['x-amz-target'] ?? ''));
    if (error !== undefined) return answerError(response, error);
    if (typeof fault === 'object') await setTimeout(fault.delayMs);

    // The stack serves requests to its own address only.
    request.headers.host = new URL(upstream).host;
    const asking = ask(request, body);
    asked.add(asking);
    const { answer, content } = await asking.finally(() => asked.delete(asking));
    if (fault === 'drop after') return reset(request);
    if (fault === 'stall after') return;
    const headers = { ...answerHeaders(answer), 'content-length': content.byteLength };
    response.writeHead(answer.statusCode ?? 502, headers);
    if (fault === 'half answer')
      response.write(content.subarray(0, content.byteLength / 2), () => reset(request));
    else response.end(content);
  }

  async function ask(request: IncomingMessage, body: Buffer) {
    const answer = await connections.ask(request, body);
    return { answer, content: await buffer(answer) };
  }

  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      // Cut off, dynalite would go on and throw where it was closed meanwhile.
      await Promise.allSettled(asked);
      connections.close();
    },
  };
}

function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

/** An error in an AWS service's JSON protocol. */
interface ServiceError {
  status: number;
  /** With the namespace, as on the wire. */
  type: string;
}

/** `target` is the `X-Amz-Target` of the request. */
function errorOf(fault: Fault | undefined, target: string): ServiceError | undefined {
  const namespace = target.startsWith('AmazonSQS') ? 'com.amazonaws.sqs' : 'com.amazonaws.dynamodb.v20120810';
  switch (fault) {
    case '500':
      return { status: 500, type: `${namespace}#InternalServerError` };
    case '503':
      return { status: 503, type: 'com.amazon.coral.availability#ServiceUnavailable' };
    case 'throughput':
      return { status: 400, type: `${namespace}#ProvisionedThroughputExceededException` };
    case 'throttle':
      return target.startsWith('AmazonSQS')
        ? { status: 400, type: `${namespace}#RequestThrottled` }
        : { status: 400, type: 'com.amazon.coral.availability#ThrottlingException' };
    default:
      return undefined;
  }
}

function answerError(response: ServerResponse, { status, type }: ServiceError): void {
  const body = Buffer.from(JSON.stringify({ __type: type, message: 'a planned fault' }));
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.byteLength };
  response.writeHead(status, headers).end(body);
}
