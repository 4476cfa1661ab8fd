import { Agent, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { buffer, text } from 'node:stream/consumers';

/** A service that the gateway passes requests on to. */
export interface Upstream {
  /** Such as `http://127.0.0.1:40123`. */
  origin: string;
  /** Changes the answers to the operations that it names. */
  rewrite?: { operations: readonly string[]; body(answer: string): string };
}

/** Passes requests on, over kept connections. */
export interface ServiceProxy {
  /** Answers with what the upstream answers to the request at its root; 502 when it cannot be reached. */
  forward(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

/** Creates the proxy of one upstream. */
export function createServiceProxy(upstream: Upstream): ServiceProxy {
  const agent = new Agent({ keepAlive: true });

  /** Headers are kept as they are, only the framing is new. */
  function ask(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { connection, 'transfer-encoding': _, ...headers } = request.headers;
    return new Promise((resolve, reject) => {
      send(upstream.origin, {
        agent,
        method: request.method,
        headers: { ...headers, 'content-length': body.byteLength },
      })
        .on('response', resolve)
        .on('error', reject)
        .end(body);
    });
  }

  return {
    async forward(request, response) {
      // A client that goes away must not take the upstream's request with it: dynalite throws when a request
      // is cut off, which would end this process. Hence the body is read first and the answer always awaited.
      const body = await buffer(request);
      let answer: IncomingMessage;
      try {
        answer = await ask(request, body);
      } catch (error) {
        response.writeHead(502).end(String(error));
        return;
      }
      const { connection, 'keep-alive': _, 'transfer-encoding': __, ...headers } = answer.headers;
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      if (upstream.rewrite?.operations.includes(operation)) {
        const rewritten = Buffer.from(upstream.rewrite.body(await text(answer)));
        response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': rewritten.byteLength });
        response.end(rewritten);
        return;
      }
      response.writeHead(answer.statusCode ?? 502, headers);
      answer.on('error', () => response.destroy()).pipe(response);
    },
    close: () => agent.destroy(),
  };
}
