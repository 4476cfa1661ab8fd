import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isAdmitted } from './admission.ts';
import { FunctionTimeoutError } from './function-runtime.ts';
import { answerOf, type GatewayAnswer, messageAnswer } from './gateway-answer.ts';
import { connectionOf, eventOf } from './gateway-event.ts';
import type { ServiceProxy } from './proxy.ts';
import { createRouter, type RouteMatch } from './routes.ts';
import type { RouteDefinition } from './template.ts';

/** An HTTP API's limit. */
const MAXIMUM_BODY_BYTES = 10 * 1024 * 1024;

/** A route and the function behind it. */
export interface GatewayRoute extends RouteDefinition {
  /** Throws `FunctionTimeoutError` when the function does not answer in time. */
  invoke(event: APIGatewayProxyEventV2): Promise<unknown>;
}

/** The local stand-in for an HTTP API, which also gives the embedded services one common port. */
export interface Gateway {
  port: number;
  /** Such as `http://127.0.0.1:3000`. */
  url: string;
  /** Passes requests to `prefix` and below it, such as a queue's URL, on to a service. */
  proxy(prefix: string, proxy: ServiceProxy): void;
  /** Begins to answer at these routes; until then, everything but the proxies answers 503. */
  serve(routes: readonly GatewayRoute[]): void;
  /** Answers 503 again and resolves when no function is at work on a request any more. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, for this machine only (`isAdmitted`); port 0 takes a free one. `log` gets why functions failed. */
export async function openGateway(port: number, log: (line: string) => void): Promise<Gateway> {
  type Router = (method: string, path: string) => RouteMatch<GatewayRoute> | undefined;
  let router: Router | undefined;
  const proxies = new Map<string, ServiceProxy>();
  const active = new Set<Promise<unknown>>();

  const server = createServer((request, response) => {
    void handle(request, response).catch((error) => {
      // Nobody is left to be answered when the client went away.
      if (!response.destroyed) log(`gateway: ${(error as Error).stack}`);
      response.destroy();
    });
  });
  // Node's 5 s would close a client's kept connection just when it is used again.
  server.keepAliveTimeout = 75_000;
  await listen();
  const address = server.address() as AddressInfo;

  async function listen(): Promise<void> {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
      const reason = code === 'EACCES' ? 'may not be used' : 'is in use';
      throw new Error(`Port ${port} ${reason}. Set PORT to another one, or to 0 for any free one.`, {
        cause: error,
      });
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAdmitted(request.headers, address.port)) {
      // The body is not read: the connection cannot be used again.
      const refusal = messageAnswer(403, 'Forbidden');
      return send(response, { ...refusal, headers: { ...refusal.headers, connection: 'close' } });
    }
    const [target = '', query = ''] = splitOnce(request.url ?? '', '?');
    const proxied = proxyFor(target);
    if (proxied !== undefined && (request.method === 'POST' || proxied.takesEveryMethod))
      return proxied.forward(request, response);
    const answering = answerRequest(request, target, query).then((answer) => send(response, answer));
    active.add(answering);
    try {
      await answering;
    } finally {
      active.delete(answering);
    }
  }

  function proxyFor(path: string): ServiceProxy | undefined {
    for (const [prefix, proxy] of proxies) {
      if (path === prefix || path.startsWith(`${prefix}/`)) return proxy;
    }
    return undefined;
  }

  async function answerRequest(
    request: IncomingMessage,
    target: string,
    query: string,
  ): Promise<GatewayAnswer> {
    if (router === undefined) return messageAnswer(503, 'Service Unavailable');
    const path = decodePath(target);
    if (path === undefined) return messageAnswer(400, 'Bad Request');
    const match = router(request.method ?? '', path);
    if (match === undefined) return messageAnswer(404, 'Not Found');
    const body = await readBody(request);
    if (body === undefined) return messageAnswer(413, 'Request Entity Too Large');
    const { route, pathParameters } = match;
    const { routeKey } = route;
    const requestId = randomUUID();
    const connection = connectionOf(request, body.byteLength);
    const receivedAt = Date.now();
    return invoke(
      route,
      eventOf({ ...connection, routeKey, pathParameters, path, query, body, requestId, receivedAt }),
    );
  }

  async function invoke(route: GatewayRoute, event: APIGatewayProxyEventV2): Promise<GatewayAnswer> {
    try {
      return answerOf(await withTimeout(route.invoke(event), route.timeoutMs));
    } catch (error) {
      log(`${route.routeKey}: ${(error as Error).message}`);
      return error instanceof FunctionTimeoutError
        ? messageAnswer(503, 'Service Unavailable')
        : messageAnswer(500, 'Internal Server Error');
    }
  }

  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    proxy: (prefix, proxy) => void proxies.set(prefix, proxy),
    serve: (routes) => {
      router = createRouter(routes);
    },
    drain: async () => {
      router = undefined;
      await Promise.allSettled(active);
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      for (const proxy of proxies.values()) proxy.close();
      await once(server, 'close');
    },
  };
}

/** Resolves when the answer is on its way. */
async function send(response: ServerResponse, { status, headers, body }: GatewayAnswer): Promise<void> {
  response.writeHead(status, { ...headers, 'content-length': body.byteLength }).end(body);
  await finished(response);
}

function splitOnce(value: string, separator: string): [before: string, after?: string] {
  const index = value.indexOf(separator);
  return index < 0 ? [value] : [value.slice(0, index), value.slice(index + 1)];
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** `undefined` when the body is too large; it is read to its end even so, or the client would miss the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= MAXIMUM_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAXIMUM_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

async function withTimeout<Value>(work: Promise<Value>, timeoutMs: number): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new FunctionTimeoutError(`No answer within ${timeoutMs / 1000} seconds.`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
