import { Agent, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { KEY_HEADER } from './embedded.ts';

/** A service that the gateway passes requests on to. */
export interface Upstream {
  /** Such as `http://127.0.0.1:40123`. */
  origin: string;
  /** What the service asks for in `KEY_HEADER`. */
  key?: string;
  /** Keeps the path after this prefix, and every method; absent where each request is a `POST` to the root. */
  prefix?: string;
  /** Changes the answers to the operations that it names. */
  rewrite?: { operations: readonly string[]; body(answer: string): string };
  /** Is asked instead of the upstream, and asks that itself once; for what has to be done before and after. */
  around?: (request: UpstreamRequest, body: Buffer, ask: Ask) => Promise<IncomingMessage>;
}

/** What an upstream gets of a request besides its body. */
export type UpstreamRequest = Pick<IncomingMessage, 'method' | 'headers'> & { path?: string };

/** Sends a request, whose body was read before, to its path, else the upstream's root. Rejects when it cannot be reached. */
export type Ask = (request: UpstreamRequest, body: Buffer) => Promise<IncomingMessage>;

/** Passes requests on, over kept connections. */
export interface ServiceProxy {
  /** Whether it takes requests of every method, and not `POST` alone. */
  takesEveryMethod?: boolean;
  /** Answers with what the upstream answers to the request; 502 when it cannot be reached. */
  forward(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

/** The connections to an upstream, which are kept. */
export interface UpstreamConnections {
  ask: Ask;
  close(): void;
}

/** Connects to a service on demand. `origin` is such as `http://127.0.0.1:40123`, `key` what it asks for. */
export function connectUpstream(origin: string, key?: string): UpstreamConnections {
  const agent = new Agent({ keepAlive: true });
  return {
    ask(request, body) {
      // Headers are kept as they are, only the framing is new.
      const { connection, 'transfer-encoding': _, ...headers } = request.headers;
      return new Promise((resolve, reject) => {
        send(origin, {
          agent,
          method: request.method,
          path: request.path ?? new URL(origin).pathname,
          headers: {
            ...headers,
            'content-length': body.byteLength,
            ...(key === undefined ? {} : { [KEY_HEADER]: key }),
          },
        })
          .on('response', resolve)
          .on('error', reject)
          .end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** The operation of a request in an AWS service's JSON protocol, such as `SendMessage`; empty when it names none. */
export function operationOf(request: UpstreamRequest): string {
  return (
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? ''
  );
}

/** The headers of an upstream's answer, without those that are of the connection that it came over. */
export function answerHeaders(answer: IncomingMessage): IncomingMessage['headers'] {
  const { connection, 'keep-alive': _, 'transfer-encoding': __, ...headers } = answer.headers;
  return headers;
}

/** Creates the proxy of one upstream. */
export function createServiceProxy(upstream: Upstream): ServiceProxy {
  const connections = connectUpstream(upstream.origin, upstream.key);
  const answerTo: Ask = (request, body) =>
    upstream.around?.(request, body, connections.ask) ?? connections.ask(request, body);
  const pathOf = ({ url = '' }: IncomingMessage) =>
    upstream.prefix === undefined ? '/' : url.slice(upstream.prefix.length) || '/';
  return {
    takesEveryMethod: upstream.prefix !== undefined,
    async forward(request, response) {
      // A client that goes away must not take the upstream's request with it: dynalite throws when a request
      // is cut off, which would end this process. Hence the body is read first and the answer always awaited.
      const body = await buffer(request);
      let answer: IncomingMessage;
      try {
        const { method, headers } = request;
        answer = await answerTo({ method, headers, path: pathOf(request) }, body);
      } catch (error) {
        response.writeHead(502).end(String(error));
        return;
      }
      const headers = answerHeaders(answer);
      if (upstream.rewrite?.operations.includes(operationOf(request))) {
        const rewritten = Buffer.from(upstream.rewrite.body(await text(answer)));
        response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': rewritten.byteLength });
        response.end(rewritten);
        return;
      }
      response.writeHead(answer.statusCode ?? 502, headers);
      answer.on('error', () => response.destroy()).pipe(response);
    },
    close: connections.close,
  };
}
